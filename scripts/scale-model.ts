/**
 * What many channels need, computed from what few of them cost. Prints the tables of docs/scale.md; with `--write` brings them
 * up to date there. Every input can be given: `--cpuMsPerStreamSecond 2`. With `--measure`, what a fragment takes in the
 * metadata is measured first, in a database of 100,000 fragments.
 *
 *     npm run scale-model -- [--measure] [--write] [--INPUT NUMBER]...
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdownTable } from './bench/page.ts';
import { fillDataFolder } from './bench/scale-contents.ts';
import { INPUTS, type Inputs, inputNames } from './scale/inputs.ts';
import { modelTable, thresholds } from './scale/model.ts';

const PAGE = fileURLToPath(new URL('../docs/scale.md', import.meta.url));
const MEASURED_FRAGMENTS = 100_000;
const BEGIN = '<!-- scale-model -->';
const END = '<!-- /scale-model -->';

/** Bytes of SQLite for the rows of a fragment and its object, and their indices. */
async function measuredBytesPerFragment(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'scale-model-'));
  try {
    const sizeOf = async (name: string, fragments: number) => {
      const own = mkdtempSync(join(folder, name));
      await fillDataFolder(own, { channels: 1_000, fragments, versions: 2 });
      return statSync(join(own, 'metadata.sqlite')).size;
    };
    return Math.round(((await sizeOf('full', MEASURED_FRAGMENTS)) - (await sizeOf('empty', 1))) / MEASURED_FRAGMENTS);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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
const measured = measure === true ? { sqliteBytesPerFragment: await measuredBytesPerFragment() } : {};
const text = page(given(Object.assign(measured, texts)));
console.log(text);
if (write === true) {
  const old = readFileSync(PAGE, 'utf8');
  const before = old.slice(0, old.indexOf(BEGIN) + BEGIN.length);
  writeFileSync(PAGE, `${before}\n\n${text}\n\n${old.slice(old.indexOf(END))}`);
}
