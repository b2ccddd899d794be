import { randomUUID } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@encore/service-kit';
import { problem, problemBody, PROBLEM_CONTENT_TYPE, type ProblemCode } from './problem.js';

export interface PublicServerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly headersLimitBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** How long idle connections stay open for their clients to hear that they should go elsewhere. */
const FAREWELL_MS = 300;
const NEVER_STARTED = 'The public server is not listening';

/**
 * The port clients use. Requests Node itself refuses are answered with a problem too, and it ends
 * in order: what has begun is finished, what still arrives on open connections is sent elsewhere.
 */
export class PublicServer {
  private readonly server: Server;
  private readonly inFlight = new Set<ServerResponse>();
  private draining = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly options: PublicServerOptions,
    private readonly handle: RequestListener,
    private readonly logger: Logger,
  ) {
    this.server = createServer(
      {
        maxHeaderSize: options.headersLimitBytes,
        headersTimeout: options.headersTimeoutMs,
        requestTimeout: options.requestTimeoutMs,
        keepAliveTimeout: options.keepAliveTimeoutMs,
        noDelay: true,
      },
      (request, response) => {
        if (this.draining) {
          refuse(response);
          return;
        }
        this.inFlight.add(response);
        response.once('close', () => this.ended(response));
        this.handle(request, response);
      },
    );
    this.server.maxConnections = options.maxConnections;
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      this.answerBrokenRequest(error, socket),
    );
  }

  /** Resolves with the port, which differs from the configured one when that was 0. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port, this.options.host, () => {
        this.server.off('error', reject);
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
    for (const response of this.inFlight) response.shouldKeepAlive = false;
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
    this.server.closeAllConnections();
    await closed;
    this.server.close();
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

  private ended(response: ServerResponse): void {
    this.inFlight.delete(response);
    if (this.inFlight.size === 0) this.wake?.();
  }

  private answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
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
