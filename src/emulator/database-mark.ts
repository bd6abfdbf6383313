import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { PRIVATE_FILE } from '../base/private-paths.ts';
import { machineFault } from '../storage/machine-fault.ts';
import { faultOfWal, sizeOfWal } from '../storage/sqlite/write-ahead-log.ts';

/** What a run has noted of its database. */
type Note =
  | { readonly state: 'open'; readonly walBytes: number }
  | { readonly state: 'closed'; readonly sizeBytes: number; readonly modifiedMs: number }
  | { readonly state: 'doubt'; readonly reason: string };

/**
 * A note beside the database of how the last run left it. So a start notices when changes were taken away since: files of rows that
 * are lost look like files of rows that were deleted.
 */
export class DatabaseMark {
  readonly #database: string;
  /** Why the database may have lost rows since the last run; undefined when it has not, or nothing was noted. */
  readonly doubt: string | undefined;
  #isDoubted: boolean;
  #noted = '';

  /** Before the database is opened, which would make another log. */
  constructor(database: string) {
    this.#database = database;
    this.doubt = doubtOf(database);
    this.#isDoubted = this.doubt !== undefined;
  }

  /** When the database is open, and now and then, because its log grows. A doubt stays until it is settled. */
  note(): void {
    if (this.#isDoubted) this.#write({ state: 'doubt', reason: this.doubt ?? '' });
    else this.#write({ state: 'open', walBytes: sizeOfWal(this.#database) });
  }

  /** What lost rows have left is not there any more. */
  settle(): void {
    this.#isDoubted = false;
    this.note();
  }

  /** After the database was closed. */
  close(): void {
    const stats = statSync(this.#database, { throwIfNoEntry: false });
    if (this.#isDoubted || !stats) return;
    this.#write({ state: 'closed', sizeBytes: stats.size, modifiedMs: stats.mtimeMs });
  }

  #write(note: Note): void {
    const text = JSON.stringify(note);
    if (text === this.#noted) return;
    const path = markOf(this.#database);
    try {
      writeFileSync(`${path}.new`, text, { mode: PRIVATE_FILE });
      renameSync(`${path}.new`, path);
      this.#noted = text;
    } catch (error) {
      // A full disk, or a folder that was moved: the start after that knows less.
      if (machineFault(error) === undefined) throw error;
    }
  }
}

/** The next start has nothing to compare with then. */
export function removeMark(database: string): void {
  rmSync(markOf(database), { force: true });
}

/** Why the database may have lost rows since the last run ended. */
function doubtOf(database: string): string | undefined {
  const note = readNote(markOf(database));
  if (note === undefined) return undefined;
  if (note.state === 'doubt') return note.reason;
  if (note.state === 'open') {
    const fault = faultOfWal(database, note.walBytes);
    return fault && `${database}-wal is ${fault}, with the latest changes`;
  }
  // A run that was killed before it could note anything.
  if (sizeOfWal(database) > 0) return undefined;
  const stats = statSync(database, { throwIfNoEntry: false });
  const isSame = stats?.size === note.sizeBytes && stats.mtimeMs === note.modifiedMs;
  return isSame ? undefined : `${database} is not the one that the last run left`;
}

function readNote(path: string): Note | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isNote(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

function isNote(value: unknown): value is Note {
  if (typeof value !== 'object' || value === null || !('state' in value)) return false;
  if (value.state === 'open') return 'walBytes' in value && typeof value.walBytes === 'number';
  if (value.state === 'doubt') return 'reason' in value && typeof value.reason === 'string';
  return (
    value.state === 'closed' &&
    'sizeBytes' in value &&
    typeof value.sizeBytes === 'number' &&
    'modifiedMs' in value &&
    typeof value.modifiedMs === 'number'
  );
}

function markOf(database: string): string {
  return `${database}-mark`;
}
