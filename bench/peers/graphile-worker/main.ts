import express, { type RequestHandler } from 'express';
import { Logger, run, WorkerPreset } from 'graphile-worker';
import { type AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { announceReady } from '../shared/program.js';
import { answerTo } from './answers.js';
import { begin, pool } from './payments.js';
import { taskList } from './tasks.js';

const KEEP_ALIVE_MS = 65_000;
const CONCURRENT_JOBS = 16;

/** It says at info that a job was done, of every job. */
const LOGGED_LEVELS: readonly string[] = ['error', 'warning'];
const logger = new Logger(() => (level, message) => {
  if (LOGGED_LEVELS.includes(level)) console.error(message);
});

await run({
  pgPool: pool,
  taskList,
  preset: {
    extends: [WorkerPreset],
    worker: {
      logger,
      concurrentJobs: CONCURRENT_JOBS,
      localQueue: { size: CONCURRENT_JOBS * 2 },
      completeJobBatchDelay: 0,
    },
  },
});

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

const postPayment: RequestHandler = async (request, response) => {
  const { userId, reservationId } = (request.body ?? {}) as Record<string, unknown>;
  if (!isId(userId) || !isId(reservationId)) {
    response.status(422).json({ message: 'INVALID_REQUEST' });
    return;
  }
  const requestId = randomUUID();
  const result = await answerTo(requestId, () => begin({ requestId, userId, reservationId }));
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
