import { isError } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';

/** What pg says when `query_timeout` has passed. */
const NO_ANSWER = 'Query read timeout';

interface Fault {
  readonly sign: RegExp;
  readonly what: string;
  readonly isLoss?: true;
  readonly isPassing?: true;
}

/** SQLSTATEs, codes of the system and texts of pg without a code, and what each says about the database. */
const FAULTS: readonly Fault[] = [
  { sign: /^25006$/, what: 'PostgreSQL is read-only' },
  {
    sign: /^(55P03|57014|25P03|Query read timeout)$/,
    what: 'PostgreSQL is slow, or another program holds a lock',
    isPassing: true,
  },
  { sign: /^(40001|40P01)$/, what: 'PostgreSQL has ended a transaction for another one', isPassing: true },
  { sign: /^53100$/, what: 'the disk of PostgreSQL is full' },
  { sign: /^53300$/, what: 'PostgreSQL has no room for more connections', isPassing: true },
  { sign: /^(53\w{3}|57P04)$/, what: 'PostgreSQL has no room for more' },
  { sign: /^(28\w{3}|42501)$/, what: 'PostgreSQL refuses the user: look at name, password and rights' },
  { sign: /^The server does not support SSL/, what: 'PostgreSQL has no TLS: leave out sslmode' },
  { sign: /^3D000$/, what: 'PostgreSQL has no such database: create it' },
  {
    sign: /^(08\w{3}|57P0[123]|E[A-Z_]{2,}|Connection terminated.*|.*timeout exceeded when trying to connect|Client (has|was) .*)$/,
    what: 'PostgreSQL cannot be reached',
    isLoss: true,
  },
];

/** Whether a write that was refused with this error may be stored all the same, or may be later. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof DatabaseFault && error.mayBeDone;
}

/** A failure of PostgreSQL itself, or of the way to it. What failed may succeed later; nothing in this process is wrong. */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault';
  readonly code: string;
  /** There is no connection, or it was lost. */
  readonly isLoss: boolean;
  /** Nobody has to do anything for the same to succeed. */
  readonly isPassing: boolean;
  /** The answer to a COMMIT, or to a statement that is a transaction of its own, did not come: it was done or not, or will be. */
  readonly mayBeDone: boolean;

  constructor(message: string, code: string, { isLoss = false, isPassing = false, mayBeDone = false } = {}) {
    super(message);
    this.code = code;
    this.isLoss = isLoss;
    this.isPassing = isLoss || isPassing;
    this.mayBeDone = mayBeDone;
  }
}

/**
 * The error as a DatabaseFault, when it is one; any other stays as it is.
 *
 * @param wouldCommit what was asked is permanent when it is done
 */
export function toDatabaseFault(error: unknown, wouldCommit = false): unknown {
  const text = errorText(error);
  const signs = [sqlStateOf(error), text].filter((sign) => sign !== undefined);
  const fault = FAULTS.find(({ sign }) => signs.some((shown) => sign.test(shown)));
  if (!fault) return error;
  const isLoss = fault.isLoss === true;
  const isPassing = fault.isPassing === true;
  const mayBeDone = wouldCommit && (isLoss || text === NO_ANSWER);
  return new DatabaseFault(`${fault.what} (${text})`, signs[0] ?? '', { isLoss, isPassing, mayBeDone });
}

/** The SQLSTATE of an error of PostgreSQL, or the code of one of the system. */
function sqlStateOf(error: unknown): string | undefined {
  return isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
