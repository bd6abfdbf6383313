import { type ReportProgress, unreported } from '../../base/progress.ts';
import { turnOfTheLoop } from '../../base/turn-of-the-loop.ts';
import type { ObjectStore } from './object-store.ts';

/** So many deletions are made in one turn of the event loop. */
const TURN_DELETIONS = 100;

/** Deletes the bytes of rows that are gone, and no others: what is stored meanwhile has a row of its own. */
export async function deleteAll(
  bytes: Pick<ObjectStore, 'delete'>,
  locations: readonly string[],
  report: ReportProgress = unreported,
): Promise<void> {
  const total = locations.length;
  for (const [index, location] of locations.entries()) {
    if (index % TURN_DELETIONS === 0) {
      await turnOfTheLoop();
      await report({ done: index, total, unit: 'objects' });
    }
    await bytes.delete(location);
  }
}
