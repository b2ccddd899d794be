import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { screenJson } from './json-screen.js';
import { CLOSE, plainLengthOf, readPlainJson } from './plain-body.js';
import { invalidRequest, ProblemError } from './problem.js';

interface BodyLimits {
  readonly bytes: number;
  readonly depth: number;
}

/** `application/json`, if a charset is named then UTF-8, and nothing else. */
const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"?)? *$/i;
/** Where the body is a bare number, clients that know it is no object call it text. */
const BARE_TYPE = /^(?:application\/json|text\/plain) *(?:; *charset="?utf-8"?)? *$/i;

/**
 * Reads a JSON body of bounded size and depth. Every failure is a 4xx problem, whichever layer
 * found it. Bodies are not decompressed: 16 KB need no compression, and a bomb needs it. What is
 * not plain is left to Express, whose reader finds the same wrong about it as ours.
 */
export function jsonBody(
  limits: BodyLimits,
  isBareNumber: (request: Request) => boolean = () => false,
): RequestHandler {
  const common = { limit: limits.bytes, inflate: false, type: () => true };
  const readObject = express.json({ ...common, strict: true });
  const readAny = express.json({ ...common, strict: false });
  return (request: Request, response: Response, next: NextFunction) => {
    if (!hasBody(request)) {
      next();
      return;
    }
    const isBare = isBareNumber(request);
    if (!(isBare ? BARE_TYPE : JSON_TYPE).test(request.headers['content-type'] ?? '')) {
      next(new ProblemError('UNSUPPORTED_MEDIA_TYPE'));
      return;
    }
    const lengthBytes = plainLengthOf(request, limits.bytes);
    if (lengthBytes === undefined) {
      const read = isBare ? readAny : readObject;
      read(request, response, (error?: unknown) => {
        if (error === undefined || error === null) screen(request, limits.depth, next);
        else next(bodyProblemOf(error));
      });
      return;
    }
    readPlainJson(request, lengthBytes, (error, value) => {
      if (error !== undefined) next(error);
      else if (!isBare && !isObjectOrArray(value)) next(new ProblemError('MALFORMED_JSON'));
      else {
        request.body = value;
        screen(request, limits.depth, next);
      }
    });
  };
}

function screen(request: Request, maxDepth: number, next: NextFunction): void {
  const fault = screenJson(request.body, maxDepth);
  next(fault === undefined ? undefined : invalidRequest([fault]));
}

function isObjectOrArray(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function hasBody(request: Request): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length ?? '0') !== '0';
}

/** What body-parser's errors mean; their `type` is its documented interface. */
const BODY_ERRORS: Readonly<Record<string, () => ProblemError>> = {
  'entity.parse.failed': () => new ProblemError('MALFORMED_JSON'),
  'entity.too.large': () => new ProblemError('BODY_TOO_LARGE', { headers: CLOSE }),
  'encoding.unsupported': () => new ProblemError('UNSUPPORTED_MEDIA_TYPE'),
  'charset.unsupported': () => new ProblemError('UNSUPPORTED_MEDIA_TYPE'),
  'request.aborted': () => new ProblemError('MALFORMED_REQUEST', { headers: CLOSE }),
  'request.size.invalid': () => new ProblemError('MALFORMED_REQUEST', { headers: CLOSE }),
};

function bodyProblemOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('type' in error)) return error;
  const known = typeof error.type === 'string' ? BODY_ERRORS[error.type] : undefined;
  return known === undefined ? error : known();
}
