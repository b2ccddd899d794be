import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Request, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

type Headers = readonly (readonly [name: string, value: string])[];

const SHARED = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] };

/** No forced HTTPS in the policies: local runs have none. */
export const API_SECURITY: Readonly<HelmetOptions> = {
  contentSecurityPolicy: { useDefaults: false, directives: SHARED },
  crossOriginResourcePolicy: { policy: 'same-site' },
};

export const DOCS_SECURITY: Readonly<HelmetOptions> = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      ...SHARED,
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
    },
  },
};

/**
 * The API itself may load nothing at all; the documentation loads its own scripts, and styles that
 * Swagger UI writes into the page.
 */
export function securityHeaders(): (request: Request, response: Response) => void {
  const api = headersOf(API_SECURITY);
  const docs = headersOf(DOCS_SECURITY);
  return ({ path }, response) => {
    const isDocs = path === '/docs' || path.startsWith('/docs/');
    for (const [name, value] of isDocs ? docs : api) response.setHeader(name, value);
  };
}

/**
 * What Helmet sets, found out once. With policies that ask nothing about the request its headers
 * are the same for every answer, but it takes eleven steps to set them.
 */
function headersOf(options: Readonly<HelmetOptions>): Headers {
  const answer = new RecordedAnswer(new IncomingMessage(new Socket()));
  const ends: unknown[] = [];
  helmet(options)(answer.req, answer, (error?: unknown) => ends.push(error));
  const [end] = ends;
  if (ends.length === 0 || end !== undefined) {
    throw new TypeError('Helmet did not set every header at once', { cause: end });
  }
  return answer.headers;
}

/** Keeps the names of headers as they were written, too. */
class RecordedAnswer extends ServerResponse {
  readonly headers: [name: string, value: string][] = [];

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.headers.push([name, String(value)]);
    return super.setHeader(name, value);
  }
}
