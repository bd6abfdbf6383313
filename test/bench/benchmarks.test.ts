/** Every benchmark runs to its end, with the smallest counts: the figures say nothing, and all of them are there. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PART_NAMES } from '../../scripts/bench/ingest-parts.ts';
import { bundledCommand } from '../crash/bundled.ts';
import { POSTGRES } from '../support/postgres.ts';
import { describeWith, type Tool } from '../support/tools.ts';
import { BUILD_TIMEOUT_MS } from '../support/versitygw.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 120_000;

const program = bundledCommand();

interface Benchmark {
  /** `scripts/bench-<name>.ts`. */
  readonly name: string;
  readonly args: string;
  readonly tools: readonly Tool[];
  /** The headers of its tables, and how many rows each has. */
  readonly tables: readonly (readonly [columns: readonly string[], rows: number])[];
  /** Columns that may have no figure: the CPU clock counts in hundredths of a second. */
  readonly mayBeNothing?: readonly string[];
  /** What it says beside the tables. */
  readonly says?: readonly RegExp[];
}

const INGEST = '--only mpeg-ts,SRS,MediaMTX --warm-up 1 --seconds 1';

const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'ingest',
    args: `${INGEST} --publishers 1 --rounds 1`,
    tools: ['ffmpeg'],
    tables: [
      [
        [
          'Server',
          'Publishers',
          'CPU ms per stream-second',
          'Memory per stream',
          'Idle memory',
          'Accepted after (median, worst)',
          'First playlist after',
          'Latest fragment',
          'Last ones',
          'Dropped',
          'Pushes lost',
          'Fragments verified',
          'CPU ms of the load',
        ],
        1,
      ],
    ],
    says: [/^without SRS: give --srs PATH$/m, /^without MediaMTX: give --mediamtx PATH$/m],
  },
  {
    name: 'ingest',
    args: `${INGEST} --capacity --from 1 --most 1`,
    tools: ['ffmpeg'],
    tables: [
      [
        [
          'Server',
          'Pushes',
          'Limited by',
          'CPU of the server',
          'The load: CPU, late by',
          'Latest fragment',
          'REST p99',
        ],
        1,
      ],
    ],
    mayBeNothing: ['Limited by', 'CPU of the server', 'The load: CPU, late by', 'Latest fragment', 'REST p99'],
    says: [/^this emulator, mpeg-ts, 1 pushes: .*the load: \d+ % of a core, \d+ ms/m],
  },
  {
    name: 'profile',
    args: '--publishers 1,10 --warm-up 1 --seconds 6 --rounds 1',
    tools: ['ffmpeg'],
    tables: [
      [['Publishers', 'CPU ms per stream-second', 'user', 'system', 'main thread'], 2],
      [['Part', '1 publishers: CPU ms', 'share', '10 publishers: CPU ms', 'share'], PART_NAMES.length],
    ],
    // Some of each part on the way was seen, so the functions of the program were found in its sources.
    says: [/^\| RTMP: .*[1-9]/m, /^\| muxing to packets .*[1-9]/m, /^\| writing files .*[1-9]/m],
  },
  {
    name: 'rest',
    args: '--rounds 1 --seconds 1 --warm-up 0.2 --without-peers',
    tools: [],
    tables: [[['Operation', 'Server', 'Requests/s', 'p99', 'Requests per CPU second'], 5]],
  },
  {
    name: 'start',
    args: '--rounds 1 --resets 2 --without-peers',
    tools: [],
    tables: [[['', 'median', 'slowest percent', 'ratio to this emulator, in process'], 5]],
  },
  {
    name: 'nodes',
    args: '--pushes 1 --warm-up 1 --seconds 7 --rounds 1',
    tools: [POSTGRES, 'go', 'haproxy', 'taskset', 'ffmpeg'],
    tables: [
      [
        [
          'Nodes',
          'Pushes',
          'CPU ms per stream-second: nodes',
          'PostgreSQL',
          'store',
          'haproxy',
          'Transactions per fragment',
        ],
        2,
      ],
    ],
    says: [/^Two nodes carry [\d.]+ times the pushes of one/m, /, PostgreSQL \d+\.\d+, versitygw \d.*, haproxy \d/],
  },
  {
    name: 'scale',
    args: '--rounds 1 --share 0.05 --channels 1100 --fragments 87000 --versions 1100 --expired 300 --quiet 1',
    tools: [],
    tables: [
      [
        [
          'CPU time per request',
          '1,000 channels, 86,400 fragments, 1,000 versions',
          '1,100 channels, 87,000 fragments, 1,100 versions',
          'Ratio',
        ],
        15,
      ],
      [
        [
          '',
          'Time',
          'Longest turn, CPU time',
          'Longest delay of the event loop',
          'Request, median',
          'Slowest request',
          'Requests',
        ],
        2,
      ],
    ],
    mayBeNothing: ['Ratio'],
  },
  {
    name: 'watch',
    args: '--viewers 1,2 --seconds 1 --rounds 1 --joins 1 --pictures 3 --clip 2 --settle 0',
    tools: ['ffmpeg', 'chromium'],
    tables: [
      [
        [
          'Viewers',
          'CPU of the emulator',
          'CPU of the viewers',
          'Packets per second',
          'CPU per packet',
          'Sent',
          'Lost',
          'Jitter (median, worst)',
        ],
        2,
      ],
      [['In Chromium', 'median', '95th percentile'], 4],
    ],
  },
  {
    name: 'live',
    args: '--rounds 2 --calls 50 --slices 2000',
    tools: [],
    tables: [[['', 'CPU time'], 2]],
    says: [/, 2 rounds \(in parentheses: their range, as a share of the median\), /, /\| [\d.]+ ms \(\d+ %\) \|/],
  },
  {
    name: 'xml',
    args: '--rounds 1',
    tools: [],
    tables: [[['Document', 'ours, median', 'longest', 'xml2js, median', 'ratio'], 6]],
  },
];

it('each benchmark is below, and a command of the package', () => {
  const files = readdirSync(join(REPOSITORY, 'scripts')).flatMap((name) => /^bench-(.*)\.ts$/.exec(name)?.[1] ?? []);
  expect([...new Set(BENCHMARKS.map(({ name }) => name))].sort()).toEqual(files.sort());
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  for (const name of files) expect(scripts[`bench:${name}`]).toContain(`tsx scripts/bench-${name}.ts`);
});

for (const { name, args, tools, tables, mayBeNothing = [], says = [] } of BENCHMARKS) {
  describeWith(tools, `bench:${name} ${args}`, () => {
    const timeoutMs = tools.includes('go') ? BUILD_TIMEOUT_MS + TIMEOUT_MS : TIMEOUT_MS;
    it('prints its tables, and by what they were made', { timeout: timeoutMs }, async () => {
      const output = await run(name, args.split(' '));
      for (const text of [new RegExp(`\\d{4}-\\d{2}-\\d{2}, \`npm run bench:${name}.*\`, \\d+ rounds?`), ...says]) {
        expect(output).toMatch(text);
      }
      expect(output).toContain(`Node ${process.versions.node}`);
      const printed = tablesIn(output);
      expect(printed.map(({ columns }) => columns)).toEqual(tables.map(([columns]) => columns));
      expect(printed.map(({ rows }) => rows.length)).toEqual(tables.map(([, rows]) => rows));
      for (const { columns, rows } of printed) {
        for (const row of rows) expect(withoutFigure(columns, row, mayBeNothing)).toEqual([]);
      }
    });
  });
}

/** @throws Error with its output when it fails */
async function run(name: string, args: readonly string[]): Promise<string> {
  const script = join('scripts', `bench-${name}.ts`);
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, BENCH_PROGRAM: program.path },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${output}`);
  return output;
}

interface PrintedTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function tablesIn(output: string): readonly PrintedTable[] {
  const cellsOf = (line: string) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim());
  return [...output.matchAll(/^\|.*\|\n\| ---.*\|\n((?:\|.*\|\n?)*)/gm)].map(([text, body = '']) => ({
    columns: cellsOf(text.slice(0, text.indexOf('\n'))),
    rows: body.trim().split('\n').map(cellsOf),
  }));
}

/** The columns of a row, after the first, that have no figure. */
function withoutFigure(columns: readonly string[], row: readonly string[], mayBeNothing: readonly string[]): string[] {
  const isText = (title: string) => ['Server', ...mayBeNothing].includes(title);
  const lacks = (cell = '') => !/\d/.test(cell) || /NaN|Infinity|undefined|null/.test(cell);
  return columns.slice(1).filter((title, index) => !isText(title) && lacks(row[index + 1]));
}
