/**
 * Writes docs/config.schema.json and docs/config.md from src/config/config.ts; with --check only reports whether they are up to
 * date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OPTIONS, type OptionSpec, optionNames } from '../src/config/config.ts';
import { CONFIG_FILE } from '../src/config/config-file.ts';
import { configSchema } from '../src/config/config-schema.ts';
import { flag, readOptions } from './support/command-line.ts';
import { linkedHelp } from './support/linked-help.ts';

const { check: isCheck } = readOptions(import.meta.url, { check: flag('Only say whether it is up to date') });

const INTRODUCTION = `# The configuration file

Generated from \`src/config/config.ts\` by \`npm run docs\`.

\`start\`, \`exec\` and \`doctor\` read \`${CONFIG_FILE}\` in the working folder or the nearest one above it; \`--config FILE\`
(\`OSS_LIVECHANNEL_CONFIG\`) names another one, \`--no-config\` reads none. The banner says which one was read. Commands that call a
running emulator take the port from it.

\`\`\`json
{
  "$schema": "./node_modules/oss-livechannel-emulator/docs/config.schema.json",
  "version": 1,
  "port": 9100,
  "dataDir": "./emulator-data",
  "buckets": ["media:public-read", "archive"],
  "channels": ["door"],
  "seed": "./seed.json"
}
\`\`\`

Flags come before variables, variables before the file, and the file before defaults: an option that is given twice is taken from
the first of these that has it, and lists are not joined. A switch that the file turns on is turned off by \`--memory=false\`. Whoever
gives \`--data-dir\` does not get the \`memory\` of the file. \`exec\` takes no ports, no data folder and no \`logLevel\` from the
file, so that a test does not disturb the emulator that people work with, and is not lost in its log. Paths are relative to the folder of the file.

What is not understood is refused with one sentence that names file and key: an unknown key, a key that is there twice, a value of
another type, a \`version\` that is newer than 1. The keys are those of \`startEmulator({ ... })\`, with values as the flags take them.
`;

function page(): string {
  const rows = optionNames().map((name) => {
    const { flag, argument, kind, words, repeatable, help }: OptionSpec<unknown> = OPTIONS[name];
    const one = { switch: 'true or false', number: 'number', text: 'text', path: 'path', program: 'name or path' }[
      kind
    ];
    const type = repeatable ? `list of ${one}s` : [one, ...(words ?? []).map((word) => `\`"${word}"\``)].join(' or ');
    return `| \`${name}\` | ${type} | \`--${flag}${argument ? ` ${argument}` : ''}\` | ${linkedHelp(help, '../README.md')} |`;
  });
  return `${[INTRODUCTION, '| Key | Value | Flag | |', '| --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}

const FILES = new Map([
  ['config.schema.json', `${JSON.stringify(configSchema(), undefined, 2)}\n`],
  ['config.md', page()],
]);

for (const [name, after] of FILES) {
  const path = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (!isCheck) writeFileSync(path, after);
  else if (after !== before) {
    console.error(`docs/${name} is out of date; run npm run docs.`);
    process.exitCode = 1;
  }
}
