import { expect, it } from 'vitest';
import {
  amount,
  choice,
  count,
  counts,
  flag,
  helpOf,
  names,
  type Option,
  parseOptions,
  positive,
  seed,
  text,
  typedCommand,
} from '../../scripts/support/command-line.ts';

const SERVERS = ['this emulator, mpeg-ts', 'this emulator, ffmpeg', 'SRS'];

const OPTIONS = {
  rounds: count(3),
  publishers: counts([1, 10]),
  seconds: positive(undefined),
  ramp: amount(1),
  only: names(SERVERS, 'part'),
  target: names(['rtmp', 'rtmp-chunks']),
  signature: choice(['v1', 'v4'], 'v4'),
  to: text('FOLDER', 'standalone'),
  seed: seed(1),
  write: flag('Write it'),
};

it('options have their values, and the defaults of those that are not given', () => {
  expect(parseOptions([], OPTIONS).values).toEqual({
    rounds: 3,
    publishers: [1, 10],
    seconds: undefined,
    ramp: 1,
    only: SERVERS,
    target: ['rtmp', 'rtmp-chunks'],
    signature: 'v4',
    to: 'standalone',
    seed: 0,
    write: false,
  });
  const line =
    '--rounds 12 --publishers 1,60 --seconds 0.5 --ramp 0 --only mpeg-ts,SRS --target rtmp --signature v1 --to a --seed 0 --write';
  expect(parseOptions(line.split(' '), OPTIONS).values).toEqual({
    rounds: 12,
    publishers: [1, 60],
    seconds: 0.5,
    ramp: 0,
    only: ['this emulator, mpeg-ts', 'SRS'],
    target: ['rtmp'],
    signature: 'v1',
    to: 'a',
    seed: 0,
    write: true,
  });
});

const COUNT = 'a whole number of at least 1';
const COUNTS = 'whole numbers of at least 1 with commas between them';

it.each([
  ...['x', '0', '-1', '1.5', '', ' ', '1e3', '0x10', 'NaN', 'Infinity', '99999999999'].map((value) => ({
    args: [`--rounds=${value}`],
    says: `--rounds must be ${COUNT}, not "${value}".`,
  })),
  ...['x', '0', '1,,2', '1,x', ',', '', '1,0'].map((value) => ({
    args: [`--publishers=${value}`],
    says: `--publishers must be ${COUNTS}, not "${value}".`,
  })),
  ...['x', '0', '0.0', '-1', '', '1s'].map((value) => ({
    args: [`--seconds=${value}`],
    says: `--seconds must be a number above 0, not "${value}".`,
  })),
  ...['x', '-1', ''].map((value) => ({
    args: [`--ramp=${value}`],
    says: `--ramp must be a number of at least 0, not "${value}".`,
  })),
  ...['mpegts', 'SRS,', '', 'SRS,x'].map((value) => ({
    args: [`--only=${value}`],
    says: `--only must be parts of the names "this emulator, mpeg-ts", "this emulator, ffmpeg", "SRS", not "${value}".`,
  })),
  { args: ['--target', 'rtm'], says: '--target must be some of "rtmp", "rtmp-chunks", not "rtm".' },
  { args: ['--signature', 'V4'], says: '--signature must be one of v1, v4, not "V4".' },
  { args: ['--to='], says: '--to must be a text that is not empty, not "".' },
  { args: ['--seed', '-5'], says: /^--seed/ },
  { args: ['--seed', 'x'], says: '--seed must be a whole number, not "x".' },
  { args: ['--round', '3'], says: 'Unknown option --round (did you mean --rounds?); see --help.' },
  { args: ['--rounds'], says: '--rounds needs a value; see --help.' },
  { args: ['--write=no'], says: '--write takes no value; see --help.' },
  { args: ['3'], says: 'Unknown argument "3"; see --help.' },
])('$args is refused', ({ args, says }) => {
  expect(() => parseOptions(args, OPTIONS)).toThrow(says);
});

it('operands are taken where there may be some', () => {
  expect(parseOptions(['a', '--write', 'b'], { write: OPTIONS.write }, 'FOLDER').operands).toEqual(['a', 'b']);
});

it('the help is the comment at the head, and all options', () => {
  const source = `/**\n * Measures.\n *\n *     npm run x -- [--rounds 3]\n */\nimport a from 'a';\n/** Something else. */\n`;
  const options: Record<string, Option<unknown>> = { rounds: OPTIONS.rounds, write: OPTIONS.write };
  expect(helpOf(source, options).split('\n')).toEqual([
    'Measures.',
    '',
    '    npm run x -- [--rounds 3]',
    '',
    expect.stringMatching(/^ {2}--rounds N +a whole number of at least 1 \[3\]$/),
    expect.stringMatching(/^ {2}--write +Write it$/),
  ]);
  expect(helpOf('/** Builds. */\n', {})).toBe('Builds.');
});

it.each([
  { script: 'scripts/bench-ingest.ts', args: [], command: 'npm run bench:ingest' },
  {
    script: 'scripts/bench-ingest.ts',
    args: ['--only', 'mpeg-ts,nginx', '--against', '/a b/dist', '--write'],
    command: "npm run bench:ingest -- --only mpeg-ts,nginx --against '/a b/dist' --write",
  },
  { script: 'scripts/crash/main.ts', args: ['--seed', "it's"], command: "npm run crash -- --seed 'it'\\''s'" },
  { script: 'scripts/make-fixtures.ts', args: ['--x'], command: 'npx tsx scripts/make-fixtures.ts --x' },
])('the command of a report is the one that was typed: $command', ({ script, args, command }) => {
  const path = new URL(`../../${script}`, import.meta.url).pathname;
  expect(typedCommand(path, args)).toBe(command);
});
