import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import express, { type NextFunction, type Request, type Response } from 'express';
import fc from 'fast-check';
import { jsonBody } from './json-body.js';
import { ProblemError } from './problem.js';

/** What became of a body: its value, or the problem it is. */
interface Reading {
  readonly value?: unknown;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const LIMIT_BYTES = 64;
const heard: Reading[] = [];
let closedResponses = 0;
let server: Server;

beforeAll(async () => {
  const http = express();
  http.use(jsonBody({ bytes: LIMIT_BYTES, depth: 4 }, ({ path }) => path === '/bare'));
  http.use((asked: Request, response: Response) => {
    response.once('close', () => (closedResponses += 1));
    if (asked.path === '/held') heard.push({ value: asked.body as unknown });
    else tell(response, { value: asked.body as unknown });
  });
  http.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (!(error instanceof ProblemError)) throw error;
    const { code, headers = {} } = error.problem;
    tell(response, { code, headers });
  });
  server = createServer(http);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function tell(response: Response, reading: Reading): void {
  heard.push(reading);
  response.json(reading);
}

/** Sends it with its length, which our reader takes, or in chunks, which Express' takes. */
function send(
  body: Uint8Array | string,
  how: 'with its length' | 'in chunks',
  { path = '/', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Reading> {
  const bytes = Buffer.from(body);
  const { port } = server.address() as AddressInfo;
  const framing =
    how === 'in chunks' ? { 'transfer-encoding': 'chunked' } : { 'content-length': bytes.length };
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        ...{ port, path, method: 'POST' },
        headers: { 'content-type': 'application/json', ...framing, ...headers },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve(JSON.parse(text) as Reading));
      },
    );
    asking.on('error', reject).end(bytes);
  });
}

const BODIES: readonly (string | Buffer)[] = [
  ...['{"a":1}', ' \n\t\r[1,2] ', '{}', '[]', '{"a":{"b":{"c":1}}}', '{"a":"é€😀"}'],
  ...['', ' ', '{', '{"a":1', '{"a":1}}', "{'a':1}", 'nonsense', '{"a":1}\0'],
  ...['1', '"text"', 'null', 'true', ' 12 ', '-', '{"a":NaN}', '[1,]'],
  ...['\ufeff{"a":1}', '\ufeff', '\ufeff\ufeff{}', '{"\ufeff":1}', '\u00a0{}', '\v{}'],
  ...['[[[[[1]]]]]', '{"__proto__":1}', '{"a":{"constructor":1}}', '{"a":"\\u0000"}'],
  ...['{"a":"\\ud800"}', ' '.repeat(LIMIT_BYTES), ' '.repeat(LIMIT_BYTES + 1)],
  Buffer.from([0xff]),
  Buffer.from([...Buffer.from('{"a":"'), 0xf0, 0x9f, ...Buffer.from('"}')]),
  Buffer.from([...Buffer.from('{}'), 0xe2, 0x82]),
  Buffer.from('{"a":1}', 'utf16le'),
];

describe('a JSON body', () => {
  // Without bytes there is no body: a length of 0 says so, while chunks are read to their end.
  const read = BODIES.filter((body) => body.length > 0);

  it.each(read)('%j is read as Express reads it', async (body) => {
    expect(await send(body, 'with its length')).toEqual(await send(body, 'in chunks'));
  });

  it.each(read)('%j as a bare value is read as Express reads it', async (body) => {
    const path = '/bare';
    expect(await send(body, 'with its length', { path })).toEqual(
      await send(body, 'in chunks', { path }),
    );
  });

  it('is read as Express reads it, whatever it is', async () => {
    const anything = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: LIMIT_BYTES + 2 }),
      fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (body) => {
        expect(await send(body, 'with its length')).toEqual(await send(body, 'in chunks'));
      }),
      { numRuns: 150 },
    );
  });

  it('is read in as many parts as it arrives in', async () => {
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    const answered = new Promise<string>((resolve) => {
      socket.on('data', (data) => resolve(data.toString()));
    });
    const text = '{"a":"é😀"}';
    socket.write(`${head(Buffer.byteLength(text))}\r\n`);
    for (const byte of Buffer.from(text)) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answered).toContain('{"value":{"a":"é😀"}}');
    socket.destroy();
  });

  it('of more than the limit is refused before it is read, and hung up on', async () => {
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    heard.length = 0;
    socket.write(`${head(LIMIT_BYTES + 1)}\r\n{`);
    socket.end(' '.repeat(LIMIT_BYTES));
    await eventually(() =>
      expect(heard).toEqual([{ code: 'BODY_TOO_LARGE', headers: { connection: 'close' } }]),
    );
    socket.destroy();
  });

  it.each(['gzip', 'br', 'nonsense'])('encoded as %s is not read', async (encoding) => {
    const headers = { 'content-encoding': encoding };
    expect(await send('{}', 'with its length', { headers })).toEqual({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      headers: {},
    });
  });

  it.each(['identity', 'Identity', ''])('that calls itself %j is read', async (encoding) => {
    const headers = { 'content-encoding': encoding };
    expect(await send('{}', 'with its length', { headers })).toEqual({ value: {} });
  });

  it.each(['latin1', 'utf-16', 'utf-7', 'nonsense'])('in %s is not read', async (charset) => {
    const headers = { 'content-type': `application/json; charset=${charset}` };
    expect(await send('{}', 'with its length', { headers })).toEqual({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      headers: {},
    });
  });

  it('is not refused when its client hangs up after it', async () => {
    const { port } = server.address() as AddressInfo;
    heard.length = 0;
    const socket = connect(port, '127.0.0.1');
    socket.write(`${head(2, '/held')}\r\n{}`);
    await eventually(() => expect(heard).toEqual([{ value: {} }]));
    closedResponses = 0;
    socket.destroy();
    await eventually(() => expect(closedResponses).toBe(1));
    expect(heard).toEqual([{ value: {} }]);
  });

  it('that breaks off is refused once', async () => {
    const { port } = server.address() as AddressInfo;
    heard.length = 0;
    const socket = connect(port, '127.0.0.1');
    socket.write(`${head(20)}\r\n{"a":`, () => setTimeout(() => socket.destroy(), 20));
    await eventually(() =>
      expect(heard).toEqual([{ code: 'MALFORMED_REQUEST', headers: { connection: 'close' } }]),
    );
  });
});

function head(lengthBytes: number, path = '/'): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${lengthBytes}\r\n`
  );
}
