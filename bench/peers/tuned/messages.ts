/** What every step of a payment is told. */
export interface PaymentStep {
  paymentId: number;
  userId: number;
  reservationId: number;
  amountKrw: number;
}

export interface PaymentRequest {
  userId: number;
  reservationId: number;
}

export interface Payment extends PaymentStep {
  state: 'COMPLETED';
  completedAt: string;
}

export type ServiceName = 'concert' | 'payment' | 'queue' | 'reservation' | 'wallet';
