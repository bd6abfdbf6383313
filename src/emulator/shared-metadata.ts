import type { Log } from '../base/log.ts';
import type { OpenShared } from './data-folder.ts';

/**
 * The adapter is loaded only here, because few use it.
 *
 * @throws UsageError when the database cannot be used, or the package pg is missing
 */
export async function openSharedMetadata(url: string, log: Log): ReturnType<OpenShared> {
  const { openPostgresStore } = await import('../storage/metadata/postgres.ts');
  return openPostgresStore({ url, log });
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
