import { DBOS } from '@dbos-inc/dbos-sdk';
import { setting } from '../shared/program.js';
import { begin, confirm, debit, finish, type Payment, undo } from './steps.js';

const PRICE_KRW = Number(setting('PRICE_KRW'));

/** A refusal is a result, so that it is recorded and not tried again. */
type Result = Payment | { refusal: string };

async function pay(userId: number, reservationId: number): Promise<Result> {
  const payment = { userId, reservationId, amountKrw: PRICE_KRW };
  const paymentId = await DBOS.runStep(() => begin(payment), { name: 'begin' });
  if (paymentId === null) return { refusal: 'PAYMENT_EXISTS' };
  const begun = { ...payment, paymentId };

  if (!(await DBOS.runStep(() => debit(begun), { name: 'debit' }))) {
    return await giveUp(paymentId, 'WALLET_INSUFFICIENT');
  }
  if (!(await DBOS.runStep(() => confirm(begun), { name: 'confirm' }))) {
    return await giveUp(paymentId, 'RESERVATION_NOT_PAYABLE');
  }
  const completed = await DBOS.runStep(() => finish(begun), { name: 'finish' });
  return completed ?? (await giveUp(paymentId, 'ENTRY_NOT_ACTIVE'));
}

async function giveUp(paymentId: number, refusal: string): Promise<Result> {
  await DBOS.runStep(() => undo(paymentId, refusal), { name: 'undo' });
  return { refusal };
}

export const payWorkflow = DBOS.registerWorkflow(pay, { name: 'pay' });
