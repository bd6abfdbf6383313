import { mayBeDone } from '../postgres/database-fault.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Writes the row that names new bytes. When it is not written, they are deleted; when it may have been, they stay, because a
 * row must never name bytes that are gone. The sweep takes them away, if it was not.
 */
export async function writeRowOf<Written>(
  bytes: ObjectStore,
  location: string,
  write: () => Promise<Written>,
): Promise<Written> {
  try {
    return await write();
  } catch (error) {
    if (!mayBeDone(error)) await bytes.delete(location);
    throw error;
  }
}
