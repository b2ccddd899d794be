import { createHash } from 'node:crypto';
import { isGuestId } from '@encore/contracts';
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
import { ProblemError } from './problem.js';
import type { RequestContext } from './request-context.js';
import { validate, type Input } from './validation.js';

/**
 * One call of an endpoint as its controller sees it: validated input, who calls, and the few
 * things an answer can carry besides its body.
 */
export class HttpCall<E extends Endpoint = Endpoint> {
  readonly params: Input<E>['params'];
  readonly query: Input<E>['query'];
  readonly headers: Input<E>['headers'];
  readonly body: Input<E>['body'];
  private readonly key: string | undefined;
  private repeatable: RepeatableId | undefined;

  constructor(
    private readonly endpoint: E,
    private readonly request: Request,
    private readonly response: Response,
  ) {
    const input = validate(endpoint, request);
    this.params = input.params;
    this.query = input.query;
    this.headers = input.headers;
    this.body = input.body;
    if (endpoint.method !== 'GET') {
      this.key = idempotencyKeyOf(request.headers[IDEMPOTENCY_KEY_HEADER]);
    }
  }

  /** Who calls, if that is known: with a token, or as whom a route without token names. */
  get caller(): Identity | undefined {
    return this.request.context.identity;
  }

  /** The place the token was given with; undefined for one that names only a person. */
  get entry(): RequestContext['entry'] {
    return this.request.context.entry;
  }

  /** The secret of a guest's pass; undefined for a caller who is a user already. */
  get guestUuid(): RequestContext['guestUuid'] {
    return this.request.context.guestUuid;
  }

  /** The guest's pass that belongs to a user from now on; undefined when there is none. */
  get binding(): RequestContext['binding'] {
    return this.request.context.binding;
  }

  /** From now on the user a guest's pass was bound to is the one who calls. */
  bound(identity: Identity): void {
    this.request.context.identity = identity;
  }

  get identity(): Identity {
    const { identity } = this.request.context;
    if (identity === undefined) throw unauthorized('AUTHENTICATION_REQUIRED');
    return identity;
  }

  get origin(): Origin {
    const { requestId, traceparent, identity } = this.request.context;
    const origin = { requestId, traceparent };
    return identity === undefined ? origin : { ...origin, identity };
  }

  get reader(): Reader {
    return { ...this.origin, userId: this.identity.userId };
  }

  /** The origin of a change anybody may make. */
  get change(): Origin & RepeatableId {
    const { endpoint, params, query, body, key } = this;
    if (endpoint.method === 'GET') throw new TypeError('a GET changes nothing');
    this.repeatable ??= repeatableIdOf({
      endpoint,
      userId: this.caller?.userId,
      params,
      body: endpoint.queryInBody === true ? query : body,
      key,
    });
    return { ...this.origin, ...this.repeatable };
  }

  /** A guest changes nothing but its own place: whose seats and whose money would it be? */
  get writer(): Writer {
    const { userId } = this.identity;
    if (isGuestId(userId)) throw new ProblemError('USER_REQUIRED');
    return { ...this.change, userId };
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
