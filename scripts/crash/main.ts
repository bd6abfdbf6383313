/**
 * Kills the built emulator under load, at random times and at every step of every effect, starts it again, and holds what
 * is there against what its clients were told (docs/invariants.md). Prints the seed; the same seed makes the same choices.
 *
 *     npm run crash -- [--rounds 500] [--seed N] [--jobs 2]
 */
import { count, readOptions, seed } from '../support/command-line.ts';
import { campaign, type Round } from './campaign.ts';
import { Random } from './random.ts';
import { STEPS } from './steps.ts';

interface Tally {
  rounds: number;
  violations: number;
  orphans: number;
  readonly kills: Map<string, number>;
}

async function main(): Promise<void> {
  const options = readOptions(import.meta.url, { rounds: count(500), seed: seed(1_000_000), jobs: count(2) });
  const { rounds, jobs } = options;
  console.log(`seed       ${options.seed}`);
  const startedMs = performance.now();
  const tally: Tally = { rounds: 0, violations: 0, orphans: 0, kills: new Map() };
  await Promise.all(Array.from({ length: jobs }, (_, job) => work(job, rounds, jobs, options.seed, tally)));
  report(tally, (performance.now() - startedMs) / 1000);
  process.exitCode = tally.violations + tally.orphans === 0 && tally.rounds === rounds ? 0 : 1;
}

/** Each job has folders and choices of its own. */
async function work(job: number, rounds: number, jobs: number, seed: number, tally: Tally): Promise<void> {
  const own = Math.floor(rounds / jobs) + (job < rounds % jobs ? 1 : 0);
  for await (const round of campaign(own, new Random(seed * 1000 + job))) {
    add(tally, round);
    const { number, kill, violations, orphans, folder } = round;
    for (const violation of violations)
      console.log(`VIOLATION  job ${job}, round ${number}, ${kill}: ${violation} (${folder})`);
    for (const orphan of orphans) console.log(`ORPHAN     job ${job}, round ${number}, ${kill}: ${orphan} (${folder})`);
    if (tally.rounds % 25 === 0) console.log(`round      ${tally.rounds}`);
  }
}

function add(tally: Tally, { kill, violations, orphans }: Round): void {
  tally.rounds += 1;
  tally.violations += violations.length;
  tally.orphans += orphans.length;
  tally.kills.set(kill, (tally.kills.get(kill) ?? 0) + 1);
}

function report({ rounds, violations, orphans, kills }: Tally, seconds: number): void {
  for (const [kill, times] of [...kills].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(`killed     ${String(times).padStart(4)} ${kill}`);
  }
  const missed = STEPS.filter((step) => !kills.has(step));
  if (missed.length > 0) console.log(`not killed at ${missed.join(', ')}`);
  console.log(`\n${rounds} rounds in ${seconds.toFixed(0)} s: ${violations} violations, ${orphans} orphans`);
}

await main();
