import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceName } from '@encore/contracts';
import type { Metrics } from '@encore/service-kit';
import { dialectAnswerOf } from './dialects/errors.js';
import type { Endpoint } from './endpoint.js';
import { problem, problemBody, PROBLEM_CONTENT_TYPE } from './problem.js';
import type { RefusalPace } from './refusal-pace.js';
import { requestIdFrom } from './request-context.js';
import { RouteTable } from './route-table.js';

/** Whoever is refused comes back after one of so many seconds, so that not all come at once. */
const RETRY_AFTER_SECONDS_MAX = 4;
const REQUEST_ID = /^request-id$/i;
const REFUSAL = problem('SERVICE_UNAVAILABLE', {
  detail: 'As many are being served as can be. Nothing was done: send the request again.',
});

/** What an endpoint answers while there is no room, made beforehand. */
interface Refusal {
  readonly path: string;
  readonly waitsFor: ServiceName;
  readonly status: number;
  readonly type: string;
  /** The body around the request's id. */
  readonly before: string;
  readonly after: string;
  /** Of the body without the id. */
  readonly bytes: number;
}

/** Stands for the request's id while a refusal is made. */
const SOME_ID = 'id-of-the-request';

/**
 * Under overload, every request that is read, checked and then refused takes its time from one that
 * could be served. So what would wait for a service that has all it can hold is refused first of
 * all, by its path alone, for a tenth of the price, and at a pace. A place is taken here, too:
 * counted only where the service is asked, a rush would be in before the first of it has taken one.
 */
export class LoadShedder {
  private readonly taken = new Map<ServiceName, number>();
  private readonly routes: RouteTable;
  private readonly refusals: ReadonlyMap<Endpoint, Refusal>;

  constructor(
    endpoints: readonly Endpoint[],
    /** How many may wait for one service. */
    private readonly places: number,
    private readonly pace: Pick<RefusalPace, 'add'>,
    private readonly metrics: Pick<Metrics, 'httpRequest'>,
  ) {
    const waiting = endpoints.flatMap((endpoint) => {
      const { waitsFor } = endpoint;
      return waitsFor === undefined ? [] : [{ endpoint, waitsFor }];
    });
    this.routes = new RouteTable(waiting.map(({ endpoint }) => endpoint));
    this.refusals = new Map(
      waiting.map(({ endpoint, waitsFor }) => [endpoint, refusalOf(endpoint, waitsFor)]),
    );
  }

  /** True when the request is not to be served: it is answered here, soon if not at once. */
  refuses(request: IncomingMessage, response: ServerResponse): boolean {
    const { method = '', url = '' } = request;
    if (method !== 'POST') return false;
    const endpoint = this.routes.at(method, pathOf(url));
    const refusal = endpoint && this.refusals.get(endpoint);
    if (refusal === undefined) return false;
    if (this.takenOf(refusal.waitsFor) < this.places) {
      this.takePlace(refusal.waitsFor, request, response);
      return false;
    }
    this.refuse(refusal, request, response);
    return true;
  }

  private refuse(refusal: Refusal, request: IncomingMessage, response: ServerResponse): void {
    const { path: route, status } = refusal;
    const { method = '' } = request;
    const sinceMs = performance.now();
    this.pace.add(() => {
      // Who gave up meanwhile hears nothing.
      if (response.destroyed) return;
      answer(refusal, request, response);
      const seconds = (performance.now() - sinceMs) / 1_000;
      this.metrics.httpRequest({ method, route, status, seconds });
    });
  }

  private takePlace(
    service: ServiceName,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    this.taken.set(service, this.takenOf(service) + 1);
    let isTaken = true;
    const leave = () => {
      if (isTaken) this.taken.set(service, this.takenOf(service) - 1);
      isTaken = false;
    };
    response.once('close', leave);
    // Whoever lets a body trickle in asks for nothing yet, and keeps no place from others.
    setImmediate(() => {
      if (!request.complete) leave();
    });
  }

  private takenOf(service: ServiceName): number {
    return this.taken.get(service) ?? 0;
  }
}

function answer(refusal: Refusal, request: IncomingMessage, response: ServerResponse): void {
  const { status, type, before, after, bytes } = refusal;
  const requestId = requestIdOf(request.rawHeaders);
  response.writeHead(status, [
    ...['Content-Type', type, 'Content-Length', String(bytes + requestId.length)],
    ...['Cache-Control', 'no-store', 'Request-Id', requestId],
    ...['Retry-After', String(1 + Math.floor(Math.random() * RETRY_AFTER_SECONDS_MAX))],
  ]);
  response.end(before + requestId + after);
}

/** An id of a request needs no escaping: see `requestIdFrom`. */
function refusalOf(endpoint: Endpoint, waitsFor: ServiceName): Refusal {
  const { path } = endpoint;
  const { status, type, body } = answerOf(endpoint);
  const [before = '', after = ''] = JSON.stringify(body).split(SOME_ID);
  const bytes = Buffer.byteLength(before + after);
  return { path, waitsFor, status, type, before, after, bytes };
}

function answerOf(endpoint: Endpoint) {
  if (endpoint.dialects !== undefined) {
    const { status, body } = dialectAnswerOf(endpoint, REFUSAL, SOME_ID);
    return { status, type: 'application/json; charset=utf-8', body };
  }
  const body = problemBody(REFUSAL, SOME_ID);
  return { status: REFUSAL.status, type: PROBLEM_CONTENT_TYPE, body };
}

/** Node makes an object of the headers for whoever asks for one; a list costs nothing. */
function requestIdOf(rawHeaders: readonly string[]): string {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && REQUEST_ID.test(name));
  return requestIdFrom(at === -1 ? undefined : rawHeaders[at + 1]);
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
