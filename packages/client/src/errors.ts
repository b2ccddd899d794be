import type { Entry, ProblemCode, ProblemDocument } from './shapes.js';

/**
 * Codes of the gateway, and the one for an answer that is no problem document and no JSON: it came
 * from something in between. The intersection keeps editors proposing the known codes while every
 * other stays possible.
 */
export type EncoreProblemCode = ProblemCode | 'UNREADABLE_ANSWER' | (string & {});

/** The gateway said no. Ends one call; decide by `code`, show `message` to people. */
export class EncoreProblem extends Error {
  override readonly name = 'EncoreProblem';

  constructor(
    readonly problem: ProblemDocument,
    readonly headers: Headers = new Headers(),
  ) {
    super(problem.detail ?? problem.title);
  }

  get code(): EncoreProblemCode {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** What support needs to find the call; empty when the answer was not the gateway's. */
  get requestId(): string {
    return this.problem.requestId;
  }
}

/**
 * No answer came: not connected, broken off, or not within the time of one try. Whether a change
 * was made is unknown; the same call with the same idempotency key finds out.
 */
export class EncoreConnectionError extends Error {
  override readonly name = 'EncoreConnectionError';

  constructor(
    /** How often it was tried. */
    readonly attempts: number,
    /** The key to find out with; undefined for a read. */
    readonly idempotencyKey: string | undefined,
    cause: unknown,
  ) {
    super(`no answer after ${attempts} ${attempts === 1 ? 'try' : 'tries'}`, { cause });
  }
}

/** The entry one waited with is over: used, lapsed or left. Joining again is a new place. */
export class EncoreEntryEndedError extends Error {
  override readonly name = 'EncoreEntryEndedError';

  constructor(readonly entry: Entry) {
    super(`the entry in ${entry.roomId} is ${entry.state}`);
  }
}

/** Nothing went wrong, but what one waited for did not come within the time allowed. */
export class EncoreUnfinishedError<Seen> extends Error {
  override readonly name = 'EncoreUnfinishedError';

  constructor(
    message: string,
    /** How it stood when the waiting ended. */
    readonly last: Seen,
  ) {
    super(message);
  }
}
