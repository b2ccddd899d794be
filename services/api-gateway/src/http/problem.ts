/** One thing wrong with a request, and where. */
export interface RequestFault {
  readonly in: 'body' | 'query' | 'path' | 'header';
  /** A JSON pointer into the body, or the name of a parameter; empty for the whole. */
  readonly at: string;
  readonly message: string;
}

/** What the gateway itself says no to, besides the refusals of the services. */
const PROBLEMS = {
  VALIDATION_FAILED: [400, 'The request is not valid.'],
  MALFORMED_JSON: [400, 'The body is not JSON.'],
  MALFORMED_REQUEST: [400, 'The request cannot be understood.'],
  AUTHENTICATION_REQUIRED: [401, 'A token is needed.'],
  TOKEN_INVALID: [401, 'The token is not valid.'],
  TOKEN_EXPIRED: [401, 'The token has expired.'],
  ROLE_REQUIRED: [403, 'The token lacks the role this needs.'],
  NOT_YOURSELF: [403, 'The token belongs to another user than the request names.'],
  TOKENS_DIFFER: [403, 'The request carries two tokens that differ.'],
  USER_UNKNOWN: [403, 'The identity provider names no user of ours.'],
  USER_REQUIRED: [403, 'The token belongs to no user yet: name the user.'],
  OPEN_MODE_ONLY: [403, 'The identity provider gives tokens here, not this server.'],
  FORBIDDEN: [403, 'This is not yours to do.'],
  ENTRY_REQUIRED: [403, 'Join the waiting room first.'],
  ENTRY_WAITING: [403, 'It is not your turn yet.'],
  ENTRY_EXPIRED: [403, 'Your time in front of the seats is over.'],
  ENTRY_USED: [403, 'Your entry was used up by a payment.'],
  NOT_FOUND: [404, 'There is nothing here.'],
  METHOD_NOT_ALLOWED: [405, 'The method is not allowed here.'],
  REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
  IDEMPOTENCY_IN_PROGRESS: [409, 'The same request is still running.'],
  BODY_TOO_LARGE: [413, 'The body is too large.'],
  URI_TOO_LONG: [414, 'The URL is too long.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The body must be application/json in UTF-8.'],
  IDEMPOTENCY_KEY_REUSED: [422, 'The idempotency key was used with another body.'],
  RATE_LIMITED: [429, 'Too many requests.'],
  HEADERS_TOO_LARGE: [431, 'The headers are too large.'],
  INTERNAL: [500, 'Something went wrong on our side.'],
  SERVICE_UNAVAILABLE: [503, 'A part of the system cannot be asked just now.'],
  SHUTTING_DOWN: [503, 'This server is shutting down.'],
  OUTCOME_UNKNOWN: [504, 'The outcome is not known yet.'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An answer that is not the one asked for, ready to be written as RFC 9457 says. */
export interface Problem {
  readonly status: number;
  /** Stable: clients decide by it. A refusal code of a service or one of the gateway's own. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beyond the standard ones, such as `errors`, `position` or `details`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

type Extras = Pick<Problem, 'detail' | 'headers' | 'members'>;

export function problem(code: ProblemCode, extras: Extras = {}): Problem {
  const [status, title] = PROBLEMS[code];
  return { status, code, title, ...extras };
}

/** Ends a request with a problem; takes nothing else down. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;

  constructor(code: ProblemCode, extras: Extras = {}) {
    super(extras.detail ?? code);
    this.problem = problem(code, extras);
  }
}

/** More than anybody corrects at once; a body of nothing but faults must not make a huge answer. */
const MAX_FAULTS = 50;

/** A request that is wrong in itself, with everything that is wrong about it at once. */
export function invalidRequest(errors: readonly RequestFault[]): ProblemError {
  const [first] = errors;
  const where = first === undefined ? '' : `${first.in} ${first.at}`.trim();
  return new ProblemError('VALIDATION_FAILED', {
    detail: first === undefined ? 'The request is not valid.' : `${where}: ${first.message}`,
    members: { errors: errors.slice(0, MAX_FAULTS) },
  });
}

/** The type of a problem is a name, not a page: nothing needs to be fetched to understand it. */
export function problemType(code: string): string {
  return `urn:encore:problem:${code.toLowerCase().replaceAll('_', '-')}`;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

export function problemBody(said: Problem, requestId: string): Record<string, unknown> {
  return {
    ...said.members,
    type: problemType(said.code),
    title: said.title,
    status: said.status,
    ...(said.detail === undefined ? {} : { detail: said.detail }),
    code: said.code,
    requestId,
  };
}
