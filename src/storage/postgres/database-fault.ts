import { isError } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import type { StoreFault } from '../outages.ts';

interface Fault {
  readonly sign: RegExp;
  readonly what: string;
  readonly isLoss?: true;
  readonly mayBeOutage?: true;
  readonly isPassing?: true;
  readonly isBusy?: true;
}

/** SQLSTATEs, codes of the system and texts of pg without a code, and what each says about the database. */
const FAULTS: readonly Fault[] = [
  { sign: /^25006$/, what: 'PostgreSQL is read-only' },
  { sign: /^(55P03|57014|25P0[34])$/, what: 'PostgreSQL is slow, or another program holds a lock', isPassing: true },
  // `query_timeout` of pg has passed: by then the server would have ended the statement itself.
  { sign: /^Query read timeout$/, what: 'PostgreSQL does not answer', mayBeOutage: true, isPassing: true },
  { sign: /^(40001|40P01)$/, what: 'PostgreSQL has ended a transaction for another one', isPassing: true },
  { sign: /^53100$/, what: 'the disk of PostgreSQL is full' },
  { sign: /^53300$/, what: 'PostgreSQL has no room for more connections', isPassing: true, isBusy: true },
  {
    // pg-pool says so of its queue alone; a server that says nothing ends in `connection timeout`.
    sign: /^timeout exceeded when trying to connect$/,
    what: 'all connections to PostgreSQL are in use',
    isLoss: true,
    isBusy: true,
  },
  { sign: /^53\w{3}$/, what: 'PostgreSQL has no room for more' },
  { sign: /^(28\w{3}|42501|SASL: .*)$/, what: 'PostgreSQL refuses the user: look at name, password and rights' },
  {
    sign: /^(CERT_\w+|CRL_\w+|ERROR_IN_C\w+|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|\w*SELF_SIGNED_CERT\w*|UNABLE_TO_\w+|UNSPECIFIED|ERR_TLS_CERT_\w+)$/,
    what: 'the certificate of PostgreSQL is not trusted, or out of date',
  },
  { sign: /^(58\w{3}|XX00[12])$/, what: 'PostgreSQL has failed: its disk, or its files' },
  {
    sign: /^(Not of PostgreSQL: .*|There was an error establishing an SSL connection|received invalid response: .*)$/,
    what: 'what answers in the place of PostgreSQL is something else, or asks for what is not supported',
    isLoss: true,
    mayBeOutage: true,
  },
  {
    sign: /^E[MN]FILE$/,
    what: 'this process has too many files open to reach PostgreSQL: raise the limit (ulimit -n)',
  },
  { sign: /^The server does not support SSL/, what: 'PostgreSQL has no TLS: leave out sslmode' },
  { sign: /^(3D000|57P04)$/, what: 'PostgreSQL has no such database: create it' },
  // 55000 is also told of statements that are wrong.
  { sign: /is not currently accepting connections$/, what: 'the database of PostgreSQL takes no connections' },
  {
    // Other codes of Node that begin with ERR_ are mistakes of ours.
    sign: /^(08\w{3}|57P0[1235]|E(?!RR_)[A-Z_]{2,}|ERR_SSL_\w+|ERR_TLS_HANDSHAKE_TIMEOUT|ERR_STREAM_(DESTROYED|PREMATURE_CLOSE|WRITE_AFTER_END)|ERR_SOCKET_(CLOSED\w*|CONNECTION_TIMEOUT)|Connection terminated.*|timeout expired|Client (has|was) .*)$/,
    what: 'PostgreSQL cannot be reached',
    isLoss: true,
    mayBeOutage: true,
  },
];

/** Whether a write that was refused with this error may be stored all the same, or may be later. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof DatabaseFault && error.mayBeDone;
}

/** What is known of a failure; what is left out is false. */
interface FaultFacts {
  /** What PostgreSQL or the system says, which may have an address in it. */
  readonly detail?: string;
  readonly isLoss?: boolean;
  readonly mayBeOutage?: boolean;
  readonly isPassing?: boolean;
  readonly isBusy?: boolean;
  readonly mayBeDone?: boolean;
}

/** A failure of PostgreSQL itself, or of the way to it. What failed may succeed later; nothing in this process is wrong. */
export class DatabaseFault extends Error implements StoreFault {
  override readonly name = 'DatabaseFault';
  /** For everybody: a sentence without addresses. */
  readonly what: string;
  readonly code: string;
  /** There is no connection, or it was lost. */
  readonly isLoss: boolean;
  readonly mayBeOutage: boolean;
  outage: StoreFault['outage'] = false;
  /** Nobody has to do anything for the same to succeed. */
  readonly isPassing: boolean;
  /** Fewer requests would succeed. */
  readonly isBusy: boolean;
  /** The answer to a COMMIT, or to a statement that is a transaction of its own, did not come: it was done or not, or will be. */
  readonly mayBeDone: boolean;

  constructor(what: string, code: string, facts: FaultFacts = {}) {
    const {
      detail,
      isLoss = false,
      mayBeOutage = false,
      isPassing = isLoss,
      isBusy = false,
      mayBeDone = false,
    } = facts;
    super(detail === undefined ? what : `${what} (${detail})`);
    this.what = what;
    this.code = code;
    this.isLoss = isLoss;
    this.mayBeOutage = mayBeOutage;
    this.isPassing = isPassing;
    this.isBusy = isBusy;
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
  const { what, isLoss = false, mayBeOutage = false, isPassing = isLoss, isBusy = false } = fault;
  const mayBeDone = wouldCommit && mayBeOutage;
  return new DatabaseFault(what, signs[0] ?? '', { detail: text, isLoss, mayBeOutage, isPassing, isBusy, mayBeDone });
}

/** The SQLSTATE of an error of PostgreSQL, or the code of one of the system. */
function sqlStateOf(error: unknown): string | undefined {
  return isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
