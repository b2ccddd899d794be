import { setting } from './program.js';

export const PRICE_KRW = Number(setting('PRICE_KRW'));

export interface PaymentRequest {
  userId: number;
  reservationId: number;
}

/** What every step of a payment is told. */
export interface BegunPayment extends PaymentRequest {
  paymentId: number;
  amountKrw: number;
}

export interface Payment extends BegunPayment {
  state: 'COMPLETED';
  completedAt: string;
}

/** A refusal is a result, too: it is answered and not tried again. */
export type Answer = Payment | { refusal: string };
