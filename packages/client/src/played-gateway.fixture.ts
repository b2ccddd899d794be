import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { EncoreClient, type EncoreClientOptions } from './client.js';
import { REAL_SURROUNDINGS, type Surroundings } from './surroundings.js';

interface ScriptedAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
/** What the gateway does with one request; 'broken' ends the connection, 'silence' keeps it. */
export type Scripted = ScriptedAnswer | 'broken' | 'broken half-way' | 'silence';

export interface Received {
  readonly call: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real HTTP server that answers as it is told, request by request. */
export class PlayedGateway {
  readonly received: Received[] = [];
  private readonly script: Scripted[] = [];
  private awaited: { count: number; then: () => void } | undefined;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.play(request, response));
  }

  static async open(): Promise<PlayedGateway> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PlayedGateway(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The answers to come; whoever asks for more gets a 500 that says so. */
  answers(...script: Scripted[]): void {
    this.script.push(...script);
  }

  /** Runs as soon as so many requests have come. */
  onceReceived(count: number, then: () => void): void {
    this.awaited = { count, then };
  }

  reset(): void {
    this.awaited = undefined;
    this.script.length = 0;
    this.received.length = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async play(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = `${request.method ?? ''} ${request.url ?? ''}`;
    this.received.push({ call, headers: request.headers, body: await text(request) });
    if (this.received.length === this.awaited?.count) this.awaited.then();
    const scripted = this.script.shift() ?? problem(500, 'NOT_SCRIPTED');
    if (scripted === 'silence') return;
    if (scripted === 'broken') {
      request.socket.destroy();
      return;
    }
    if (scripted === 'broken half-way') {
      response.writeHead(201, { 'content-length': '100' });
      response.write('{"half":', () => request.socket.destroy());
      return;
    }
    response.writeHead(scripted.status, {
      'content-type': 'application/json',
      'request-id': `request-${this.received.length}`,
      ...scripted.headers,
    });
    response.end(
      typeof scripted.body === 'string' ? scripted.body : JSON.stringify(scripted.body ?? {}),
    );
  }
}

export function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): ScriptedAnswer {
  const body = { type: 'about:blank', title: `It is ${code}.`, status, code, requestId: 'r-1' };
  return { status, body, headers: { 'content-type': 'application/problem+json', ...headers } };
}

/** Time that passes only when somebody rests, and a record of the rests. */
export class RecordedTime implements Surroundings {
  readonly pauses: number[] = [];
  private time = 0;

  now(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  async pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    this.pauses.push(ms);
    this.time += ms;
    await REAL_SURROUNDINGS.pause(0, signal);
  }
}

export function clientOf(
  gateway: PlayedGateway,
  time: Surroundings,
  options: Partial<EncoreClientOptions> = {},
): EncoreClient {
  return new EncoreClient({ baseUrl: gateway.url, token: 'token-1', ...options }, time);
}
