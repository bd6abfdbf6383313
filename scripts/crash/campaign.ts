/** Rounds of load, kill, restart and audit, over folders that outlast several of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answerViolations, folderViolations, remainingOrphans, restartedFolderViolations } from './audit/auditor.ts';
import { type EmulatorProcess, type Exit, isRunning, startEmulator } from './emulator-process.ts';
import { Ledger } from './ledger.ts';
import { runLoad } from './load/load.ts';
import type { Random } from './random.ts';
import { STEPS, STEPS_OF_START } from './steps.ts';

/** A folder grows with every round, and the audit with it. */
const ROUNDS_PER_FOLDER = 8;
/** A kill at a random time falls into this time of the load. */
const LOAD_MS = { least: 100, most: 700 };
/** A step that is not reached within this time is a kill at that time. */
const STEP_WITHIN_MS = 2_000;
/** Steps are passed up to so often before the kill. */
const MAX_SKIP = 6;

export interface Round {
  readonly number: number;
  /** The step at which the process was killed, or `random time`. */
  readonly kill: string;
  readonly violations: readonly string[];
  readonly orphans: readonly string[];
  /** Of the first violation: the folder is kept. */
  readonly folder: string;
}

interface Site {
  readonly folder: string;
  readonly ledger: Ledger;
  roundsLeft: number;
}

/**
 * Yields every round. A folder in which nothing was violated is removed.
 * @param program `main.js` of the build that is killed
 */
export async function* campaign(rounds: number, random: Random, program?: string): AsyncGenerator<Round> {
  let site: Site | undefined;
  for (let number = 1; number <= rounds; number++) {
    site ??= { folder: await mkdtemp(join(tmpdir(), 'crash-')), ledger: new Ledger(), roundsLeft: ROUNDS_PER_FOLDER };
    const round = await oneRound(site, number, random, program);
    yield round;
    const isKept = round.violations.length + round.orphans.length > 0;
    if (!isKept && --site.roundsLeft > 0 && number < rounds) continue;
    if (!isKept) await rm(site.folder, { recursive: true, force: true });
    site = undefined;
  }
}

async function oneRound(site: Site, number: number, random: Random, program: string | undefined): Promise<Round> {
  const { folder, ledger } = site;
  const step = random.chance(0.3) ? undefined : chooseStep(random, !ledger.isPrepared);
  const crashAt =
    step === undefined
      ? undefined
      : { step, skip: STEPS_OF_START.includes(step) || random.chance(0.5) ? 0 : random.below(MAX_SKIP) };
  const started = await startEmulator({ folder, program, crashAt });
  const { exit, refusals } = isRunning(started)
    ? await killUnderLoad(started, ledger, random, crashAt !== undefined)
    : { exit: started, refusals: [] };
  const ended =
    exit.step === undefined && exit.code !== null
      ? [`the emulator ended by itself with ${exit.code}: ${exit.output.slice(-2000)}`]
      : [];

  const kill = exit.step ?? 'random time';
  const rightAfter = folderViolations(folder);
  const restarted = await startEmulator({ folder, program });
  if (!isRunning(restarted)) {
    const failure = `it does not start again (exit ${restarted.code}): ${restarted.output.slice(-2000)}`;
    return { number, kill, violations: [...ended, ...refusals, ...rightAfter, failure], orphans: [], folder };
  }
  const answered = await answerViolations(restarted.port, ledger);
  const orphans = await remainingOrphans(folder);
  restarted.signal('SIGKILL');
  const { output } = await restarted.exited;
  const violations = [
    ...ended,
    ...refusals,
    ...rightAfter,
    ...answered,
    ...restartedFolderViolations(folder),
    ...[exit.output, output].flatMap(errorLines),
  ];
  return { number, kill, violations, orphans, folder };
}

function errorLines(output: string): string[] {
  return output.split('\n').filter((line) => /^\S+ error /.test(line));
}

function chooseStep(random: Random, isNew: boolean): string {
  // The steps of a first start are only there in a new folder.
  return isNew && random.chance(0.3) ? random.pick(STEPS_OF_START) : random.pick(STEPS);
}

async function killUnderLoad(
  emulator: EmulatorProcess,
  ledger: Ledger,
  random: Random,
  isArmed: boolean,
): Promise<{ readonly exit: Exit; readonly refusals: readonly string[] }> {
  const gone = new AbortController();
  const loaded = runLoad(emulator.port, ledger, random, gone.signal);
  const lastMs = isArmed ? STEP_WITHIN_MS : LOAD_MS.least + random.below(LOAD_MS.most - LOAD_MS.least);
  await Promise.race([emulator.exited, delay(lastMs)]);
  emulator.signal('SIGKILL');
  const exit = await emulator.exited;
  gone.abort();
  return { exit, refusals: await loaded };
}
