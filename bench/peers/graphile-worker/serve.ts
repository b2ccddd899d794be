import { Logger, run, type TaskList, WorkerPreset } from 'graphile-worker';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { servePayments } from '../shared/http.js';
import { type PaymentRequest } from '../shared/payment.js';
import { answerTo } from './answers.js';

/** It says at info that a job was done, of every job. */
const LOGGED_LEVELS: readonly string[] = ['error', 'warning'];
const logger = new Logger(() => (level, message) => {
  if (LOGGED_LEVELS.includes(level)) console.error(message);
});

interface Payments {
  pool: pg.Pool;
  taskList: TaskList;
  /** Adds the first job; false when there is nothing to begin. */
  begin: (request: PaymentRequest, requestId: string) => Promise<boolean>;
  worker: GraphileConfig.WorkerOptions;
}

/** Runs the jobs and the HTTP front in one process, so that the last job can answer. */
export async function serveWithJobs({ pool, taskList, begin, worker }: Payments): Promise<void> {
  const preset = { extends: [WorkerPreset], worker: { ...worker, logger } };
  await run({ pgPool: pool, taskList, preset });
  servePayments((request) => {
    const requestId = randomUUID();
    return answerTo(requestId, () => begin(request, requestId));
  });
}
