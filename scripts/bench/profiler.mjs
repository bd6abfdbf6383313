/**
 * Loaded before the program that is profiled, as `--import file:///.../profiler.mjs?to=FOLDER`. At the first SIGUSR2 V8's CPU
 * profiler starts and `FOLDER/started.json` is made; at the second one it stops, and what it saw is in `FOLDER/stopped.json`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Each sample interrupts the thread, and wakes it when it sleeps. */
const INTERVAL_US = 1_000;

const folder = new URL(import.meta.url).searchParams.get('to');
const session = new Session();

async function start() {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
  write('started.json', {});
}

async function stop() {
  write('stopped.json', await session.post('Profiler.stop'));
}

/** Whole or not at all: somebody waits for it. */
function write(name, content) {
  writeFileSync(join(folder, 'draft'), JSON.stringify(content));
  renameSync(join(folder, 'draft'), join(folder, name));
}

process.once('SIGUSR2', () => {
  process.once('SIGUSR2', () => void stop());
  void start();
});
