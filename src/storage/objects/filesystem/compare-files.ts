import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { hasErrorCode } from '../../../base/error-code.ts';
import { turnOfTheLoop } from '../../../base/turn-of-the-loop.ts';
import type { NamedBytes } from '../../metadata/records.ts';
import { collectLocations, type NamedLocations } from '../location-set.ts';
import { isFileLocation, resolveLocation } from './locations.ts';
import { storedEntries } from './stored-files.ts';
import type { SweptFiles } from './sweep.ts';

/** Where rows and files do not agree. */
export interface Disagreement {
  /** Files that no row names. */
  readonly unnamed: SweptFiles;
  /** Rows whose file is gone. */
  readonly gone: FaultyFiles;
  /** Rows whose file has another size. */
  readonly changed: FaultyFiles;
  /** Rows whose file the rights do not allow to read. */
  readonly unreadable: FaultyFiles;
}

export interface FaultyFiles {
  readonly count: number;
  /** Location of one of them. */
  readonly first: string | undefined;
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
  const faulty = await faultyFiles(root, readNamed);
  return {
    unnamed: measure(root, unnamed),
    gone: namesOf(faulty, 'gone'),
    changed: namesOf(faulty, 'changed'),
    unreadable: namesOf(faulty, 'unreadable'),
  };
}

/** Those whose rows are there at two readings. */
async function faultyFiles(root: string, readNamed: () => NamedLocations): Promise<ReadonlyMap<string, FileFault>> {
  const found = new Map<string, FileFault>();
  for await (const batch of readNamed()) {
    for (const named of batch) {
      const fault = faultOf(root, named);
      if (fault !== undefined) found.set(named.location, fault);
    }
    await turnOfTheLoop();
  }
  if (found.size === 0) return found;
  const stillNamed = new Map<string, FileFault>();
  for await (const batch of readNamed()) {
    for (const { location } of batch) {
      const fault = found.get(location);
      if (fault !== undefined) stillNamed.set(location, fault);
    }
  }
  return stillNamed;
}

type FileFault = 'gone' | 'changed' | 'unreadable';

function faultOf(root: string, { location, sizeBytes }: NamedBytes): FileFault | undefined {
  if (!isFileLocation(location)) return undefined;
  const path = resolveLocation(root, location);
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size !== sizeBytes) return 'changed';
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return 'gone';
    if (hasErrorCode(error, 'EACCES', 'EPERM')) return 'unreadable';
    throw error;
  }
}

function namesOf(files: ReadonlyMap<string, FileFault>, fault: FileFault): FaultyFiles {
  const names = [...files].flatMap(([location, its]) => (its === fault ? [location] : []));
  return { count: names.length, first: names[0] };
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
