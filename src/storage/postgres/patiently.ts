import { type Clock, startStopwatch } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import { DatabaseFault } from './database-fault.ts';

const RETRY_DELAY_MS = 200;

/**
 * Repeats what failed because the database is away or slow, and was certainly not done: for who has nobody that could ask again.
 *
 * @param clock of the real time, in which a database is away
 * @throws DatabaseFault when that lasts longer than `limitMs`; any other error at once
 */
export async function patiently<Result>(clock: Clock, limitMs: number, act: () => Promise<Result>): Promise<Result> {
  const passedMs = startStopwatch(clock);
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof DatabaseFault && error.isPassing && !error.mayBeDone) || passedMs() >= limitMs)
        throw error;
    }
    await wait(clock, RETRY_DELAY_MS);
  }
}
