// A chain of jobs, one for each step. What a step does and the job of the next one are stored in
// one transaction, so that a payment neither stops between two steps nor loses one. A job may run
// again when the worker died before it was deleted: its step then finds its effect there.
import { type Task, type TaskList } from 'graphile-worker';
import { connect, type Database, inTransaction } from '../shared/database.js';
import { undo } from '../shared/merged-steps.js';
import { type BegunPayment, type PaymentRequest, PRICE_KRW } from '../shared/payment.js';
import { complete, confirm, debit, expire } from '../shared/steps.js';
import { answer, type PaymentJob } from './answers.js';

/** The worker's own are among them; requests and each of its jobs take one while they store. */
const POOL_MAX_CONNECTIONS = 20;
const BEGIN = {
  name: 'begin',
  text: `
    INSERT INTO payments (user_id, reservation_id, amount_krw, state)
    VALUES ($1, $2, $3, 'PENDING')
    ON CONFLICT (reservation_id) WHERE state <> 'FAILED' DO NOTHING
    RETURNING payment_id AS "paymentId"`,
};
const ADD_JOB = {
  name: 'add-job',
  text: 'SELECT graphile_worker.add_job($1, payload := $2)',
};

export const pool = connect(POOL_MAX_CONNECTIONS);

async function addJob(client: Database, task: string, job: PaymentJob): Promise<void> {
  await client.query({ ...ADD_JOB, values: [task, JSON.stringify(job)] });
}

/** @returns whether there is a payment to make: the reservation has no other one */
export function begin(request: PaymentRequest, requestId: string): Promise<boolean> {
  const values = [request.userId, request.reservationId, PRICE_KRW];
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ paymentId: number }>({ ...BEGIN, values });
    const [begun] = rows;
    if (begun === undefined) return false;
    await addJob(client, 'debit', { ...request, ...begun, requestId, amountKrw: PRICE_KRW });
    return true;
  });
}

type Step = (client: Database, payment: BegunPayment) => Promise<boolean>;

/** A job that throws is tried again by the worker; a refusal undoes the payment. */
function task(step: Step, refusal: string, next: string): Task {
  return async (payload) => {
    const job = payload as PaymentJob;
    const isDone = await inTransaction(pool, async (client) => {
      const isDone = await step(client, job);
      if (isDone) await addJob(client, next, job);
      else await undo(client, job.paymentId, refusal);
      return isDone;
    });
    if (!isDone) answer(job.requestId, { refusal });
  };
}

/** There is nothing to undo for a payment that is not pending: it was undone. */
const completeAndAnswer: Task = async (payload) => {
  const job = payload as PaymentJob;
  const payment = await complete(pool, job);
  answer(job.requestId, payment ?? { refusal: 'PAYMENT_NOT_PENDING' });
};

export const taskList: TaskList = {
  debit: task(debit, 'WALLET_INSUFFICIENT', 'confirm'),
  confirm: task(confirm, 'RESERVATION_NOT_PAYABLE', 'expire'),
  expire: task(expire, 'ENTRY_NOT_ACTIVE', 'complete'),
  complete: completeAndAnswer,
};
