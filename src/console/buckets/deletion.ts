/** What the user wants to delete, with all that is in it. */

import type { Batch, Batches, Step } from './batch.ts';
import { listEverything } from './listing.ts';
import type { Rest } from './rest.ts';

export interface DeletionTargets {
  readonly bucket: string;
  readonly keys: readonly string[];
  /** Each with everything whose key begins so. */
  readonly folders: readonly string[];
}

export interface FoundObjects {
  readonly keys: readonly string[];
  readonly isComplete: boolean;
}

/** The keys that would be deleted, again and again as more are found. */
export async function* findObjects(
  rest: Rest,
  { bucket, keys, folders }: DeletionTargets,
): AsyncGenerator<FoundObjects> {
  const found = new Set(keys);
  for (const folder of folders) {
    let pending = 0;
    for await (const { key } of listEverything(rest, bucket, folder)) {
      found.add(key);
      if (++pending % TOLD_EVERY === 0) yield { keys: [...found], isComplete: false };
    }
  }
  yield { keys: [...found], isComplete: true };
}

const TOLD_EVERY = 1000;

export function startDeletion(rest: Rest, batches: Batches, bucket: string, keys: readonly string[]): Batch {
  return batches.start({
    title: `Delete from ${bucket}`,
    unit: 'object',
    countsBytes: false,
    steps: deletionSteps(rest, bucket, keys),
  });
}

async function* deletionSteps(rest: Rest, bucket: string, keys: readonly string[]): AsyncGenerator<Step> {
  for (const key of keys) {
    yield {
      name: key,
      sizeBytes: 0,
      act: async () => {
        await rest({ method: 'DELETE', bucket, key });
      },
    };
  }
}
