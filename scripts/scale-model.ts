/**
 * What many channels need, computed from what few of them cost. Prints the tables of docs/scale.md; with `--write` brings them
 * up to date there. Every input can be given: `--cpuMsPerStreamSecond 2`. With `--measure`, what a fragment takes in
 * PostgreSQL is measured first.
 *
 *     npm run scale-model -- [--measure] [--write] [--INPUT NUMBER]...
 */
import { markdownTable, updatePage } from './bench/page.ts';
import { INPUTS, type Inputs, inputNames } from './scale/inputs.ts';
import { modelTable, thresholds } from './scale/model.ts';
import { measureRowBytes } from './scale/row-bytes.ts';
import { amount, described, flag, type Option, readOptions } from './support/command-line.ts';

function page(inputs: Inputs): string {
  const rows = inputNames().map((name) => [
    `\`${name}\``,
    String(inputs[name]),
    INPUTS[name].unit,
    INPUTS[name].origin,
  ]);
  return [
    markdownTable(['Input', 'Value', 'Unit', 'Where it is from'], rows),
    modelTable(inputs, [10_000, 1_000_000]),
    thresholds(inputs),
  ].join('\n\n');
}

const inputOptions: Readonly<Record<string, Option<number | undefined>>> = Object.fromEntries(
  inputNames().map((name) => [name, described(INPUTS[name].origin, amount(undefined))]),
);
const switches = {
  measure: flag('Measure first what a fragment takes in PostgreSQL'),
  write: flag('Write the tables into docs/scale.md'),
};
const { measure, write, ...read } = readOptions(import.meta.url, Object.assign(switches, inputOptions));
const measured: Partial<Inputs> = measure ? await measureRowBytes() : {};
const values = inputNames().map((name) => [name, read[name] ?? measured[name] ?? INPUTS[name].value]);
// The cast: every input has got a number.
const text = page(Object.fromEntries(values) as Inputs);
console.log(text);
if (write) updatePage('scale-model', text, 'scale.md');
