import { randomUUID } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BriefMap } from '@encore/messaging';
import type { Logger } from '@encore/service-kit';
import { ConnectionLimit } from './connection-limit.js';
import type { LoadShedder } from './load-shedder.js';
import { problem, problemBody, PROBLEM_CONTENT_TYPE, type ProblemCode } from './problem.js';
import { SlowReaders } from './slow-readers.js';

export interface PublicServerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly headersLimitBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** What requests and responses are made of; Node's own classes if absent. */
  readonly messages?: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;
}

/** How long idle connections stay open for their clients to hear that they should go elsewhere. */
const FAREWELL_MS = 300;
/**
 * Connections that wait to be accepted; Linux allows no more unless told otherwise. Who finds no
 * place there tries again after seconds.
 */
const BACKLOG = 4_096;
/** How late a timeout may be noticed; Node's own default is half a minute. */
const LOOK_EVERY_MS = 1_000;
/** How long a client has to read why it is hung up on; whoever wants may stay connected longer. */
const LAST_WORD_MS = 1_000;
const NEVER_STARTED = 'The public server is not listening';

/**
 * The port clients use. Requests Node itself refuses are answered with a problem too, and it ends
 * in order: what has begun is finished, what still arrives on open connections is sent elsewhere.
 */
export class PublicServer {
  private readonly server: Server;
  /** By the number of the request. */
  private readonly inFlight = new BriefMap<number, ServerResponse>();
  private requests = 0;
  /** What a connection was last answered with. */
  private readonly answers = new WeakMap<Socket, ServerResponse>();
  private readonly limit: ConnectionLimit;
  private readonly readers: SlowReaders;
  private looking: NodeJS.Timeout | undefined;
  /** Connections refused since anybody was told. */
  private refusedConnections = 0;
  private draining = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly options: PublicServerOptions,
    private readonly handle: RequestListener,
    private readonly logger: Logger,
    private readonly shedder: Pick<LoadShedder, 'refuses'>,
  ) {
    this.server = createServer(
      {
        ...options.messages,
        maxHeaderSize: options.headersLimitBytes,
        headersTimeout: options.headersTimeoutMs,
        requestTimeout: options.requestTimeoutMs,
        keepAliveTimeout: options.keepAliveTimeoutMs,
        connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, options.headersTimeoutMs),
        noDelay: true,
      },
      (request, response) => {
        if (this.draining) {
          refuse(response);
          return;
        }
        this.begun(response);
        this.answers.set(request.socket, response);
        if (!this.shedder.refuses(request, response)) this.handle(request, response);
      },
    );
    // Node would answer an expectation it does not know without a word; nobody has to heed one.
    this.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      this.server.emit('request', request, response);
    });
    this.limit = new ConnectionLimit(options.maxConnectionsPerAddress);
    this.readers = new SlowReaders(options.responseTimeoutMs);
    this.server.maxConnections = options.maxConnections;
    this.server.on('drop', () => (this.refusedConnections += 1));
    this.server.prependListener('connection', (socket: Socket) => {
      if (!this.limit.admit(socket)) this.refusedConnections += 1;
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      this.answerBrokenRequest(error, socket),
    );
  }

  /** Resolves with the port, which differs from the configured one when that was 0. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      const { port, host } = this.options;
      this.server.listen({ port, host, backlog: BACKLOG }, () => {
        this.server.off('error', reject);
        const everyMs = Math.min(LOOK_EVERY_MS, this.options.responseTimeoutMs);
        this.looking = setInterval(() => this.look(), everyMs).unref();
        resolve(this.port);
      });
    });
  }

  get port(): number {
    const address = this.server.address() as AddressInfo | null;
    if (address === null) throw new Error(NEVER_STARTED);
    return address.port;
  }

  /**
   * Stops accepting, finishes what runs within the time, then hangs up. Connections that are kept
   * alive get one last answer that tells their client to go elsewhere.
   */
  async drain(graceMs: number): Promise<void> {
    if (!this.server.listening) return;
    this.draining = true;
    for (const response of this.inFlight.values()) response.shouldKeepAlive = false;
    // Not the HTTP server's own close: that one hangs up on idle connections at once, and whoever
    // is just sending a request there would lose it instead of hearing a 503.
    const closed = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(this.server, () => resolve());
    });
    const [finished] = await Promise.all([
      this.finishedWithin(graceMs),
      Promise.race([closed, delay(Math.min(FAREWELL_MS, graceMs))]),
    ]);
    if (!finished) {
      this.logger.warn({ requests: this.inFlight.size }, 'requests were cut off by the shutdown');
    }
    clearInterval(this.looking);
    this.server.closeAllConnections();
    await closed;
    this.server.close();
  }

  /** Nobody is told about each one: whoever floods the port must not flood the log. */
  private look(): void {
    const slowReaders = this.readers.cutOff(this.inFlight.values(), performance.now());
    const refusedConnections = this.refusedConnections;
    this.refusedConnections = 0;
    if (slowReaders + refusedConnections === 0) return;
    this.logger.warn({ slowReaders, refusedConnections }, 'clients were cut off');
  }

  private finishedWithin(graceMs: number): Promise<boolean> {
    if (this.inFlight.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const limit = setTimeout(() => resolve(false), graceMs);
      this.wake = () => {
        clearTimeout(limit);
        resolve(true);
      };
    });
  }

  private begun(response: ServerResponse): void {
    this.requests += 1;
    const request = this.requests;
    this.inFlight.set(request, response);
    response.once('close', () => {
      this.inFlight.delete(request);
      if (this.inFlight.size === 0) this.wake?.();
    });
  }

  private answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
    // In the middle of an answer, or after one to a request whose body still trickles in, a second
    // answer would be taken for something else.
    const answer = this.answers.get(socket);
    const isOver = answer === undefined || (answer.writableFinished && answer.req.complete);
    const isAnswered = !isOver && answer.headersSent;
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswered) {
      socket.destroy();
      return;
    }
    this.logger.debug({ code: error.code }, 'a request could not be read');
    const said = problem(BROKEN_REQUESTS[error.code ?? ''] ?? 'MALFORMED_REQUEST');
    const body = JSON.stringify(problemBody(said, randomUUID()));
    socket.end(
      `HTTP/1.1 ${said.status} ${STATUS_CODES[said.status] ?? ''}\r\n` +
        `Content-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `Connection: close\r\n\r\n${body}`,
    );
    const hangUp = setTimeout(() => socket.destroy(), LAST_WORD_MS);
    socket.once('close', () => clearTimeout(hangUp));
  }
}

/** Node's error codes for requests it gives up on before anybody sees them. */
const BROKEN_REQUESTS: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

function refuse(response: ServerResponse): void {
  const said = problem('SHUTTING_DOWN', { detail: 'Send the request again: another takes it.' });
  response.shouldKeepAlive = false;
  response.writeHead(said.status, {
    'Content-Type': PROBLEM_CONTENT_TYPE,
    'Retry-After': '1',
    Connection: 'close',
  });
  response.end(JSON.stringify(problemBody(said, randomUUID())));
}
