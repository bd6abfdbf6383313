import { isError } from '../base/error-code.ts';
import { errorStack, errorText } from '../base/error-text.ts';
import type { LineLog, Log, LogFields } from '../base/log.ts';
import type { EventAt } from '../base/log-events.ts';
import { BytesChanged, LocationNotFound, StoreUnavailable } from './objects/object-store.ts';
import { DatabaseFault } from './postgres/database-fault.ts';
import { resultCodeOf } from './sqlite/result-code.ts';

const DISK_FULL = /^(ENOSPC|EDQUOT|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/;

/** Codes of the system and of SQLite, and what each says about the machine. */
const FAULTS: readonly { readonly code: RegExp; readonly what: string }[] = [
  { code: DISK_FULL, what: 'the disk is full: delete objects or make room' },
  {
    code: /^SQLITE_(BUSY|LOCKED)$/,
    what: 'another program holds the database: end it',
  },
  { code: /^EBUSY$/, what: 'another program has it open: end that' },
  { code: /^(EROFS|SQLITE_READONLY)$/, what: 'the data folder is read-only' },
  { code: /^(EACCES|EPERM)$/, what: 'the rights do not allow it' },
  { code: /^SQLITE_CANTOPEN$/, what: 'the rights do not allow it, or a folder is in its place' },
  { code: /^ENOENT$/, what: 'a folder was deleted or moved' },
  { code: /^(ENOTDIR|EEXIST|EISDIR|ELOOP)$/, what: 'something else is in its place' },
  {
    code: /^(SQLITE_CORRUPT|SQLITE_NOTADB)$/,
    what: 'the database is damaged: put back a copy of it, or run doctor --repair',
  },
  { code: /^(EIO|SQLITE_IOERR)$/, what: 'the disk does not work' },
  { code: /^(EMFILE|ENFILE)$/, what: 'too many files are open: raise the limit (ulimit -n)' },
];

/** Whether a database or an object store on the network has failed, and not this process or its machine. */
export function isStoreAway(error: unknown): error is DatabaseFault | StoreUnavailable {
  return error instanceof DatabaseFault || error instanceof StoreUnavailable;
}

/** What clients are told then: why, in a sentence without addresses. */
export function awayMessage({ what }: DatabaseFault | StoreUnavailable): string {
  return `The emulator cannot do this at present: ${what}. Please try again later.`;
}

/** Whether something failed in the outage of a store, of which the log is told; a promise while the store is asked. */
export function isOutage(error: unknown): boolean | Promise<boolean> {
  return isStoreAway(error) && error.outage;
}

/**
 * Tells the log of what has failed and is tried again by itself: at `debug` when it is because of the outage of a store, of which
 * the log is told. While the store is asked whether it is away, the line waits.
 */
export function logFailure<Usual extends 'warn' | 'error'>(
  log: LineLog,
  usual: Usual,
  error: unknown,
  ...line: [event: EventAt<Usual> & EventAt<'debug'>, fields: LogFields]
): void {
  const tell = (isKnown: boolean) => (isKnown ? log.debug(...line) : log[usual](...line));
  const outage = isOutage(error);
  if (typeof outage === 'boolean') tell(outage);
  else outage.then(tell);
}

/** Tells the log of a request that failed, or of what follows from one: of a bug with its stack, else with what the machine or a store has failed in. */
export function logFailedRequest(log: Log, error: unknown, fields: LogFields = {}): void {
  const reason = machineFault(error);
  if (reason === undefined) log.error('bug', { ...fields, stack: errorStack(error) });
  else logFailure(log, 'error', error, 'machine.fault', { ...fields, reason });
}

/** What a failed read or write says about the machine, for a person; undefined for any other error, which is a bug. */
export function machineFault(error: unknown): string | undefined {
  if (error instanceof LocationNotFound)
    return `${error.message}: the file was deleted or moved; doctor counts such files`;
  if (error instanceof BytesChanged) return `${error.message}: the file was changed; doctor counts such files`;
  if (isStoreAway(error)) return error.message;
  const code = codeOf(error);
  const fault = FAULTS.find((known) => known.code.test(code));
  return fault && `${fault.what} (${shortText(error)})`;
}

/** Whether an error says that there is no room on the disk. */
export function isDiskFull(error: unknown): boolean {
  return DISK_FULL.test(codeOf(error));
}

/** Without the path, which may be as long as an argument and contain anything. */
export function shortText(error: unknown): string {
  return errorText(error).replace(/, \w+ '.*$/s, '');
}

function codeOf(error: unknown): string {
  const result = resultCodeOf(error);
  if (result !== undefined) return `SQLITE_${result}`;
  return isError(error) && 'code' in error ? String(error.code) : '';
}
