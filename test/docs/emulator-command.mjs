// The command of the package for blocks of the documents. A start goes on in the background when its banner is there, so that the
// next line of the block can use it, and so do logs that are followed, when their first line is there; the process id is added to
// the file PIDS. Pushes are as fast as they can be.
import { spawn } from 'node:child_process';
import { appendFileSync, openSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

const { ROOT, PIDS } = process.env;
const given = process.argv.slice(2);
const isStart = given[0] === undefined || given[0].startsWith('-') || given[0] === 'start';
const isFollowing = given[0] === 'logs' && given.includes('--follow');
/** What it has said when the next line may be typed. */
const READY = isStart ? /^ {2}Play /m : /\n/;
const isQuestion = given.some((argument) => ['--help', '--version'].includes(argument));
const speed = given[0] === 'publish' && !given.includes('--speed') ? ['--speed', 'max'] : [];
const args = [
  '--import',
  join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'),
  join(ROOT, 'src/main.ts'),
  ...given,
  ...speed,
];

if (isQuestion || !(isStart || isFollowing)) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  child.on('close', (code) => process.exit(code ?? 1));
} else {
  // To a file: a pipe would be closed at the end of this process, and the emulator ended by its next line.
  const path = `${PIDS}-${process.pid}.log`;
  const output = openSync(path, 'w');
  const child = spawn(process.execPath, args, { stdio: ['ignore', output, output], detached: true });
  appendFileSync(PIDS, `${child.pid}\n`);
  const said = () => readFileSync(path, 'utf8');
  watch(path, () => {
    if (!READY.test(said())) return;
    process.stdout.write(said());
    process.exit(0);
  });
  child.on('close', (code) => {
    process.stderr.write(said());
    process.exit(code ?? 1);
  });
}
