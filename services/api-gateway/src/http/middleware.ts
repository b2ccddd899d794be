import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Metrics } from '@encore/service-kit';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { jsonBody } from './json-body.js';
import { ProblemError } from './problem.js';
import type { RateLimits } from './rate-limits.js';
import { openContext } from './request-context.js';
import { securityHeaders } from './security-headers.js';

export interface MiddlewareOptions {
  readonly bodyLimitBytes: number;
  readonly bodyDepthLimit: number;
  readonly urlLimitChars: number;
  /** Whether the body of a request is one number instead of an object. */
  readonly isBareNumber: (request: Request) => boolean;
}

/**
 * Everything a request passes before it is routed, in this order. One step for Express, which does
 * for every one of them as much as some of these do. What is thrown ends in the problem filter.
 */
export function entrance(
  options: MiddlewareOptions,
  metrics: Metrics,
  limits: RateLimits,
): RequestHandler {
  const setSecurityHeaders = securityHeaders();
  const readBody = jsonBody(
    { bytes: options.bodyLimitBytes, depth: options.bodyDepthLimit },
    options.isBareNumber,
  );
  return (request, response, next) => {
    openContext(request, response);
    measure(metrics, request, response);
    setSecurityHeaders(request, response);
    limits.countAddress(request, response);
    if (request.url.length > options.urlLimitChars) throw new ProblemError('URI_TOO_LONG');
    readBody(request, response, next);
  };
}

/** The files of the browsable documentation; nothing is loaded from other hosts. */
export function docsAssets(): RequestHandler {
  const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  return express.static(dirname(manifest), {
    index: false,
    maxAge: '1h',
    redirect: false,
    fallthrough: true,
  });
}

/**
 * By the pattern of the route, so that ids do not become labels; what no route took is one label.
 */
function measure(metrics: Metrics, request: Request, response: Response): void {
  const startedAt = performance.now();
  response.once('close', () => {
    metrics.httpRequest({
      method: request.method,
      route: patternOf(request),
      // A client that hung up before the answer, as proxies count it.
      status: response.writableFinished ? response.statusCode : 499,
      seconds: (performance.now() - startedAt) / 1_000,
    });
  });
}

function patternOf(request: Request): string {
  const route: unknown = request.route;
  const known = typeof route === 'object' && route !== null && 'path' in route;
  return known && typeof route.path === 'string' ? route.path : 'none';
}
