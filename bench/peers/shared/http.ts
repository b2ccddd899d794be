import express, { type RequestHandler } from 'express';
import { type AddressInfo } from 'node:net';
import { type Answer, type PaymentRequest } from './payment.js';
import { announceReady } from './program.js';

const KEEP_ALIVE_MS = 65_000;

type Pay = (request: PaymentRequest, idempotencyKey: string | undefined) => Promise<Answer>;

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Serves `POST /payment` and says so; what `pay` throws is a fault, and logged. */
export function servePayments(pay: Pay): void {
  const postPayment: RequestHandler = async (request, response) => {
    const { userId, reservationId } = (request.body ?? {}) as Record<string, unknown>;
    if (!isId(userId) || !isId(reservationId)) {
      response.status(422).json({ message: 'INVALID_REQUEST' });
      return;
    }
    const answer = await pay({ userId, reservationId }, request.get('idempotency-key'));
    if ('refusal' in answer) response.status(409).json({ message: answer.refusal });
    else response.status(201).json(answer);
  };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.post('/payment', express.json(), postPayment);
  const server = app.listen(0, '127.0.0.1', () => {
    announceReady({ port: (server.address() as AddressInfo).port });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}
