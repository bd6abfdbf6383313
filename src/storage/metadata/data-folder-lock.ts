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
 * Makes this process the only emulator on a data folder, which is made when it does not exist.
 *
 * The lock is that of an exclusive transaction of SQLite on a file. The operating system releases it when the process
 * ends for any reason: so no lock is left behind, two processes cannot both take it, and it works between containers
 * that share a folder but have different pids. The pid file is used for the message only.
 *
 * @throws UsageError when another process holds it (the message has its pid) or the folder cannot be used
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
    // The error of an addon that is missing or built for another Node is clear enough.
    if (!isAboutFiles(error)) throw error;
    const reason = error.message;
    throw new UsageError(`${dir} cannot be used as data folder (${reason}): choose another --data-dir.`);
  }
}

/**
 * Error codes of the system (ENOENT, EACCES ...) or of SQLite, or the TypeError of better-sqlite3 for a missing folder.
 */
function isAboutFiles(error: unknown): error is Error {
  if (error instanceof TypeError) return true;
  return error instanceof Error && 'code' in error && /^(E[A-Z0-9]+|SQLITE_\w+)$/.test(String(error.code));
}

/** The holder writes its pid after it has taken the lock, so for a moment there is none. */
function readHolder(pidPath: string): string {
  try {
    return `pid ${readFileSync(pidPath, 'utf8').trim()}`;
  } catch {
    return 'pid not known yet';
  }
}
