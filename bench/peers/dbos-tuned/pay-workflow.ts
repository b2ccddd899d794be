import { DBOS } from '@dbos-inc/dbos-sdk';
import { begin } from '../dbos/begin.js';
import { giveUp } from '../dbos/give-up.js';
import { pool } from '../dbos/serve.js';
import { finish } from '../shared/merged-steps.js';
import { type Answer, PRICE_KRW } from '../shared/payment.js';
import { confirm } from '../shared/steps.js';
import { debit } from './debit.js';

async function pay(userId: number, reservationId: number): Promise<Answer> {
  const request = { userId, reservationId };
  const paymentId = await DBOS.runStep(() => begin(request), { name: 'begin' });
  if (paymentId === null) return { refusal: 'PAYMENT_EXISTS' };
  const payment = { ...request, paymentId, amountKrw: PRICE_KRW };

  if (!(await DBOS.runStep(() => debit(payment), { name: 'debit' }))) {
    return await giveUp(paymentId, 'WALLET_INSUFFICIENT');
  }
  if (!(await DBOS.runStep(() => confirm(pool, payment), { name: 'confirm' }))) {
    return await giveUp(paymentId, 'RESERVATION_NOT_PAYABLE');
  }
  const completed = await DBOS.runStep(() => finish(pool, payment), { name: 'finish' });
  return completed ?? (await giveUp(paymentId, 'ENTRY_NOT_ACTIVE'));
}

export const payWorkflow = DBOS.registerWorkflow(pay, { name: 'pay' });
