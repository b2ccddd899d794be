import { DBOS } from '@dbos-inc/dbos-sdk';
import { inTransaction } from '../shared/database.js';
import { type Answer, type BegunPayment, PRICE_KRW } from '../shared/payment.js';
import { complete, confirm, debit, expire } from '../shared/steps.js';
import { begin } from './begin.js';
import { giveUp } from './give-up.js';
import { pool } from './serve.js';

const debitInTransaction = (payment: BegunPayment) =>
  inTransaction(pool, (client) => debit(client, payment));

async function pay(userId: number, reservationId: number): Promise<Answer> {
  const request = { userId, reservationId };
  const paymentId = await DBOS.runStep(() => begin(request), { name: 'begin' });
  if (paymentId === null) return { refusal: 'PAYMENT_EXISTS' };
  const payment = { ...request, paymentId, amountKrw: PRICE_KRW };

  if (!(await DBOS.runStep(() => debitInTransaction(payment), { name: 'debit' }))) {
    return await giveUp(paymentId, 'WALLET_INSUFFICIENT');
  }
  if (!(await DBOS.runStep(() => confirm(pool, payment), { name: 'confirm' }))) {
    return await giveUp(paymentId, 'RESERVATION_NOT_PAYABLE');
  }
  if (!(await DBOS.runStep(() => expire(pool, payment), { name: 'expire' }))) {
    return await giveUp(paymentId, 'ENTRY_NOT_ACTIVE');
  }
  const completed = await DBOS.runStep(() => complete(pool, payment), { name: 'complete' });
  return completed ?? (await giveUp(paymentId, 'PAYMENT_NOT_PENDING'));
}

export const payWorkflow = DBOS.registerWorkflow(pay, { name: 'pay' });
