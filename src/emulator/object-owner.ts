import { randomUUID } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { UsageError } from '../base/errors.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { Documents } from '../storage/metadata/stored-documents.ts';

const ONLY = '';

/** An identity of the database, with which its prefix in another store is marked. It has one from the first use of such a store. */
export async function databaseOwner(metadata: MetadataStore): Promise<string> {
  const kept = await documentsOf(metadata).get(ONLY, ONLY);
  if (kept) return kept.body.id;
  const id = randomUUID();
  await putOwner(metadata, id);
  return id;
}

/** A reset empties the database, which stays the same one. */
export function keepOwner(metadata: MetadataStore, owner: string): MetadataStore {
  return {
    ...metadata,
    async clear(bucket) {
      const cleared = await metadata.clear(bucket);
      if (bucket === undefined) await putOwner(metadata, owner);
      return cleared;
    },
  };
}

/** @throws UsageError when the objects of this database are in another store: none of them would be found */
export async function refuseOwner(metadata: MetadataStore): Promise<void> {
  if (!(await documentsOf(metadata).get(ONLY, ONLY))) return;
  throw new UsageError(
    'The objects of this database are in another store: name it with --objects, or choose another --data-dir.',
  );
}

function putOwner(metadata: MetadataStore, id: string): Promise<void> {
  return documentsOf(metadata).put({ scope: ONLY, name: ONLY, createdMs: systemClock.now(), body: { id } });
}

function documentsOf(metadata: MetadataStore): Documents<{ readonly id: string }> {
  return new Documents(metadata, 'object-store-owner');
}
