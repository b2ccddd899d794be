import { request } from 'node:http';
import { requireDescribed } from './description.js';

/** What came back, read as JSON. */
export interface Sent<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
}

const HANGING_AFTER_MS = 30_000;

/** Sends a request exactly as it is told, also a GET with a body, which `fetch` refuses to. */
export function send<Body = Record<string, unknown>>(
  url: string,
  method: string,
  { headers = {}, text }: { headers?: Record<string, string>; text?: string | undefined } = {},
): Promise<Sent<Body>> {
  return new Promise((resolve, reject) => {
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    const sending = request(
      url,
      { method, headers: { ...headers, ...length }, timeout: HANGING_AFTER_MS },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.once('error', reject);
        answer.once('end', () => {
          const body = Buffer.concat(parts).toString('utf8');
          const { statusCode: status = 0, headers } = answer;
          const { origin, pathname: path } = new URL(url);
          const contentType = headers['content-type'];
          requireDescribed(origin, { method, path, status, contentType, text: body }).then(() => {
            resolve({ status, headers, body: (body === '' ? {} : JSON.parse(body)) as Body });
          }, reject);
        });
      },
    );
    sending.once('timeout', () => sending.destroy(new Error(`${method} ${url} hangs`)));
    sending.once('error', reject);
    sending.end(text);
  });
}
