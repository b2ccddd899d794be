import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { type AddressInfo } from 'node:net';
import { announceReady } from '../shared/program.js';
import { pay, Refused } from './pay.js';

const KEEP_ALIVE_MS = 65_000;

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

const postPayment: RequestHandler = async (request, response) => {
  const { userId, reservationId } = (request.body ?? {}) as Record<string, unknown>;
  if (!isId(userId) || !isId(reservationId)) {
    response.status(422).json({ message: 'INVALID_REQUEST' });
    return;
  }
  response.status(201).json(await pay(userId, reservationId));
};

/** Express knows a handler of errors by its four parameters. */
const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  if (error instanceof Refused) {
    response.status(409).json({ message: error.message });
    return;
  }
  console.error(error);
  response.status(500).json({ message: 'error' });
};

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.post('/payment', express.json(), postPayment);
app.use(answerError);
const server = app.listen(0, '127.0.0.1', () => {
  announceReady({ port: (server.address() as AddressInfo).port });
});
server.keepAliveTimeout = KEEP_ALIVE_MS;
