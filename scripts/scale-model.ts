/**
 * What many channels need, computed from what few of them cost. Prints the tables of docs/scale.md; with `--write` brings them
 * up to date there. Every input can be given: `--cpuMsPerStreamSecond 2`. With `--measure`, what a fragment takes in
 * PostgreSQL is measured first.
 *
 *     npm run scale-model -- [--measure] [--write] [--INPUT NUMBER]...
 */
import { parseArgs } from 'node:util';
import { markdownTable, updatePage } from './bench/page.ts';
import { INPUTS, type Inputs, inputNames } from './scale/inputs.ts';
import { modelTable, thresholds } from './scale/model.ts';
import { measureRowBytes } from './scale/row-bytes.ts';

function given(texts: Readonly<Record<string, unknown>>): Inputs {
  const values = Object.fromEntries(inputNames().map((name) => [name, Number(texts[name] ?? INPUTS[name].value)]));
  for (const [name, value] of Object.entries(values)) {
    if (!(value >= 0)) throw new Error(`--${name} must be a number`);
  }
  // The cast: every input has got a number.
  return values as Inputs;
}

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

const options = Object.fromEntries(inputNames().map((name) => [name, { type: 'string' as const }]));
const { values } = parseArgs({
  options: Object.assign(options, { measure: { type: 'boolean' as const }, write: { type: 'boolean' as const } }),
});
const { measure, write, ...texts }: Record<string, unknown> = values;
const measured = measure === true ? await measureRowBytes() : {};
const text = page(given(Object.assign(measured, texts)));
console.log(text);
if (write === true) updatePage('scale-model', text, 'scale.md');
