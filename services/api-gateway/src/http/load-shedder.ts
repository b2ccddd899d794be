import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceName } from '@encore/contracts';
import type { Metrics } from '@encore/service-kit';
import { dialectAnswerOf } from './dialects/errors.js';
import type { Endpoint } from './endpoint.js';
import { problem, problemBody, PROBLEM_CONTENT_TYPE } from './problem.js';
import { requestIdFrom } from './request-context.js';
import { RouteTable } from './route-table.js';

/** Whoever is refused comes back after one of so many seconds, so that not all come at once. */
const RETRY_AFTER_SECONDS_MAX = 4;
const REQUEST_ID = /^request-id$/i;
const REFUSAL = problem('SERVICE_UNAVAILABLE', {
  detail: 'As many are being served as can be. Nothing was done: send the request again.',
});

/**
 * Under overload, every request that is read, checked and then refused takes its time from one that
 * could be served. So what would wait for a service that has all it can hold is refused first of
 * all, by its path alone, for a tenth of the price.
 */
export class LoadShedder {
  private readonly routes: RouteTable;

  constructor(
    endpoints: readonly Endpoint[],
    /** Whether no more may wait for the service. */
    private readonly isFull: (service: ServiceName) => boolean,
    private readonly metrics: Pick<Metrics, 'httpRequest'>,
  ) {
    this.routes = new RouteTable(endpoints.filter((one) => one.waitsFor !== undefined));
  }

  /** Answers and returns true when the request is not to be served. */
  refuses(request: IncomingMessage, response: ServerResponse): boolean {
    const { method = '', url = '' } = request;
    if (method !== 'POST') return false;
    const endpoint = this.routes.at(method, pathOf(url));
    if (endpoint?.waitsFor === undefined || !this.isFull(endpoint.waitsFor)) return false;
    const requestId = requestIdOf(request.rawHeaders);
    const { status, type, body } = answerOf(endpoint, requestId);
    const text = JSON.stringify(body);
    response.writeHead(status, [
      ...['Content-Type', type, 'Content-Length', String(Buffer.byteLength(text))],
      ...['Cache-Control', 'no-store', 'Request-Id', requestId],
      ...['Retry-After', String(1 + Math.floor(Math.random() * RETRY_AFTER_SECONDS_MAX))],
    ]);
    response.end(text);
    this.metrics.httpRequest({ method, route: endpoint.path, status, seconds: 0 });
    return true;
  }
}

function answerOf(endpoint: Endpoint, requestId: string) {
  if (endpoint.dialects !== undefined) {
    const { status, body } = dialectAnswerOf(endpoint, REFUSAL, requestId);
    return { status, type: 'application/json; charset=utf-8', body };
  }
  const body = problemBody(REFUSAL, requestId);
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
