import { type PaymentRequest, PRICE_KRW } from '../shared/payment.js';
import { pool } from './serve.js';

/** Finds the payment there when the process died before the step was recorded. */
const BEGIN = {
  name: 'begin',
  text: `
    INSERT INTO payments (user_id, reservation_id, amount_krw, state)
    VALUES ($1, $2, $3, 'PENDING')
    ON CONFLICT (reservation_id) WHERE state <> 'FAILED'
      DO UPDATE SET state = payments.state
      WHERE payments.user_id = EXCLUDED.user_id AND payments.state = 'PENDING'
    RETURNING payment_id AS "paymentId"`,
};

/** @returns the payment's id; null when the reservation is paid for or somebody else's attempt */
export async function begin({ userId, reservationId }: PaymentRequest): Promise<number | null> {
  const values = [userId, reservationId, PRICE_KRW];
  const { rows } = await pool.query<{ paymentId: number }>({ ...BEGIN, values });
  return rows[0]?.paymentId ?? null;
}
