import { DBOS } from '@dbos-inc/dbos-sdk';
import { undo } from '../shared/merged-steps.js';
import { type Answer } from '../shared/payment.js';
import { pool } from './serve.js';

/** Undoes a payment in a step of its workflow. */
export async function giveUp(paymentId: number, refusal: string): Promise<Answer> {
  await DBOS.runStep(() => undo(pool, paymentId, refusal), { name: 'undo' });
  return { refusal };
}
