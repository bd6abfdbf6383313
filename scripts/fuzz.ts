/**
 * Ten million malformed inputs for each target: all code that reads what strangers send. Each runs in a process of its own
 * and must throw only documented errors, do a bounded amount of work for each input, return soon, and keep no memory. Prints
 * the seed; the same seed gives the same inputs.
 *
 *     npm run fuzz -- [--inputs 10000000] [--seed N] [--only rtmp,amf0] [--jobs 1]
 */
import { fork } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FuzzTarget } from './fuzz/fuzz-target.ts';
import { randomBelow } from './fuzz/mutate.ts';
import { FUZZ_TARGETS } from './fuzz/targets.ts';
import { count, flag, names, readOptions, seed } from './support/command-line.ts';

/** An input takes a few microseconds; the limit allows for a machine that swaps. */
const MAX_BATCH_MS = 30_000;
const BATCH_INPUTS = 10_000;
/** Above the variation from garbage; memory that is kept would be many times this after a million inputs. */
const MAX_GROWTH_BYTES = 64 * 2 ** 20;
const BATCHES_PER_MEASUREMENT = 100;

/** The message of the child before each batch. */
interface Progress {
  readonly seed: number;
}

interface Run {
  readonly inputs: number;
  readonly seed: number;
}

async function fuzz(target: FuzzTarget, { inputs, seed: firstSeed }: Run): Promise<void> {
  let baselineBytes: number | undefined;
  for (let batch = 0; batch * BATCH_INPUTS < inputs; batch++) {
    const seed = firstSeed + batch;
    process.send?.({ seed } satisfies Progress);
    await runBatch(target, seed, Math.min(BATCH_INPUTS, inputs - batch * BATCH_INPUTS));
    // Work that the inputs have started ends before memory is measured.
    await setImmediate();
    if (batch % BATCHES_PER_MEASUREMENT !== BATCHES_PER_MEASUREMENT - 1) continue;
    const bytes = usedBytes();
    baselineBytes ??= bytes;
    if (bytes - baselineBytes > MAX_GROWTH_BYTES) {
      throw new Error(`${((bytes - baselineBytes) / 2 ** 20).toFixed(0)} MiB were kept after ${batch} batches`);
    }
  }
}

async function runBatch(target: FuzzTarget, seed: number, inputs: number): Promise<void> {
  const random = randomBelow(seed);
  for (let input = 0; input < inputs; input++) {
    try {
      const running = target.run(random);
      if (running) await running;
    } catch (error) {
      throw new Error(`${target.name}, seed ${seed}, input ${input}`, { cause: error });
    }
  }
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Fuzzes one target in a child, and ends it when it sends no message for too long. Resolves to whether all went well. */
function watch({ name }: FuzzTarget, { inputs, seed }: Run): Promise<boolean> {
  const argv = ['--child', '--only', name, '--inputs', String(inputs), '--seed', String(seed)];
  const startedMs = performance.now();
  const child = fork(fileURLToPath(import.meta.url), argv, { execArgv: [...process.execArgv, '--expose-gc'] });
  let latestSeed = seed;
  const hang = () => {
    console.error(`${name} hangs, seed ${latestSeed}`);
    child.kill('SIGKILL');
  };
  // From the first batch on: on a busy machine the program is loaded for longer than a batch takes.
  let watchdog: NodeJS.Timeout | undefined;
  child.on('message', (progress: Progress) => {
    latestSeed = progress.seed;
    clearTimeout(watchdog);
    watchdog = setTimeout(hang, MAX_BATCH_MS);
  });
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearTimeout(watchdog);
      const perSec = Math.round(inputs / ((performance.now() - startedMs) / 1000));
      if (code === 0) console.log(`${name}: ${inputs} inputs, ${perSec}/s`);
      else console.error(`${name}: ended with ${signal ?? code}`);
      resolve(code === 0);
    });
  });
}

/** `jobs` targets at a time. Resolves to whether all went well. */
async function watchAll(targets: readonly FuzzTarget[], run: Run, jobs: number): Promise<boolean> {
  const waiting = [...targets];
  let isGood = true;
  const work = async () => {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      if (!(await watch(target, run))) isGood = false;
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return isGood;
}

async function main(): Promise<void> {
  const values = readOptions(import.meta.url, {
    inputs: count(10_000_000),
    seed: seed(2 ** 31),
    only: names(FUZZ_TARGETS.map(({ name }) => name)),
    jobs: count(1),
    child: flag('Without a process of its own'),
  });
  const run = { inputs: values.inputs, seed: values.seed };
  const targets = FUZZ_TARGETS.filter(({ name }) => values.only.includes(name));
  if (values.child) {
    for (const target of targets) await fuzz(target, run);
    return;
  }
  console.log(`${run.inputs} inputs each for ${targets.length} targets; seed ${run.seed}`);
  const isGood = await watchAll(targets, run, values.jobs);
  if (isGood) console.log('no crash, no hang, no memory kept');
  process.exitCode = isGood ? 0 : 1;
}

await main();
