/** How often a call is tried and how long it rests in between. */
export interface RetryPolicy {
  /** Tries of one call, the first included. */
  readonly attemptsMax: number;
  /** The rest before the second try; doubles with every try, less a random part of it. */
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** A gateway that asks for more patience than this has the call given up at once. */
  readonly retryAfterMaxMs: number;
}

export const DEFAULT_RETRIES: RetryPolicy = {
  attemptsMax: 6,
  firstDelayMs: 200,
  delayMaxMs: 5_000,
  retryAfterMaxMs: 60_000,
};

export const NO_RETRIES: RetryPolicy = { ...DEFAULT_RETRIES, attemptsMax: 1 };

/** What came of one try that did not end well. */
export interface FailedAttempt {
  /** 1 for the first try. */
  readonly attempt: number;
  /** Undefined when no answer came. */
  readonly answer?: { status: number; code: string; retryAfterMs: number | undefined };
}

/** Too many at once, a part away, a server in between without a gateway, or an unknown outcome. */
const PASSING_STATUSES = new Set([429, 502, 503, 504]);

/**
 * How long to rest before the next try; undefined when there is none. Waits never shorter than the
 * gateway asked for, and spreads clients that failed together.
 *
 * @param random a number from 0 up to 1
 */
export function delayMsBeforeRetry(
  { attempt, answer }: FailedAttempt,
  policy: RetryPolicy,
  random: number,
): number | undefined {
  if (attempt >= policy.attemptsMax) return undefined;
  if (answer !== undefined && !mayPass(answer)) return undefined;
  const step = Math.min(policy.delayMaxMs, policy.firstDelayMs * 2 ** (attempt - 1));
  if (answer?.retryAfterMs === undefined) return step / 2 + (random * step) / 2;
  if (answer.retryAfterMs > policy.retryAfterMaxMs) return undefined;
  return answer.retryAfterMs + random * step;
}

/** Other conflicts are decisions; the same call still running is not. */
function mayPass({ status, code }: { status: number; code: string }): boolean {
  return PASSING_STATUSES.has(status) || (status === 409 && code === 'IDEMPOTENCY_IN_PROGRESS');
}

/** A Retry-After header, in seconds or as a date; undefined when there is none one can follow. */
export function retryAfterMsOf(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
