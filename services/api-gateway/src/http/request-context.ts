import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { EntryView } from '@encore/contracts';
import type { Request, Response } from 'express';
import type { Identity } from '../identity/tokens.js';
import type { Lane } from './lanes.js';

/** What the gateway knows about a request besides the request itself. */
export interface RequestContext {
  readonly requestId: string;
  /** W3C trace context: the caller's trace with a span of ours, or a new trace. */
  readonly traceparent: string;
  /** What it counts towards. Set by the rate limits. */
  lane?: Lane;
  /** Set by the identity guard. */
  identity?: Identity;
  /** The place the token was given with. Set by the identity guard. */
  entry?: EntryView;
  /** Of a guest's pass: its secret. Set by the identity guard. */
  guestUuid?: string;
  /** A guest's pass and the user it is to belong to from now on. Set by the identity guard. */
  binding?: { readonly tokenUuid: string; readonly userId: number };
}

declare module 'express-serve-static-core' {
  interface Request {
    context: RequestContext;
  }
}

const REQUEST_ID = /^[A-Za-z0-9._~:-]{1,128}$/;
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** Names under which proxies speak of a user: from outside they are lies. */
const IDENTITY_HEADER = /^(?:x-(?:encore|user|authenticated|auth-request|forwarded-user)|remote-)/;
const OTHER_IDENTITY_HEADERS = [
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-remote-user',
];

/** The client's own id where it can be one. */
export function requestIdFrom(given: string | string[] | undefined): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

export function contextOf(headers: IncomingHttpHeaders): RequestContext {
  const requestId = requestIdFrom(headers['request-id']);
  return { requestId, traceparent: childTraceOf(headers['traceparent']) };
}

/** A header that breaks the rules counts as absent, as the W3C recommendation asks. */
function childTraceOf(given: string | string[] | undefined): string {
  const [, trace, flags] = (typeof given === 'string' && TRACEPARENT.exec(given)) || [];
  return `00-${trace ?? randomHex(32)}-${randomHex(16)}-${flags ?? '01'}`;
}

/** Of a uuid, because Node draws the randomness of many of those at once. */
function randomHex(digits: 16 | 32): string {
  return randomUUID().replaceAll('-', '').slice(0, digits);
}

export function stripIdentity(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers)) {
    if (IDENTITY_HEADER.test(name) || OTHER_IDENTITY_HEADERS.includes(name)) {
      Reflect.deleteProperty(headers, name);
    }
  }
}

/** First of all: everything after it, errors too, can name the request. */
export function openContext(request: Request, response: Response): void {
  stripIdentity(request.headers);
  request.context = contextOf(request.headers);
  response.setHeader('Request-Id', request.context.requestId);
  response.setHeader('traceparent', request.context.traceparent);
  response.setHeader('Cache-Control', 'no-store');
}
