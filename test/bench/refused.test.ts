/** What cannot be measured is not written: the pages stay as they are, and one sentence says why. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const PAGES = ['performance.md', 'scale.md'].map((name) => join(REPOSITORY, 'docs', name));
const TIMEOUT_MS = 60_000;

function run(name: string, args: string): Promise<{ code: unknown; stderr: string }> {
  const all = ['--import', 'tsx', join('scripts', `bench-${name}.ts`), ...args.split(' ')];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { cwd: REPOSITORY, timeout: TIMEOUT_MS }, (error, _, stderr) =>
      resolve({ code: error ? error.code : 0, stderr }),
    );
  });
}

it.concurrent.each([
  ...[
    ['ingest', '--only mpegts', /^--only must be parts of the names "this emulator, mpeg-ts", .*, not "mpegts"\.$/],
    ['ingest', '--only SRS --srs /not/there', '--srs must be the path of a program, not "/not/there".'],
    ['ingest', '--mediamtx /not/there', '--mediamtx must be the path of a program, not "/not/there".'],
    ['ingest', '--publishers x', /^--publishers must be whole numbers of at least 1 .*, not "x"\.$/],
    ['ingest', '--publishers 1,0', /^--publishers must be whole numbers of at least 1 .*, not "1,0"\.$/],
    ['ingest', '--capacity --from x', '--from must be a whole number of at least 1, not "x".'],
    ['ingest', '--capacity --from 0', '--from must be a whole number of at least 1, not "0".'],
    ['ingest', '--capacity --most 1.5', '--most must be a whole number of at least 1, not "1.5".'],
    ['ingest', '--rounds 0', '--rounds must be a whole number of at least 1, not "0".'],
    ['ingest', '--seconds 0', '--seconds must be a number above 0, not "0".'],
    ['rest', '--connections x', '--connections must be a whole number of at least 1, not "x".'],
    ['rest', '--against docs', /^--against must be the dist folder of a build, .*, not "docs"\.$/],
    ['start', '--resets 0', '--resets must be a whole number of at least 1, not "0".'],
    ['nodes', '--pushes x', '--pushes must be a whole number of at least 1, not "x".'],
    ['scale', '--channels 0', '--channels must be a whole number of at least 1, not "0".'],
    ['watch', '--viewers 0', /^--viewers must be whole numbers of at least 1 .*, not "0"\.$/],
    ['watch', '--seconds 0', '--seconds must be a number above 0, not "0".'],
    ...['ingest', 'start', 'rest', 'nodes', 'scale', 'watch', 'profile'].map((name) => [
      name,
      '--rounds 1',
      '--write needs --rounds 2 or more: one round says nothing about its spread.',
    ]),
    ['profile', '--publishers x', /^--publishers must be whole numbers of at least 1 .*, not "x"\.$/],
  ].map(([name = '', args = '', says = '']) => ({ name: String(name), args: `${args} --write`, code: 2, says })),
  { name: 'live', args: '--calls x', code: 2, says: '--calls must be a whole number of at least 1, not "x".' },
  { name: 'xml', args: '--rounds x', code: 2, says: '--rounds must be a whole number of at least 1, not "x".' },
  {
    name: 'ingest',
    args: '--only SRS --write',
    code: 1,
    says: 'bench:ingest is not written:\n- no server can be measured here\n- without SRS: give --srs PATH',
  },
  {
    name: 'ingest',
    args: '--only ffmpeg --publishers 900 --write',
    code: 1,
    says: 'bench:ingest is not written:\n- nothing was measured',
  },
])('bench:$name -- $args', { timeout: TIMEOUT_MS }, async ({ name, args, code, says }) => {
  const before = PAGES.map((page) => readFileSync(page, 'utf8'));
  const ended = await run(name, args);
  expect(ended.code).toBe(code);
  expect(ended.stderr.trimEnd()).toEqual(says instanceof RegExp ? expect.stringMatching(says) : says);
  expect(PAGES.map((page) => readFileSync(page, 'utf8'))).toEqual(before);
});
