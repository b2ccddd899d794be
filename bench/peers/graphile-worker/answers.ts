import { type Answer, type BegunPayment } from '../shared/payment.js';

/** What every job of a payment is told. */
export interface PaymentJob extends BegunPayment {
  requestId: string;
}

/** Requests of this process whose last job has not run yet. */
const waiting = new Map<string, (answer: Answer) => void>();

/**
 * The answer to a request, given by whichever job is its last.
 * @param begin adds the first job; false when there is nothing to begin
 */
export function answerTo(requestId: string, begin: () => Promise<boolean>): Promise<Answer> {
  const answered = new Promise<Answer>((resolve, reject) => {
    // Jobs may be done before `begin` returns.
    waiting.set(requestId, resolve);
    begin().then((begun) => {
      if (!begun) resolve({ refusal: 'PAYMENT_EXISTS' });
    }, reject);
  });
  return answered.finally(() => waiting.delete(requestId));
}

/** Nobody waits when the job ran again, or for another process: the payment is on record. */
export function answer(requestId: string, given: Answer): void {
  waiting.get(requestId)?.(given);
}
