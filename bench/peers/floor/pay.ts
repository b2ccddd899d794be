// The payment as local transactions: each step one prepared statement, in the order of the others.
import { connect } from '../shared/database.js';
import { type Payment, PRICE_KRW } from '../shared/payment.js';

const POOL_MAX_CONNECTIONS = 12;

const pool = connect(POOL_MAX_CONNECTIONS);

const BEGIN = {
  name: 'begin',
  text: `
    INSERT INTO payments (user_id, reservation_id, amount_krw, state)
    VALUES ($1, $2, $3, 'PENDING')
    ON CONFLICT (reservation_id) WHERE state <> 'FAILED' DO NOTHING
    RETURNING payment_id`,
};
const DEBIT = {
  name: 'debit',
  text: `
    WITH debited AS (
      UPDATE wallets SET balance_krw = balance_krw - $3::integer
       WHERE user_id = $1 AND balance_krw >= $3::integer
      RETURNING balance_krw
    )
    INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
    SELECT 'DEBIT', $2, $1, -$3::integer, balance_krw FROM debited
    RETURNING balance_after_krw`,
};
const REFUND = {
  name: 'refund',
  text: `
    WITH refunded AS (
      UPDATE wallets SET balance_krw = balance_krw + $3::integer
       WHERE user_id = $1
      RETURNING balance_krw
    )
    INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
    SELECT 'REFUND', $2, $1, $3::integer, balance_krw FROM refunded`,
};
const CONFIRM = {
  name: 'confirm',
  text: `
    UPDATE reservations SET state = 'CONFIRMED', payment_id = $3, confirmed_at = now()
     WHERE reservation_id = $1 AND user_id = $2 AND price_krw = $4
       AND state = 'HELD' AND expires_at > now()
    RETURNING reservation_id`,
};
const RELEASE = {
  name: 'release',
  text: `
    UPDATE reservations SET state = 'HELD', payment_id = NULL, confirmed_at = NULL
     WHERE reservation_id = $1 AND payment_id = $2 AND state = 'CONFIRMED'`,
};
const EXPIRE = {
  name: 'expire',
  text: `
    UPDATE entries SET state = 'EXPIRED', expired_at = now()
     WHERE user_id = $1 AND state <> 'EXPIRED' AND state = 'ACTIVE'
    RETURNING entry_id`,
};
const COMPLETE = {
  name: 'complete',
  text: `
    UPDATE payments SET state = 'COMPLETED', completed_at = now()
     WHERE payment_id = $1 AND state = 'PENDING'
    RETURNING payment_id AS "paymentId", user_id AS "userId", reservation_id AS "reservationId",
      amount_krw AS "amountKrw", state, completed_at AS "completedAt"`,
};
const FAIL = {
  name: 'fail',
  text: `UPDATE payments SET state = 'FAILED', failure = $2 WHERE payment_id = $1`,
};

/** The answer is no; everything else that is thrown is a fault. */
export class Refused extends Error {}

/** Runs a statement whose effect is one row; without one, `refusal` is why. */
async function step<Row extends object>(
  statement: { name: string; text: string },
  values: unknown[],
  refusal: string,
): Promise<Row> {
  const { rows } = await pool.query<Row>({ ...statement, values });
  if (rows[0] === undefined) throw new Refused(refusal);
  return rows[0];
}

export async function pay(userId: number, reservationId: number): Promise<Payment> {
  const begun = [userId, reservationId, PRICE_KRW];
  const row = await step<{ payment_id: number }>(BEGIN, begun, 'PAYMENT_EXISTS');
  const id = row.payment_id;
  const done: (() => Promise<unknown>)[] = [];
  try {
    await step(DEBIT, [userId, id, PRICE_KRW], 'WALLET_INSUFFICIENT');
    done.push(() => pool.query({ ...REFUND, values: [userId, id, PRICE_KRW] }));
    await step(CONFIRM, [reservationId, userId, id, PRICE_KRW], 'RESERVATION_NOT_PAYABLE');
    done.push(() => pool.query({ ...RELEASE, values: [reservationId, id] }));
    await step(EXPIRE, [userId], 'ENTRY_NOT_ACTIVE');
    return await step(COMPLETE, [id], 'PAYMENT_NOT_PENDING');
  } catch (error) {
    for (const undo of done.reverse()) await undo();
    const failure = error instanceof Error ? error.message : 'unknown';
    await pool.query({ ...FAIL, values: [id, failure] });
    throw error;
  }
}
