import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';
import { API_SECURITY, DOCS_SECURITY, securityHeaders } from './security-headers.js';

describe('the security headers', () => {
  it.each(['/', '/v1/payments', '/docsother', '/DOCS', '/v1/docs/'])(
    'of %s are those Helmet gives the API',
    (path) => {
      expect(ours(path)).toEqual(helmets(API_SECURITY));
    },
  );

  it.each(['/docs', '/docs/', '/docs/assets/swagger-ui.css'])(
    'of %s are those Helmet gives the documentation',
    (path) => {
      expect(ours(path)).toEqual(helmets(DOCS_SECURITY));
    },
  );

  it('let the API load nothing', () => {
    expect(ours('/v1/payments')).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none'",
      'cross-origin-resource-policy': 'same-site',
      'x-content-type-options': 'nosniff',
    });
  });
});

function ours(path: string): object {
  const response = unanswered();
  securityHeaders()({ path } as Request, response as Response);
  return { ...response.getHeaders() };
}

function helmets(options: Readonly<HelmetOptions>): object {
  const response = unanswered();
  helmet(options)(response.req, response, () => undefined);
  return { ...response.getHeaders() };
}

function unanswered(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}
