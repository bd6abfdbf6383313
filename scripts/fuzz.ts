/**
 * Ten million malformed inputs for all code that reads bytes from the network, in a separate process: it must throw
 * only documented errors, return soon, and keep no memory. Prints the seed; the same seed gives the same inputs.
 *
 *     npm run fuzz -- [--inputs 10000000] [--seed N] [--only rtmp,amf0]
 */
import { fork } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededRandom } from './fuzz/mutate.ts';
import { FUZZ_TARGETS, type FuzzTarget } from './fuzz/targets.ts';

/** An input takes a few microseconds; the limit allows for a machine that swaps. */
const MAX_BATCH_MS = 30_000;
const BATCH_INPUTS = 10_000;
/** Above the variation from garbage; memory that is kept would be many times this after a million inputs. */
const MAX_GROWTH_BYTES = 64 * 2 ** 20;

/** The message of the child after each batch. */
interface Progress {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
}

async function fuzz(targets: readonly FuzzTarget[], firstSeed: number, inputs: number): Promise<void> {
  const batches = Math.ceil(inputs / BATCH_INPUTS);
  let baselineBytes: number | undefined;
  for (let batch = 0; batch < batches; batch++) {
    const target = targets[batch % targets.length];
    if (!target) return;
    const seed = firstSeed + batch;
    process.send?.({ target: target.name, seed, inputs: batch * BATCH_INPUTS } satisfies Progress);
    runBatch(target, seed);
    // Work that the inputs have started ends before memory is measured.
    await setImmediate();
    if (batch % 100 !== 99) continue;
    const bytes = usedBytes();
    baselineBytes ??= bytes;
    if (bytes - baselineBytes > MAX_GROWTH_BYTES) {
      throw new Error(`${((bytes - baselineBytes) / 2 ** 20).toFixed(0)} MiB were kept after ${batch} batches`);
    }
  }
}

function runBatch(target: FuzzTarget, seed: number): void {
  const random = seededRandom(seed);
  for (let input = 0; input < BATCH_INPUTS; input++) {
    try {
      target.run(random);
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

/** Runs the same command as a child and ends it when it sends no message for too long. */
function watch(argv: readonly string[]): void {
  const child = fork(fileURLToPath(import.meta.url), [...argv, '--child'], {
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  let latest: Progress | undefined;
  const hang = () => {
    console.error(`hangs: ${latest?.target}, seed ${latest?.seed}`);
    child.kill('SIGKILL');
  };
  let watchdog = setTimeout(hang, MAX_BATCH_MS);
  child.on('message', (progress: Progress) => {
    latest = progress;
    clearTimeout(watchdog);
    watchdog = setTimeout(hang, MAX_BATCH_MS);
    if (progress.inputs % 1_000_000 === 0 && progress.inputs > 0)
      console.log(`${progress.inputs / 1e6} million inputs`);
  });
  child.on('exit', (code, signal) => {
    clearTimeout(watchdog);
    if (code === 0) console.log('no crash, no hang, no memory kept');
    else console.error(`ended with ${signal ?? code}`);
    process.exitCode = code === 0 ? 0 : 1;
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '10000000' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      only: { type: 'string', default: '' },
      child: { type: 'boolean', default: false },
    },
  });
  const { inputs, seed, only } = values;
  const names = only.split(',').filter((name) => name !== '');
  const targets = FUZZ_TARGETS.filter(({ name }) => names.length === 0 || names.includes(name));
  if (targets.length === 0)
    throw new RangeError(`--only must be some of ${FUZZ_TARGETS.map(({ name }) => name).join()}`);
  if (values.child) {
    await fuzz(targets, Number(seed), Number(inputs));
    return;
  }
  console.log(`${inputs} inputs for ${targets.map(({ name }) => name).join(', ')}; seed ${seed}`);
  watch(['--inputs', inputs, '--seed', seed, '--only', only]);
}

await main();
