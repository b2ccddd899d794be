import { EncoreConnectionError, EncoreProblem } from './errors.js';
import { delayMsBeforeRetry, retryAfterMsOf, type RetryPolicy } from './retrying.js';
import type { Method, ProblemDocument } from './shapes.js';
import type { Surroundings } from './surroundings.js';

/** A token, or where to get the one that is valid just now. */
export type TokenSource = string | (() => string | Promise<string>);

export interface TransportOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly token: TokenSource | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly retries: RetryPolicy;
  readonly timeoutMs: number;
}

/** One logical call, however often it has to be tried. */
export interface Call {
  readonly method: Method;
  /** With its query, from the root of the gateway. */
  readonly path: string;
  readonly body?: unknown;
  /** Without one, a change gets a key of its own. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Tries a call until it is answered for good, under one idempotency key. */
export class Transport {
  constructor(
    private readonly options: TransportOptions,
    private readonly surroundings: Surroundings,
  ) {}

  /** Rejects with an EncoreProblem, an EncoreConnectionError or the reason of the signal. */
  async exchange(call: Call): Promise<Answer<unknown>> {
    const { retries } = this.options;
    const key = call.method === 'GET' ? undefined : (call.idempotencyKey ?? newKey());
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.attempt(call, key, attempt);
      if (!(result instanceof Error)) return result;
      const failed = { attempt, ...this.answerOf(result) };
      const delayMs = delayMsBeforeRetry(failed, retries, this.surroundings.random());
      if (delayMs === undefined) throw result;
      await this.surroundings.pause(delayMs, call.signal);
    }
  }

  /** One try; what may be worth another one is returned and not thrown. */
  private async attempt(
    call: Call,
    key: string | undefined,
    attempt: number,
  ): Promise<Answer<unknown> | EncoreProblem | EncoreConnectionError> {
    const { baseUrl, fetch, timeoutMs } = this.options;
    const headers = await this.headersOf(call, key);
    call.signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(timeoutMs);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${baseUrl}${call.path}`, {
        method: call.method,
        headers,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]),
      });
      text = await response.text();
    } catch (error) {
      call.signal?.throwIfAborted();
      return new EncoreConnectionError(attempt, key, error);
    }
    const body = parsed(text);
    if (!response.ok) return new EncoreProblem(problemOf(response, body), response.headers);
    if (body === undefined) {
      return new EncoreProblem(unreadable(response), response.headers);
    }
    return { status: response.status, headers: response.headers, body };
  }

  private async headersOf(call: Call, key: string | undefined): Promise<Record<string, string>> {
    const { token } = this.options;
    const current = typeof token === 'function' ? await token() : token;
    return {
      accept: 'application/json, application/problem+json',
      ...(current === undefined ? {} : { authorization: `Bearer ${current}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
  }

  private answerOf(error: EncoreProblem | EncoreConnectionError) {
    if (error instanceof EncoreConnectionError) return {};
    const retryAfterMs = retryAfterMsOf(error.headers, this.surroundings.now());
    return { answer: { status: error.status, code: error.code, retryAfterMs } };
  }
}

/** 128 random bits: `crypto.randomUUID` is missing on pages that came without TLS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function problemOf(response: Response, body: unknown): ProblemDocument {
  const isProblem =
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'title' in body;
  if (!isProblem) return unreadable(response);
  return { ...(body as ProblemDocument), status: response.status };
}

/** Says of an answer that is not the gateway's what can be said. */
function unreadable(response: Response): ProblemDocument {
  return {
    type: 'about:blank',
    title: `The answer, ${response.status}, is not one of the gateway.`,
    status: response.status,
    code: 'UNREADABLE_ANSWER',
    requestId: response.headers.get('request-id') ?? '',
  };
}
