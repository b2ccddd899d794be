import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PrivateAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers one GET path; a thrown error becomes a 500 without its text. */
export type PrivateRoute = () => PrivateAnswer | Promise<PrivateAnswer>;

/**
 * A plain server for the operators' ports: a few GET paths, nothing else. Not Nest's, because it
 * must answer while the application is still waiting for its broker, and while it drains.
 */
export class PrivateServer {
  private readonly server: Server;

  constructor(routes: Readonly<Record<string, PrivateRoute>>) {
    this.server = createServer({ requestTimeout: 10_000, keepAliveTimeout: 5_000 }, (req, res) => {
      const route = routes[(req.url ?? '').split('?')[0] ?? ''];
      if (req.method !== 'GET' || route === undefined) {
        write(res, { status: 404, contentType: 'text/plain', body: 'not found\n' });
        return;
      }
      Promise.resolve()
        .then(route)
        .catch(() => ({ status: 500, contentType: 'text/plain', body: 'failed\n' }))
        .then((answer) => write(res, answer))
        .catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined));
    });
    this.server.maxConnections = 64;
  }

  /** Resolves with the port, which differs from the given one when that was 0. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

function write(response: ServerResponse, answer: PrivateAnswer): void {
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'cache-control': 'no-store',
  });
  response.end(answer.body);
}
