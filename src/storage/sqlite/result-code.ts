import { isError } from '../../base/error-code.ts';

/** The result codes of SQLite by number. Source: https://sqlite.org/rescode.html */
const CODES = [
  'OK',
  'ERROR',
  'INTERNAL',
  'PERM',
  'ABORT',
  'BUSY',
  'LOCKED',
  'NOMEM',
  'READONLY',
  'INTERRUPT',
  'IOERR',
  'CORRUPT',
  'NOTFOUND',
  'FULL',
  'CANTOPEN',
  'PROTOCOL',
  'EMPTY',
  'SCHEMA',
  'TOOBIG',
  'CONSTRAINT',
  'MISMATCH',
  'MISUSE',
  'NOLFS',
  'AUTH',
  'FORMAT',
  'RANGE',
  'NOTADB',
] as const;

/** The extended codes that are told apart, by number: each constraint means another mistake, and SHMSIZE a full disk. */
const EXTENDED = {
  275: 'CONSTRAINT_CHECK',
  531: 'CONSTRAINT_COMMITHOOK',
  787: 'CONSTRAINT_FOREIGNKEY',
  1043: 'CONSTRAINT_FUNCTION',
  1299: 'CONSTRAINT_NOTNULL',
  1555: 'CONSTRAINT_PRIMARYKEY',
  1811: 'CONSTRAINT_TRIGGER',
  2067: 'CONSTRAINT_UNIQUE',
  4874: 'IOERR_SHMSIZE',
} as const;

/** Without the `SQLITE_` in front. */
export type SqliteResultCode = (typeof CODES)[number] | (typeof EXTENDED)[keyof typeof EXTENDED];

const EXTENDED_BY_NUMBER = new Map<number, SqliteResultCode>(
  Object.entries(EXTENDED).map(([number, name]) => [Number(number), name]),
);
const KNOWN: readonly SqliteResultCode[] = [...CODES, ...EXTENDED_BY_NUMBER.values()];

/**
 * Why SQLite failed, whichever driver says it: better-sqlite3 has the name in `code` (`SQLITE_IOERR_WRITE`), node:sqlite
 * the number in `errcode` (778). Both are `IOERR`. undefined when it was no failure of SQLite.
 */
export function resultCodeOf(error: unknown): SqliteResultCode | undefined {
  if (!isError(error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') {
    return EXTENDED_BY_NUMBER.get(error.errcode) ?? CODES[error.errcode & 0xff];
  }
  if (!('code' in error) || typeof error.code !== 'string') return undefined;
  const [, name, primary] = /^SQLITE_(([A-Z]+)\w*)$/.exec(error.code) ?? [];
  return KNOWN.find((code) => code === name) ?? KNOWN.find((code) => code === primary);
}
