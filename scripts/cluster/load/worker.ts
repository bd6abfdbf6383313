import { setTimeout as delay } from 'node:timers/promises';
import { type Client, isConnectionLost, Refusal } from '../../crash/client.ts';
import type { Ledger } from '../../crash/ledger.ts';
import type { Random } from '../../crash/random.ts';
import type { Pushes } from './pushes.ts';

export interface Post {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly pushes: Pushes;
  /** Unique over all rounds. */
  readonly name: string;
  /** Takes what must not be, in words. */
  readonly report: (violation: string) => void;
}

/** Does one thing after the other; a pause comes after each. */
export type Work = (post: Post) => AsyncGenerator<void>;

const PAUSE_MS = { least: 50, most: 250 };

/** Works until it is stopped. That nobody answers is no violation: faults are there for that. What is wrongly answered is. */
export async function keepWorking(work: Work, post: Post, stopped: AbortSignal): Promise<void> {
  let steps = work(post);
  while (!stopped.aborted) {
    try {
      await steps.next();
    } catch (error) {
      if (!isTrouble(error)) post.report(`${work.name}: ${error instanceof Error ? error.message : String(error)}`);
      steps = work(post);
    }
    const pauseMs = PAUSE_MS.least + post.random.below(PAUSE_MS.most - PAUSE_MS.least);
    await delay(pauseMs, undefined, { signal: stopped }).catch(() => {});
  }
}

/** 503 has a reason that passes; 500 would be an error of the emulator. */
export function isTrouble(error: unknown): boolean {
  return isConnectionLost(error) || (error instanceof Refusal && error.status === 503);
}
