import type { Request } from 'express';
import { ProblemError } from './problem.js';

/** The rest of the body is not worth reading, so the connection cannot be used again. */
export const CLOSE = { connection: 'close' };

/**
 * The bytes of a body that says how many it has, when they are few enough and encoded in no way;
 * undefined for every other one. Nearly all are such: reading them takes two listeners.
 */
export function plainLengthOf({ headers }: Request, limitBytes: number): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  if (headers['content-encoding'] !== undefined) return undefined;
  const lengthBytes = Number(headers['content-length']);
  return lengthBytes <= limitBytes ? lengthBytes : undefined;
}

/**
 * Reads a plain body of JSON in UTF-8 as `express.json` would: an unfinished character becomes
 * U+FFFD, a byte order mark is no part of the text, and a text of nothing else counts as `{}`.
 */
export function readPlainJson(
  request: Request,
  lengthBytes: number,
  done: (error: ProblemError | undefined, value?: unknown) => void,
): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    const [first = EMPTY, ...more] = chunks;
    const bytes = more.length === 0 ? first : Buffer.concat(chunks);
    if (bytes.length === lengthBytes) parse(textOf(bytes), done);
    else done(brokenOff());
  });
  // Whoever hangs up before the end: there is either this event or the other.
  request.once('error', () => done(brokenOff()));
}

const EMPTY = Buffer.alloc(0);
const BYTE_ORDER_MARK = '\ufeff';

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function parse(text: string, done: (error: ProblemError | undefined, value?: unknown) => void) {
  let value: unknown = {};
  try {
    if (text !== '') value = JSON.parse(text);
  } catch {
    done(new ProblemError('MALFORMED_JSON'));
    return;
  }
  done(undefined, value);
}

function brokenOff(): ProblemError {
  return new ProblemError('MALFORMED_REQUEST', { headers: CLOSE });
}
