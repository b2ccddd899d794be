import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Metrics } from '@encore/service-kit';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import { jsonBody } from './json-body.js';
import { ProblemError } from './problem.js';
import type { RateLimits } from './rate-limits.js';
import { openContext } from './request-context.js';

export interface MiddlewareOptions {
  readonly bodyLimitBytes: number;
  readonly bodyDepthLimit: number;
  readonly urlLimitChars: number;
  /** Whether the body of a request is one number instead of an object. */
  readonly isBareNumber: (request: Request) => boolean;
}

/** Everything a request passes before it is routed, in this order. */
export function middlewareOf(
  options: MiddlewareOptions,
  metrics: Metrics,
  limits: RateLimits,
): RequestHandler[] {
  return [
    openContext,
    measure(metrics),
    securityHeaders(),
    limits.byAddress(),
    limitUrl(options.urlLimitChars),
    jsonBody(
      { bytes: options.bodyLimitBytes, depth: options.bodyDepthLimit },
      options.isBareNumber,
    ),
  ];
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
function measure(metrics: Metrics): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
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
    next();
  };
}

function patternOf(request: Request): string {
  const route: unknown = request.route;
  const known = typeof route === 'object' && route !== null && 'path' in route;
  return known && typeof route.path === 'string' ? route.path : 'none';
}

/**
 * The API itself may load nothing at all; the documentation loads its own scripts, and styles that
 * Swagger UI writes into the page. No forced HTTPS in the policy: local runs have none.
 */
function securityHeaders(): RequestHandler {
  const shared = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] };
  const api = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: shared },
    crossOriginResourcePolicy: { policy: 'same-site' },
  });
  const docs = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...shared,
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
      },
    },
  });
  return (request, response, next) => {
    const isDocs = request.path === '/docs' || request.path.startsWith('/docs/');
    (isDocs ? docs : api)(request, response, next);
  };
}

function limitUrl(maxChars: number): RequestHandler {
  return (request, _response, next) => {
    next(request.url.length > maxChars ? new ProblemError('URI_TOO_LONG') : undefined);
  };
}
