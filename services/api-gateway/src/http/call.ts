import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Done, Origin, Reader, Writer } from '../application/caller.js';
import { unauthorized, type Identity } from '../identity/tokens.js';
import { ENDPOINT, type Endpoint } from './endpoint.js';
import {
  IDEMPOTENCY_KEY_HEADER,
  idempotencyKeyOf,
  repeatableIdOf,
  type RepeatableId,
} from './idempotency.js';
import { validate, type Input } from './validation.js';

/**
 * One call of an endpoint as its controller sees it: validated input, who calls, and the few
 * things an answer can carry besides its body.
 */
export class HttpCall<E extends Endpoint = Endpoint> {
  readonly params: Input<E>['params'];
  readonly query: Input<E>['query'];
  readonly body: Input<E>['body'];
  private readonly repeatable: RepeatableId | undefined;

  constructor(
    endpoint: E,
    private readonly request: Request,
    private readonly response: Response,
  ) {
    const input = validate(endpoint, request);
    this.params = input.params;
    this.query = input.query;
    this.body = input.body;
    if (endpoint.method === 'GET') return;
    this.repeatable = repeatableIdOf({
      endpoint,
      userId: request.context.identity?.userId,
      params: input.params,
      body: input.body,
      key: idempotencyKeyOf(request.headers[IDEMPOTENCY_KEY_HEADER]),
    });
  }

  get identity(): Identity {
    const { identity } = this.request.context;
    if (identity === undefined) throw unauthorized('AUTHENTICATION_REQUIRED');
    return identity;
  }

  get origin(): Origin {
    const { requestId, traceparent } = this.request.context;
    return { requestId, traceparent };
  }

  get reader(): Reader {
    return { ...this.origin, userId: this.identity.userId };
  }

  /** The origin of a change anybody may make. */
  get change(): Origin & RepeatableId {
    if (this.repeatable === undefined) throw new TypeError('a GET changes nothing');
    return { ...this.origin, ...this.repeatable };
  }

  get writer(): Writer {
    return { ...this.change, userId: this.identity.userId };
  }

  /** 200, for a change that created nothing. */
  done<Value>(done: Done<Value>): Value {
    if (done.replayed) this.response.setHeader('Idempotent-Replayed', 'true');
    return this.ok(done.value);
  }

  ok<Value>(value: Value): Value {
    this.response.status(200);
    return value;
  }

  created<Value>(done: Done<Value>, location?: string): Value {
    if (done.replayed) this.response.setHeader('Idempotent-Replayed', 'true');
    if (location !== undefined) this.response.setHeader('Location', location);
    this.response.status(201);
    return done.value;
  }

  /** 202: it is under way, and the location tells how it goes. */
  accepted<Value>(value: Value, location: string): Value {
    this.response.status(202).setHeader('Location', location);
    this.response.setHeader('Retry-After', '1');
    return value;
  }

  /** An answer the client may keep and ask about again: a 304 without a body when it has it. */
  conditional<Value>(
    value: Value,
    options: { tag?: string; cacheControl: string },
  ): Value | undefined {
    const tag = options.tag ?? createHash('sha1').update(JSON.stringify(value)).digest('base64url');
    this.response.setHeader('ETag', `W/"${tag}"`);
    this.response.setHeader('Cache-Control', options.cacheControl);
    // Express would ignore the tag of a request that says `no-cache`, which some clients add to
    // every conditional request; but it is caches on the way that are meant by it, not the origin.
    const has = tagsOf(this.request.headers['if-none-match']);
    if (!has.includes(`"${tag}"`) && !has.includes('*')) return this.ok(value);
    this.response.status(304);
    return undefined;
  }
}

/** Weak comparison: whether a tag is weak makes no difference to a read. */
function tagsOf(header: string | undefined): string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

/** The call of the endpoint a method serves; a request that is not valid ends here. */
export const Call = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const endpoint = Reflect.getMetadata(ENDPOINT, context.getHandler()) as Endpoint | undefined;
  if (endpoint === undefined) throw new TypeError('@Call belongs to a method with @Serves');
  const http = context.switchToHttp();
  return new HttpCall(endpoint, http.getRequest<Request>(), http.getResponse<Response>());
});
