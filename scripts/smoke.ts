/**
 * Installs the package as it would be published in an empty folder, with and without install scripts and optional parts, and uses
 * each: a push, its playlist, recordings of the past and the page, on any system and with the Node that runs this.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readOptions } from './support/command-line.ts';
import { installPacked, pack } from './support/packed.ts';

readOptions(import.meta.url, {});

const run = promisify(execFile);

/** Runs below `exec`, which gives it the address. */
const PROGRAM = `
const { OSS_LIVECHANNEL_URL: url, OSS_LIVECHANNEL_CONTROL_URL: control, OSS_BUCKET: bucket } = process.env;
const post = async (path, body) => {
  const answer = await fetch(control + path, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(path + ': ' + answer.status + ' ' + (await answer.text()));
};
await post('/publish', { channel: 'test-channel', speed: 'max' });
await fetch(control + '/events?type=publish.ended&waitMs=60000');
await post('/seed', { buckets: [{ name: 'past', channels: [{ name: 'c', recordings: [{ from: '-1h', to: '-1m' }] }] }] });
const playlist = await (await fetch(url + '/' + bucket + '/test-channel/playlist.m3u8')).text();
if (!/\\.ts$/m.test(playlist)) throw new Error('nothing was recorded: ' + playlist);
const page = await fetch(control + '/');
if (!page.ok || !(await page.text()).includes('main-')) throw new Error('the page is not there');
console.log('used ' + url);
`;

/** Node 20 has no SQLite of its own, so without the addon there is only a sentence. */
const needsAddon = process.versions.node.startsWith('20.');

const INSTALLATIONS = [
  { name: 'without-scripts', options: ['--ignore-scripts'], hasAddon: false },
  { name: 'without-parts', options: ['--omit=optional'], hasAddon: false },
  { name: 'with-everything', options: [], hasAddon: true },
];

async function use(main: string, program: string): Promise<void> {
  const doctor = await run(process.execPath, [main, 'doctor', '--memory', '--port', '0', '--rtmp-port', 'off']);
  console.log(doctor.stdout.trimEnd());
  const used = await run(process.execPath, [main, 'exec', '--', process.execPath, program]);
  if (!used.stdout.includes('used http')) throw new Error(`the program has not ended: ${used.stdout}${used.stderr}`);
  console.log(used.stdout.trimEnd());
}

const folder = await mkdtemp(join(tmpdir(), 'smoke-'));
try {
  const program = join(folder, 'program.mjs');
  await writeFile(program, PROGRAM);
  const { tarball } = await pack(folder);
  for (const { name, options, hasAddon } of INSTALLATIONS) {
    console.log(`${name}, Node ${process.versions.node}, ${process.platform}`);
    const installed = await installPacked(tarball, join(folder, name), options);
    const main = join(installed, 'dist/main.js');
    if (needsAddon && !hasAddon) console.log('not started: see the tests of the package');
    else await use(main, program);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
