import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import { buyers } from './support/buying.js';
import { insistOnPaying, lastOf } from './support/insisting.js';
import type { Buyer } from './support/person.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from './support/whole-system.js';

/** Longer than anything here takes, so that a lease ends only where a test wants it to. */
const LONG_SECONDS = 60;
/** The payment service waits for the lock below for longer than the short lease. */
const PATIENT = {
  DATABASE_LOCK_TIMEOUT_MS: '30000',
  DATABASE_STATEMENT_TIMEOUT_MS: '40000',
};
const WAITING = `select pid from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

/** Keeps payments from being stored: whoever wants to pay gets as far as the pin. */
class Barrier {
  private constructor(private readonly client: pg.Client) {}

  static async before(whole: WholeSystem): Promise<Barrier> {
    const connectionString = whole.system.services['payment']?.database ?? '';
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.query('begin');
    await client.query('lock table sagas in exclusive mode');
    return new Barrier(client);
  }

  async reached(): Promise<void> {
    await eventually(async () => {
      expect((await this.client.query(WAITING)).rowCount).toBe(1);
    });
  }

  /** What waits here is undone, as if its process had died before it could send it. */
  async undoWaiting(): Promise<void> {
    await this.client.query(`select pg_terminate_backend(pid) from (${WAITING}) as waiting`);
    await eventually(async () => {
      expect((await this.client.query(WAITING)).rowCount).toBe(0);
    });
  }

  async open(): Promise<void> {
    await this.client.query('rollback');
    await this.client.end();
  }
}

const pinOf = async (whole: WholeSystem, { reservationId }: Buyer) => {
  const [row] = await whole.books.rows<{ state: string; payment_id: string | null }>(
    'reservation',
    `select state, payment_id from reservations where reservation_id = ${reservationId}`,
  );
  return row;
};

const withdrawnPins = (whole: WholeSystem, { reservationId }: Buyer): Promise<number> =>
  whole.books.number(
    'reservation',
    `select count(*) as value from withdrawn_pins where reservation_id = ${reservationId}`,
  );

/** Somebody whose payment is pinned and waits to be stored. */
async function pinned(whole: WholeSystem, userId: number) {
  const [buyer] = await buyers(whole, userId, 1);
  if (buyer === undefined) throw new Error('nobody');
  const barrier = await Barrier.before(whole);
  const key = randomUUID();
  const asked = buyer.person.pay(buyer.reservationId, { idempotencyKey: key });
  await barrier.reached();
  const pin = await pinOf(whole, buyer);
  expect(pin).toMatchObject({ state: 'PAYING' });
  return { buyer, barrier, key, asked, paymentId: Number(pin?.payment_id) };
}

describe('A payment that was pinned and died with its process, unstored', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem({
      envOf: { reservation: { PIN_LEASE_SECONDS: String(LONG_SECONDS) } },
    });
  });
  afterAll(async () => {
    await whole.end();
  });

  it('is not in the way of the same request coming again, which takes its lease over', async () => {
    const { buyer, barrier, key, asked, paymentId } = await pinned(whole, 1);
    await whole.system.kill('payment');
    await barrier.undoWaiting();
    await barrier.open();
    await asked;
    const paid = lastOf(await insistOnPaying(buyer, key));
    expect(paid.status).toBe(201);
    expect(paid.body.paymentId).toBeGreaterThan(paymentId);
    expect(await pinOf(whole, buyer)).toEqual({
      state: 'CONFIRMED',
      payment_id: String(paid.body.paymentId),
    });
    expect(await withdrawnPins(whole, buyer)).toBe(0);
    expect(await whole.books.violations()).toEqual([]);
  });
});

describe('A lease that ends', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem({
      envOf: { reservation: { PIN_LEASE_SECONDS: '1' }, payment: PATIENT },
    });
  });
  afterAll(async () => {
    await whole.end();
  });

  it('while the commit of its payment hangs costs the buyer nothing', async () => {
    const { buyer, barrier, key, asked } = await pinned(whole, 1);
    await eventually(async () => {
      expect(await pinOf(whole, buyer)).toEqual({ state: 'HELD', payment_id: null });
    });
    await barrier.open();
    await asked;
    const failed = lastOf(await insistOnPaying(buyer, key));
    expect(failed).toMatchObject({ status: 409, body: { code: 'RESERVATION_NOT_PINNED' } });
    expect((await buyer.person.wallet()).body.balanceKrw).toBe(SEAT_PRICE_KRW);
    expect(lastOf(await insistOnPaying(buyer)).status).toBe(201);
    expect(await whole.books.violations()).toEqual([]);
  });
});
