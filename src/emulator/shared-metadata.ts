import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Outages } from '../storage/outages.ts';
import { shownDatabaseUrl } from '../storage/postgres/shown-database-url.ts';
import type { OpenShared } from './data-folder.ts';

const DATABASE_AWAY_ADVICE = 'requests are refused after 3 to 12 s, and pushes end after 5 to 8 s, with their lease';

/** A stop has as much again after that. */
const LAST_WRITES_MS = 500;

/** The database of `--metadata`, for all who have connections to it. */
export interface SharedDatabase {
  readonly url: string;
  readonly outages: Outages;
  /** Once it is aborted what is asked of it fails, also what is under way. */
  readonly signal: AbortSignal;
  /** Aborts the signal: soon, when the database answers, so that what has waited for something else can still be written. */
  giveUp(): void;
}

export function sharedDatabase(url: string, log: Log): SharedDatabase {
  const outages = new Outages({
    store: 'metadata',
    shown: shownDatabaseUrl(url),
    advice: DATABASE_AWAY_ADVICE,
    // A database is away in real time, independent of the clock of the emulator.
    clock: systemClock,
    log,
    async probe() {
      const { reachPostgres } = await import('../storage/postgres/connect.ts');
      await reachPostgres(url);
    },
  });
  const ending = new AbortController();
  return {
    url,
    outages,
    signal: ending.signal,
    giveUp() {
      const end = () => {
        // It would be asked in vain.
        outages.close();
        ending.abort();
      };
      if (outages.isAway) end();
      else systemClock.setTimeout(end, LAST_WRITES_MS);
    },
  };
}

/**
 * The adapter is loaded only here, because few use it.
 *
 * @throws UsageError when the database cannot be used, or the package pg is missing
 */
export async function openSharedMetadata({ url, outages, signal }: SharedDatabase, log: Log): ReturnType<OpenShared> {
  const { openPostgresStore } = await import('../storage/metadata/postgres.ts');
  return openPostgresStore({ url, log, outages, signal });
}

/**
 * The version of the server; changes nothing.
 *
 * @throws DatabaseFault when it cannot be reached, UsageError when a start could not use it, or the package pg is missing
 */
export async function probeSharedMetadata(url: string, log: Log): Promise<string> {
  const { probePostgres } = await import('../storage/metadata/postgres.ts');
  return probePostgres({ url, log });
}
