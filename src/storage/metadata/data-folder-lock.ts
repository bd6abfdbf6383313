import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { UsageError } from '../../base/errors.ts';

export interface DataFolderLock {
  release(): Promise<void>;
}

export const LOCK_FILE = 'emulator.lock';
const PID_FILE = 'emulator.pid';

/**
 * Makes this process the only emulator on a data folder, which is made when it does not exist. Throws a UsageError that
 * names the pid of the process that holds it.
 *
 * The lock is the one SQLite takes on a file for an exclusive transaction. The operating system gives it up when the
 * process ends, however it ends: so there is no stale lock to recognize, two processes cannot take over at once, and
 * containers that share a folder but not their pids exclude each other too. The pid file is for the message alone.
 */
export async function lockDataFolder(dir: string): Promise<DataFolderLock> {
  const pidPath = join(dir, PID_FILE);
  const lock = openLockFile(dir);
  try {
    lock.exec('begin exclusive');
    writeFileSync(pidPath, `${process.pid}\n`);
  } catch (error) {
    lock.close();
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error;
    const holder = readHolder(pidPath);
    throw new UsageError(`${dir} is in use by another emulator (${holder}): stop it or choose another --data-dir.`);
  }
  return {
    release: async () => {
      rmSync(pidPath, { force: true });
      lock.close();
    },
  };
}

function openLockFile(dir: string): Database.Database {
  try {
    mkdirSync(dir, { recursive: true });
    return new Database(join(dir, LOCK_FILE), { timeout: 0 });
  } catch (error) {
    // An addon that is missing, or was built for another Node, says so itself.
    if (!isAboutFiles(error)) throw error;
    const reason = error.message;
    throw new UsageError(`${dir} cannot be used as data folder (${reason}): choose another --data-dir.`);
  }
}

/** Node's codes of the system (ENOENT, EACCES ...), SQLite's, and the TypeError of better-sqlite3 for a missing folder. */
function isAboutFiles(error: unknown): error is Error {
  if (error instanceof TypeError) return true;
  return error instanceof Error && 'code' in error && /^(E[A-Z0-9]+|SQLITE_\w+)$/.test(String(error.code));
}

/** The holder writes its pid right after taking the lock, so that for a moment there is none to read. */
function readHolder(pidPath: string): string {
  try {
    return `pid ${readFileSync(pidPath, 'utf8').trim()}`;
  } catch {
    return 'pid not known yet';
  }
}
