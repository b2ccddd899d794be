import { request, type Agent } from 'node:http';

/** A request down to its bytes. */
export interface Sending {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

export interface Returned {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

const HANGING_AFTER_MS = 30_000;

/** Sends it as it is; rejects when the connection breaks before there is an answer. */
export function sendAsItIs(gateway: string, sending: Sending, agent: Agent): Promise<Returned> {
  const { hostname, port } = new URL(gateway);
  const { method, path, headers, body } = sending;
  return new Promise((resolve, reject) => {
    // Node would announce a body in pieces where there may be one, also when there is none.
    const isBare = body === undefined && /^(?:GET|HEAD)$/.test(method);
    const length = isBare ? [] : ['content-length', String(body?.length ?? 0)];
    const outgoing = request({
      ...{ agent, hostname, port, method, timeout: HANGING_AFTER_MS },
      path: sendable(path),
      // A flat list, because a name may occur twice.
      headers: ['host', `${hostname}:${port}`, ...headers.flat(), ...length],
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer: it hangs')));
    outgoing.once('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('error', reject);
      answer.once('end', () => {
        resolve({
          status: answer.statusCode ?? 0,
          contentType: answer.headers['content-type'],
          text: Buffer.concat(parts).toString('utf8'),
        });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** Node sends everything but spaces and controls in a path. */
function sendable(path: string): string {
  return path.replace(/[^\x21-\xff]+/g, percentEncoded);
}

/** Half of a surrogate pair has no bytes of its own. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** As somebody would read it in a report. */
export function shownSending({ method, path, headers, body }: Sending): string {
  const shown = headers.map(([name, value]) => `${name}: ${value.slice(0, 60)}`).join(' | ');
  const text = body === undefined ? '' : ` ${body.toString('utf8').slice(0, 200)}`;
  return `${method} ${path.slice(0, 200)} [${shown}]${text}`;
}
