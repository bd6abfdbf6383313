import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrorCode } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { fileIdentity } from '../../base/file-identity.ts';
import { makePrivateFile, PRIVATE_FILE, refuseOtherThanFile } from '../../base/private-paths.ts';
import { isDiskFull } from '../machine-fault.ts';
import { explainStart, makeDataFolder } from '../make-data-folder.ts';
import { findSqlite } from '../sqlite/find-sqlite.ts';
import { resultCodeOf } from '../sqlite/result-code.ts';
import type { SqliteConnection, SqliteDriver } from '../sqlite/sqlite-driver.ts';

export interface DataFolderLock {
  /** Whether the folder at the path is still the one that was locked: it may have been moved, and another one is in its place. */
  isAtPath(): boolean;
  release(): Promise<void>;
}

/** Another emulator has the folder. */
export class DataFolderInUse extends UsageError {
  /** Its pid, where it is known. */
  readonly holder: string;

  constructor(dir: string, holder: string) {
    super(`${dir} is in use by another emulator (${holder}): stop it or choose another --data-dir.`);
    this.holder = holder;
  }
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
 * @throws DataFolderInUse when another process holds it
 * @throws UsageError when the folder cannot be used, or there is no SQLite
 */
export async function lockDataFolder(dir: string): Promise<DataFolderLock> {
  const pidPath = join(dir, PID_FILE);
  const driver = await findSqlite();
  makeDataFolder(dir);
  refuseOtherThanFile(pidPath);
  const lock = openLockFile(dir, driver);
  try {
    // Without a journal, for which a full disk has no room.
    lock.exec('pragma journal_mode = memory; begin exclusive');
    writePid(pidPath);
  } catch (error) {
    lock.close();
    if (resultCodeOf(error) === 'BUSY') {
      throw new DataFolderInUse(dir, readHolder(pidPath));
    }
    throw explainLock(dir, error);
  }
  const lockPath = join(dir, LOCK_FILE);
  const locked = fileIdentity(lockPath);
  const isAtPath = () => fileIdentity(lockPath) === locked;
  return {
    isAtPath,
    release: async () => {
      if (isAtPath()) rmSync(pidPath, { force: true });
      lock.close();
    },
  };
}

/** Whether a process holds the lock of the folder. Changes nothing. */
export async function isDataFolderInUse(dir: string): Promise<boolean> {
  const path = join(dir, LOCK_FILE);
  if (!existsSync(path)) return false;
  refuseOtherThanFile(path);
  const { open } = await findSqlite();
  let lock: SqliteConnection | undefined;
  try {
    lock = open(path, 0, { readOnly: true });
    lock.prepare('pragma schema_version').all([]);
    return false;
  } catch (error) {
    return resultCodeOf(error) === 'BUSY';
  } finally {
    lock?.close();
  }
}

function openLockFile(dir: string, driver: SqliteDriver): SqliteConnection {
  try {
    const path = join(dir, LOCK_FILE);
    refuseOtherThanFile(path);
    makePrivateFile(path);
    return driver.open(path, 0);
  } catch (error) {
    throw explainLock(dir, error);
  }
}

function explainLock(dir: string, error: unknown): unknown {
  const code = resultCodeOf(error);
  if (code !== 'CANTOPEN' && code !== 'NOTADB' && code !== 'CORRUPT') return explainStart(error, dir);
  const path = join(dir, LOCK_FILE);
  if (code === 'CANTOPEN' && !isWritable(path)) {
    return new UsageError(
      `The data folder ${dir} is of another user: the rights do not allow to use ${path}. Choose another --data-dir, or give the folder with all that is in it to the user who starts the emulator.`,
    );
  }
  return new UsageError(
    `${path} cannot be used as the lock of the data folder (${errorText(error)}): delete it, or choose another --data-dir.`,
  );
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    return !hasErrorCode(error, 'EACCES', 'EPERM');
  }
}

/** On a full disk the message of another emulator has no pid; the lock holds. */
function writePid(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: PRIVATE_FILE });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

/** The holder writes its pid after it has taken the lock, so for a moment there is none. */
function readHolder(pidPath: string): string {
  try {
    const pid = readFileSync(pidPath, 'utf8').trim();
    return /^\d{1,10}$/.test(pid) ? `pid ${pid}` : 'pid not known yet';
  } catch {
    return 'pid not known yet';
  }
}
