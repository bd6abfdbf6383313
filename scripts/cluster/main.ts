/**
 * Several nodes of the built emulator on a private PostgreSQL and a private store, behind HAProxy, with pushes, players and
 * calls. In each round a node is killed and started again, another one is stopped for longer than its leases and continued,
 * PostgreSQL is restarted and the store is stopped; then an auditor holds playlists, index and bytes against what clients were
 * told. With `--networks` each node has a network of its own, and one that is neither killed nor stopped is cut off for longer than its
 * leases: that needs root, `ip` and `nft`. Prints the seed; the same seed makes the same choices.
 *
 *     npm run cluster -- [--nodes 3] [--rounds 20] [--pushes 60] [--seed N] [--networks]
 */
import { Random } from '../crash/random.ts';
import { count, flag, readOptions, seed } from '../support/command-line.ts';
import { campaign } from './campaign.ts';

/** What a round may take: start, quiet times, faults, recovery and an audit, on a machine with other work. */
const ROUND_LIMIT_MS = 300_000;

async function main(): Promise<void> {
  const values = readOptions(import.meta.url, {
    nodes: count(3),
    rounds: count(20),
    pushes: count(60),
    seed: seed(1_000_000),
    networks: flag('Each node has a network of its own'),
  });
  const { nodes, rounds, pushes } = values;
  console.log(`seed       ${values.seed}`);
  const startedMs = performance.now();
  const limit = setTimeout(() => give(`no end in ${rounds} times ${ROUND_LIMIT_MS} ms`), (rounds + 1) * ROUND_LIMIT_MS);
  let done = 0;
  const random = new Random(values.seed);
  for await (const round of campaign({ nodes, rounds, pushes, random, hasNetworks: values.networks })) {
    const { number, faults, violations, reconnects, longestGapMs, longestWaitMs, fragments, logs } = round;
    console.log(
      `round      ${number}: ${reconnects} reconnects, after ${longestGapMs} ms at most (${longestWaitMs} ms with all faults); ${fragments} fragments so far`,
    );
    for (const fault of faults) console.log(`             ${fault}`);
    for (const violation of violations) console.log(`VIOLATION  seed ${values.seed}, round ${number}: ${violation}`);
    if (logs !== undefined) {
      console.log(`logs       ${logs}`);
      process.exitCode = 1;
      break;
    }
    done = number;
  }
  clearTimeout(limit);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  console.log(`\n${done} of ${rounds} rounds without a violation, in ${seconds} s`);
}

/** The processes that were started end with this one. */
function give(reason: string): never {
  console.log(reason);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => give(signal));
await main();
