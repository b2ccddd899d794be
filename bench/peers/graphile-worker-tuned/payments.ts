// Each step is one statement that also adds the job of the next step. A job may run again when the
// worker died before it was deleted: its statement then finds its effect there, and goes on.
import { type PaymentJob } from '../graphile-worker/answers.js';
import { connect } from '../shared/database.js';
import { type PaymentRequest, PRICE_KRW } from '../shared/payment.js';

const POOL_MAX_CONNECTIONS = 12;

export const pool = connect(POOL_MAX_CONNECTIONS);

interface Statement {
  name: string;
  text: string;
}

const BEGIN = {
  name: 'begin',
  text: `
    WITH begun AS (
      INSERT INTO payments (user_id, reservation_id, amount_krw, state)
      VALUES ($1, $2, $3, 'PENDING')
      ON CONFLICT (reservation_id) WHERE state <> 'FAILED' DO NOTHING
      RETURNING payment_id
    )
    SELECT (graphile_worker.add_job('debit', json_build_object(
        'requestId', $4::text, 'paymentId', payment_id, 'userId', $1::integer,
        'reservationId', $2::integer, 'amountKrw', $3::integer))).id
      FROM begun`,
};
const DEBIT = {
  name: 'debit',
  text: `
    WITH debited AS (
      UPDATE wallets SET balance_krw = balance_krw - $3::integer
       WHERE user_id = $1 AND balance_krw >= $3::integer
         AND NOT EXISTS (SELECT FROM movements WHERE payment_id = $2 AND kind = 'DEBIT')
      RETURNING balance_krw
    ), moved AS (
      INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
      SELECT 'DEBIT', $2, $1, -$3::integer, balance_krw FROM debited
      RETURNING payment_id
    ), done AS (
      SELECT payment_id FROM moved
      UNION ALL
      SELECT payment_id FROM movements WHERE payment_id = $2 AND kind = 'DEBIT'
    )
    SELECT (graphile_worker.add_job('confirm', $4::json)).id FROM done`,
};
const CONFIRM = {
  name: 'confirm',
  text: `
    WITH confirmed AS (
      UPDATE reservations SET state = 'CONFIRMED', payment_id = $3, confirmed_at = now()
       WHERE reservation_id = $1 AND user_id = $2 AND price_krw = $4
         AND (state = 'HELD' AND expires_at > now() OR state = 'CONFIRMED' AND payment_id = $3)
      RETURNING reservation_id
    )
    SELECT (graphile_worker.add_job('finish', $5::json)).id FROM confirmed`,
};

async function isDone(statement: Statement, values: unknown[]): Promise<boolean> {
  const { rows } = await pool.query({ ...statement, values });
  return rows.length > 0;
}

/** @returns whether there is a payment to make: the reservation has no other one */
export function begin(request: PaymentRequest, requestId: string): Promise<boolean> {
  return isDone(BEGIN, [request.userId, request.reservationId, PRICE_KRW, requestId]);
}

export function debit(job: PaymentJob): Promise<boolean> {
  return isDone(DEBIT, [job.userId, job.paymentId, job.amountKrw, JSON.stringify(job)]);
}

export function confirm(job: PaymentJob): Promise<boolean> {
  const { reservationId, userId, paymentId, amountKrw } = job;
  const values = [reservationId, userId, paymentId, amountKrw, JSON.stringify(job)];
  return isDone(CONFIRM, values);
}
