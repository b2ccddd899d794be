import { type Task, type TaskList } from 'graphile-worker';
import { answer, type PaymentJob } from '../graphile-worker/answers.js';
import { finish, undo } from '../shared/merged-steps.js';
import { confirm, debit, pool } from './payments.js';

/** A job that throws is tried again by the worker; a refusal undoes the payment. */
function step(run: (job: PaymentJob) => Promise<boolean>, refusal: string): Task {
  return async (payload) => {
    const job = payload as PaymentJob;
    if (await run(job)) return;
    await undo(pool, job.paymentId, refusal);
    answer(job.requestId, { refusal });
  };
}

async function finishAndAnswer(job: PaymentJob): Promise<boolean> {
  const payment = await finish(pool, job);
  if (payment === null) return false;
  answer(job.requestId, payment);
  return true;
}

export const taskList: TaskList = {
  debit: step(debit, 'WALLET_INSUFFICIENT'),
  confirm: step(confirm, 'RESERVATION_NOT_PAYABLE'),
  finish: step(finishAndAnswer, 'ENTRY_NOT_ACTIVE'),
};
