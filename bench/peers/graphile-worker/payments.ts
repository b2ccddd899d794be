// Each step is one statement that also adds the job of the next step. A job may run again when the
// worker died before it was deleted: its statement then finds its effect there, and goes on.
import pg from 'pg';
import { setting } from '../shared/program.js';

const PRICE_KRW = Number(setting('PRICE_KRW'));
const POOL_MAX_CONNECTIONS = 12;

export const pool = new pg.Pool({
  connectionString: setting('DATABASE_URL'),
  max: POOL_MAX_CONNECTIONS,
  keepAlive: true,
});

interface PaymentRequest {
  requestId: string;
  userId: number;
  reservationId: number;
}

/** What every job of a payment is told. */
export interface PaymentJob extends PaymentRequest {
  paymentId: number;
  amountKrw: number;
}

export interface Payment {
  paymentId: number;
  userId: number;
  reservationId: number;
  amountKrw: number;
  state: 'COMPLETED';
  completedAt: string;
}

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
const FINISH = {
  name: 'finish',
  text: `
    WITH expired AS (
      UPDATE entries SET state = 'EXPIRED', expired_at = now()
       WHERE user_id = $1 AND state <> 'EXPIRED' AND state = 'ACTIVE'
      RETURNING entry_id
    )
    UPDATE payments SET state = 'COMPLETED', completed_at = coalesce(completed_at, now())
     WHERE payment_id = $2
       AND (state = 'COMPLETED' OR state = 'PENDING' AND EXISTS (SELECT FROM expired))
    RETURNING payment_id AS "paymentId", user_id AS "userId", reservation_id AS "reservationId",
      amount_krw AS "amountKrw", state, completed_at AS "completedAt"`,
};
const UNDO = {
  name: 'undo',
  text: `
    WITH failed AS (
      UPDATE payments SET state = 'FAILED', failure = $2
       WHERE payment_id = $1 AND state = 'PENDING'
      RETURNING payment_id, user_id, reservation_id, amount_krw
    ), released AS (
      UPDATE reservations SET state = 'HELD', payment_id = NULL, confirmed_at = NULL
        FROM failed
       WHERE reservations.reservation_id = failed.reservation_id
         AND reservations.payment_id = failed.payment_id
    ), refunded AS (
      UPDATE wallets SET balance_krw = balance_krw + failed.amount_krw
        FROM failed
       WHERE wallets.user_id = failed.user_id
         AND EXISTS (SELECT FROM movements WHERE payment_id = failed.payment_id AND kind = 'DEBIT')
      RETURNING wallets.user_id, balance_krw
    )
    INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
    SELECT 'REFUND', failed.payment_id, refunded.user_id, failed.amount_krw, refunded.balance_krw
      FROM refunded JOIN failed USING (user_id)`,
};

async function first<Row extends object>(
  statement: Statement,
  values: unknown[],
): Promise<Row | undefined> {
  const { rows } = await pool.query<Row>({ ...statement, values });
  return rows[0];
}

/** @returns whether there is a payment to make: the reservation has no other one */
export async function begin({ requestId, userId, reservationId }: PaymentRequest) {
  return (await first(BEGIN, [userId, reservationId, PRICE_KRW, requestId])) !== undefined;
}

export async function debit(job: PaymentJob): Promise<boolean> {
  const values = [job.userId, job.paymentId, job.amountKrw, JSON.stringify(job)];
  return (await first(DEBIT, values)) !== undefined;
}

export async function confirm(job: PaymentJob): Promise<boolean> {
  const { reservationId, userId, paymentId, amountKrw } = job;
  const values = [reservationId, userId, paymentId, amountKrw, JSON.stringify(job)];
  return (await first(CONFIRM, values)) !== undefined;
}

export async function finish({ userId, paymentId }: PaymentJob): Promise<Payment | undefined> {
  return await first<Payment>(FINISH, [userId, paymentId]);
}

/** Everything the payment did so far, in one transaction: they share a database. */
export async function undo({ paymentId }: PaymentJob, failure: string): Promise<void> {
  await first(UNDO, [paymentId, failure]);
}
