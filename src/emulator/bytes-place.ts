import { randomUUID } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { UsageError } from '../base/errors.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { BYTES_PLACE_KIND } from '../storage/metadata/records.ts';
import { Documents } from '../storage/metadata/stored-documents.ts';

/** Where bytes of objects are, if not beside their database. */
export interface BytesPlace {
  /** For people, and unlike that of every other place. */
  readonly shown: string;
  /** Another process may mean the same place, under the same name. */
  readonly isShared: boolean;
  /** @throws UsageError when there are bytes, but no mark */
  readMark(): Promise<string | undefined>;
  writeMark(id: string): Promise<void>;
}

interface KeptPlace {
  readonly id: string;
  readonly shown: string;
}

const ONLY = '';

/**
 * Makes the place that of the database, and the database that of the place: the same id is kept in both. Rows without their
 * bytes are of no use, and what only the rows of another database name would be swept. Of several that start at once, all
 * with the same place succeed, or one.
 *
 * @throws UsageError when one of them belongs to another one
 */
export async function claimPlace(metadata: MetadataStore, place: BytesPlace): Promise<void> {
  const { shown } = place;
  const mark = await place.readMark();
  const made = { id: randomUUID(), shown };
  const kept = mark === undefined ? await keepFirst(metadata, made) : await keptPlace(metadata);
  if (!kept) {
    throw new UsageError(
      `${shown} holds the objects of another database: choose another place for the objects, or put that database back.`,
    );
  }
  if (kept.id === mark) return;
  // The first one has not marked the place yet, or ended before it did.
  const isSamePlace = kept.id === made.id || (place.isShared && kept.shown === shown);
  if (mark !== undefined || !isSamePlace) throw isElsewhere(kept, shown);
  try {
    await place.writeMark(kept.id);
  } catch (error) {
    // Nothing is there yet, and perhaps another place was meant.
    if (kept.id === made.id) await placesOf(metadata).delete(ONLY, ONLY);
    throw error;
  }
}

/** @throws UsageError when the objects of this database are in another place: none of them would be found */
export async function refuseOtherPlace(metadata: MetadataStore, shown: string): Promise<void> {
  const kept = await keptPlace(metadata);
  if (kept) throw isElsewhere(kept, shown);
}

/** The memory of one emulator, which is gone with it. */
export function memoryPlace(): BytesPlace {
  return {
    shown: `the memory of the emulator ${randomUUID().slice(0, 8)}`,
    isShared: false,
    readMark: async () => undefined,
    writeMark: async () => {},
  };
}

function isElsewhere(kept: KeptPlace, shown: string): UsageError {
  return new UsageError(
    `The objects of this database are in ${kept.shown}, not in ${shown}: give --objects or --data-dir that place, or choose another database.`,
  );
}

async function keptPlace(metadata: MetadataStore): Promise<KeptPlace | undefined> {
  return (await placesOf(metadata).get(ONLY, ONLY))?.body;
}

async function keepFirst(metadata: MetadataStore, made: KeptPlace): Promise<KeptPlace> {
  const document = { scope: ONLY, name: ONLY, createdMs: systemClock.now(), body: made };
  return (await placesOf(metadata).create(document)).body;
}

function placesOf(metadata: MetadataStore): Documents<KeptPlace> {
  return new Documents(metadata, BYTES_PLACE_KIND);
}
