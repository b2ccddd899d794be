import { DBOS } from '@dbos-inc/dbos-sdk';
import express, { type RequestHandler } from 'express';
import { type AddressInfo } from 'node:net';
import { announceReady, setting } from '../shared/program.js';
import { payWorkflow } from './pay-workflow.js';

const KEEP_ALIVE_MS = 65_000;
const SYSTEM_POOL_MAX_CONNECTIONS = 16;

DBOS.setConfig({
  name: 'payments',
  systemDatabaseUrl: setting('DATABASE_URL'),
  systemDatabasePoolSize: SYSTEM_POOL_MAX_CONNECTIONS,
  logLevel: 'error',
});
await DBOS.launch();

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** The key names the workflow: whoever asks again waits for the same one and gets its answer. */
const postPayment: RequestHandler = async (request, response) => {
  const { userId, reservationId } = (request.body ?? {}) as Record<string, unknown>;
  if (!isId(userId) || !isId(reservationId)) {
    response.status(422).json({ message: 'INVALID_REQUEST' });
    return;
  }
  const key = request.get('idempotency-key');
  const pay = () => payWorkflow(userId, reservationId);
  const result = await (key === undefined ? pay() : DBOS.withNextWorkflowID(key, pay));
  if ('refusal' in result) response.status(409).json({ message: result.refusal });
  else response.status(201).json(result);
};

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.post('/payment', express.json(), postPayment);
const server = app.listen(0, '127.0.0.1', () => {
  announceReady({ port: (server.address() as AddressInfo).port });
});
server.keepAliveTimeout = KEEP_ALIVE_MS;
