/**
 * No connection could be had: the server is not there, is full, or does not let this role in. The
 * cause is what the driver said. Takes down nothing: the same work can be tried again later.
 */
export class DatabaseUnavailableError extends Error {
  constructor(cause: unknown) {
    super(`The database is unavailable: ${messageOf(cause)}`, { cause });
    this.name = 'DatabaseUnavailableError';
  }
}

/** SQLSTATEs with which the server says that it, and not the statement, is in trouble. */
const UNAVAILABLE_STATES = new Set([
  '57P01', // admin_shutdown: also what a terminated backend says
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or recovering
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout: this process stalled and lost its session
  '25006', // read_only_sql_transaction: failed over, and this one is not the primary any more
  '53100', // disk_full
  '53300', // too_many_connections
]);
const CONNECTION_EXCEPTION_CLASS = '08';

const UNAVAILABLE_NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** pg reports a lost connection with these words and without a code. */
const LOST_CONNECTION = new RegExp(
  [
    '^Connection terminated',
    '^Client has encountered a connection error',
    '^Client was closed and is not queryable',
    '^Query read timeout$',
  ].join('|'),
);

/**
 * True when the database is at fault and not the statement: nothing was decided, so the caller may
 * wait and do the same again. A lost answer to a COMMIT is reported so too: what was to be done
 * may have been done, and only repeatable work may be repeated.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof DatabaseUnavailableError) return true;
  const code = codeOf(error);
  if (code === undefined) return LOST_CONNECTION.test(error.message);
  return (
    UNAVAILABLE_STATES.has(code) ||
    UNAVAILABLE_NETWORK_CODES.has(code) ||
    (code.length === 5 && code.startsWith(CONNECTION_EXCEPTION_CLASS))
  );
}

const TIMEOUT_STATES = new Set([
  '55P03', // lock_not_available: lock_timeout, or NOWAIT
  '57014', // query_canceled: statement_timeout
]);

/**
 * True when the server stopped a statement because it waited for a lock or ran for too long: most
 * often because of its neighbours, so that the same work may pass a moment later.
 */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && TIMEOUT_STATES.has(codeOf(error) ?? '');
}

const INTEGRITY_VIOLATION_CLASS = '23';

/** The name of the constraint that had the last word; undefined for any other error. */
export function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof Error) || codeOf(error)?.startsWith(INTEGRITY_VIOLATION_CLASS) !== true) {
    return undefined;
  }
  return 'constraint' in error && typeof error.constraint === 'string'
    ? error.constraint
    : undefined;
}

const CONFLICT_STATES = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
]);

/** A neighbour was first, as the constraint says that a statement names for this. */
export class LostRaceError extends Error {
  constructor(cause: Error) {
    super(`A neighbour was first: ${cause.message}`, { cause });
    this.name = 'LostRaceError';
  }
}

/** True when a transaction was rolled back because of a neighbour: a second try may pass. */
export function isConflict(error: unknown): boolean {
  if (error instanceof LostRaceError) return true;
  return error instanceof Error && CONFLICT_STATES.has(codeOf(error) ?? '');
}

/** SQLSTATE of the server or code of the network, whichever the error carries. */
export function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A refused dual-stack connection is an AggregateError whose own message is empty.
  return error.message === '' ? (codeOf(error) ?? error.name) : error.message;
}
