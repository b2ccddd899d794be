import { z } from 'zod';

export const paymentRequest = z.strictObject({
  userId: z.int().positive(),
  reservationId: z.int().positive(),
});
export type PaymentRequest = z.infer<typeof paymentRequest>;

/** What every step of a payment is told. */
export interface PaymentStep {
  paymentId: number;
  userId: number;
  reservationId: number;
  amountKrw: number;
}

export interface Payment extends PaymentStep {
  state: 'PENDING' | 'COMPLETED' | 'FAILED';
  completedAt: string | null;
}

/** Where each service listens, and the name it is injected by. */
export const SERVICES = ['concert', 'payment', 'queue', 'reservation', 'wallet'] as const;
export type ServiceName = (typeof SERVICES)[number];
