import { connect, type Socket } from 'node:net';
import { ListConcerts, type ReplyOf } from '@encore/contracts';
import { eventually } from '@encore/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../testing/gateway-under-test.js';

const HURRIED = {
  HTTP_HEADERS_TIMEOUT_MS: '300',
  HTTP_REQUEST_TIMEOUT_MS: '600',
  HTTP_RESPONSE_TIMEOUT_MS: '300',
  HTTP_MAX_CONNECTIONS_PER_ADDRESS: '20',
};
const ONE_BYTE_EVERY_MS = 20;

/** A client that sends bytes as they are, and remembers what became of its connection. */
class RawClient {
  heard = '';
  closed = false;
  readonly socket: Socket;
  private trickling: NodeJS.Timeout | undefined;

  constructor(port: number) {
    // It never hangs up by itself: whoever wants it gone has to do it.
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('utf8').on('data', (chunk: string) => (this.heard += chunk));
    // Half a hang-up leaves the other half open; only one that is gone answers bytes with a reset.
    this.socket.on('end', () => this.trickle('x'));
    this.socket.on('error', () => this.gone()).on('close', () => this.gone());
  }

  send(bytes: string): this {
    this.socket.write(bytes);
    return this;
  }

  /** Sends one byte at a time, for as long as it may. */
  trickle(byte: string): this {
    clearInterval(this.trickling);
    this.trickling = setInterval(() => this.socket.write(byte), ONE_BYTE_EVERY_MS);
    return this;
  }

  gone(): void {
    this.closed = true;
    clearInterval(this.trickling);
    this.socket.destroy();
  }

  async isCutOff(): Promise<void> {
    await eventually(() => expect(this.closed).toBe(true));
  }
}

describe('a slow client', () => {
  let gateway: GatewayUnderTest;
  let clients: RawClient[];
  const client = () => {
    const made = new RawClient(gateway.port);
    clients.push(made);
    return made;
  };

  beforeEach(async () => {
    gateway = await openGatewayUnderTest(HURRIED);
    clients = [];
  });
  afterEach(async () => {
    for (const one of clients) one.gone();
    await gateway.close();
  });

  it('is cut off when it connects and says nothing', async () => {
    await client().isCutOff();
  });

  it('is told and cut off when its headers trickle in', async () => {
    const slow = client().send('GET /v1/concerts HTTP/1.1\r\nHost: a\r\nX-Slow: ').trickle('x');
    await slow.isCutOff();
    expect(slow.heard).toMatch(/^HTTP\/1\.1 408 [^]*REQUEST_TIMEOUT/);
  });

  it('is told and cut off when its body trickles in', async () => {
    const slow = client()
      .send('POST /v1/tokens HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n')
      .send('Content-Length: 10000\r\n\r\n{"userId": ')
      .trickle('1');
    await slow.isCutOff();
    expect(slow.heard).toMatch(/^HTTP\/1\.1 408 [^]*REQUEST_TIMEOUT/);
    expect(slow.heard.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('is not told a second time when it was answered before its body had come', async () => {
    const slow = client()
      .send('POST /v1/tokens HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n')
      .send('Content-Length: 10000\r\n\r\nx')
      .trickle('x');
    await slow.isCutOff();
    expect(slow.heard).toMatch(/^HTTP\/1\.1 415 /);
    expect(slow.heard.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('is cut off when it does not read its answers', async () => {
    gateway.services.accept(ListConcerts, manyConcerts());
    const slow = client();
    slow.socket.pause();
    const asking = 'GET /v1/concerts HTTP/1.1\r\nHost: a\r\n\r\n';
    // More than the buffers of both ends together take.
    slow.send(asking.repeat(400));
    await eventually(() => expect(gateway.services.of(ListConcerts).length).toBeGreaterThan(0));
    // A connection that is not read from does not notice its end; writing to it does.
    slow.trickle('G');
    await slow.isCutOff();
  });

  it('leaves others alone', async () => {
    const slow = Array.from({ length: 10 }, () => client().send('GET / HTTP/1.1\r\n').trickle('x'));
    const statuses: number[] = [];
    while (slow.some(({ closed }) => !closed)) {
      statuses.push((await gateway.call('GET', '/v1/concerts')).status);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('with more connections than one address may have loses the one too many, at once', async () => {
    const first = Array.from({ length: 20 }, () => client());
    await eventually(() => expect(first.every(({ socket }) => !socket.connecting)).toBe(true));
    const oneMore = client();
    await oneMore.isCutOff();
    expect(oneMore.heard).toBe('');
    first[0]?.gone();
    // Its place is free again.
    await eventually(async () => expect((await gateway.call('GET', '/healthz')).status).toBe(200));
  });
});

function manyConcerts(): ReplyOf<typeof ListConcerts> {
  const description = 'x'.repeat(2_000);
  const items = Array.from({ length: 50 }, (_, index) => ({
    concertId: index + 1,
    name: 'Spring Songs',
    venue: 'Seoul',
    description,
  }));
  return { items, nextCursor: null } as ReplyOf<typeof ListConcerts>;
}
