import { existsSync, lstatSync } from 'node:fs';
import { turnOfTheLoop } from '../../../base/turn-of-the-loop.ts';
import { collectLocations, type NamedLocations } from '../location-set.ts';
import { isFileLocation, resolveLocation } from './locations.ts';
import { storedEntries } from './stored-files.ts';
import type { SweptFiles } from './sweep.ts';

/** Where rows and files do not agree. */
export interface Disagreement {
  /** Files that no row names. */
  readonly unnamed: SweptFiles;
  /** Rows whose file is gone, and the location of the first of them. */
  readonly gone: { readonly count: number; readonly first: string | undefined };
}

const TURN_ENTRIES = 100;

/**
 * Compares rows and files, and changes nothing. An emulator may be running on them: what it writes or deletes meanwhile is in no
 * count, because whatever does not agree is looked at again.
 *
 * @param readNamed called up to three times
 */
export async function compareFiles(root: string, readNamed: () => NamedLocations): Promise<Disagreement> {
  const known = await collectLocations(readNamed());
  let unnamed = new Set<string>();
  let looked = 0;
  for (const { kind, location } of storedEntries(root)) {
    if (++looked % TURN_ENTRIES === 0) await turnOfTheLoop();
    if (kind === 'file' && !known.has(location)) unnamed.add(location);
  }
  if (unnamed.size > 0) {
    const meanwhile = await collectLocations(readNamed());
    unnamed = new Set([...unnamed].filter((location) => !meanwhile.has(location)));
  }
  const gone = await goneFiles(root, readNamed);
  const [first] = gone;
  return { unnamed: measure(root, unnamed), gone: { count: gone.size, first } };
}

async function goneFiles(root: string, readNamed: () => NamedLocations): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  for await (const locations of readNamed()) {
    for (const location of locations) if (isGone(root, location)) gone.add(location);
    await turnOfTheLoop();
  }
  if (gone.size === 0) return gone;
  const stillNamed = new Set<string>();
  for await (const locations of readNamed()) {
    for (const location of locations) if (gone.has(location)) stillNamed.add(location);
  }
  return stillNamed;
}

function isGone(root: string, location: string): boolean {
  return isFileLocation(location) && !existsSync(resolveLocation(root, location));
}

function measure(root: string, locations: ReadonlySet<string>): SweptFiles {
  let count = 0;
  let sizeBytes = 0;
  for (const location of locations) {
    const stats = lstatSync(resolveLocation(root, location), { throwIfNoEntry: false });
    if (!stats) continue;
    count += 1;
    sizeBytes += stats.size;
  }
  return { count, sizeBytes };
}
