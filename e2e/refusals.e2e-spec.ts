import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { arrive, must } from './support/buying.js';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from './support/whole-system.js';

/** Short enough to lapse while a test waits for it, long enough to hold, charge and pay before. */
const HOLD_SECONDS = 6;

describe('A payment that cannot be', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem({
      envOf: { reservation: { HOLD_SECONDS: String(HOLD_SECONDS) } },
    });
  });
  afterAll(async () => {
    await whole.end();
  });

  it('is refused for want of money, leaving hold and entry as they were', async () => {
    const person = await arrive(whole, 1, SEAT_PRICE_KRW - 1);
    const held = must(await person.hold(1, [1]), 201).body;
    const refused = await person.pay(held.reservationId);
    expect(refused).toMatchObject({ status: 402, body: { code: 'WALLET_INSUFFICIENT_BALANCE' } });
    expect(must(await person.reservation(held.reservationId), 200).body.state).toBe('HELD');
    expect(must(await person.entry(), 200).body.state).toBe('ACTIVE');
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(SEAT_PRICE_KRW - 1);

    must(await person.charge(1), 201);
    must(await person.pay(held.reservationId), 201);
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(0);
  });

  it('is refused for a wrong amount, and nothing moves', async () => {
    const person = await arrive(whole, 2);
    const held = must(await person.hold(1, [2]), 201).body;
    const refused = await person.call<{ code: string }>('POST', '/v1/payments', {
      body: { reservationId: held.reservationId, amountKrw: 1 },
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'RESERVATION_AMOUNT_DIFFERS' } });
    expect(must(await person.wallet(), 200).body.balanceKrw).toBe(SEAT_PRICE_KRW);
    expect(must(await person.reservation(held.reservationId), 200).body.state).toBe('HELD');
  });

  it('is refused for somebody else’s reservation, whose owner pays undisturbed', async () => {
    const [owner, stranger] = [await arrive(whole, 3), await arrive(whole, 4)];
    const held = must(await owner.hold(1, [3]), 201).body;
    const refused = await stranger.pay(held.reservationId);
    expect(refused).toMatchObject({ status: 403, body: { code: 'RESERVATION_NOT_YOURS' } });
    expect((await stranger.reservation(held.reservationId)).status).toBe(403);
    expect((await stranger.cancel(held.reservationId)).status).toBe(403);
    expect(must(await stranger.wallet(), 200).body.balanceKrw).toBe(SEAT_PRICE_KRW);
    must(await owner.pay(held.reservationId), 201);
  });

  it('is refused for a lapsed hold, whose seat the next person gets at once', async () => {
    const [late, next] = [await arrive(whole, 5), await arrive(whole, 6)];
    const held = must(await late.hold(1, [4]), 201).body;
    expect((await next.hold(1, [4])).status).toBe(409);
    await lapseOf(held.expiresAt);
    const taken = must(await next.hold(1, [4]), 201).body;
    const refused = await late.pay(held.reservationId);
    expect(refused).toMatchObject({ status: 409, body: { code: 'RESERVATION_EXPIRED' } });
    expect(must(await late.reservation(held.reservationId), 200).body.state).toBe('EXPIRED');
    expect(must(await late.wallet(), 200).body.balanceKrw).toBe(SEAT_PRICE_KRW);
    expect(must(await late.entry(), 200).body.state).toBe('ACTIVE');
    must(await next.pay(taken.reservationId), 201);
  });

  it('is refused for a reservation that does not exist, and for one already paid', async () => {
    const person = await arrive(whole, 7);
    expect(await person.pay(9_999_999)).toMatchObject({
      status: 404,
      body: { code: 'RESERVATION_NOT_FOUND' },
    });
    const held = must(await person.hold(1, [5]), 201).body;
    must(await person.pay(held.reservationId), 201);
    // Until the payment has used it up, joining finds the entry there is.
    await whole.books.quiet();
    must(await person.join(), 201);
    expect((await person.pay(held.reservationId)).status).toBe(409);
  });

  it('left the books of all services in agreement', async () => {
    expect(await whole.books.violations()).toEqual([]);
  });
});

/** The end of the hold by the clock that decides it, which all processes of a test share. */
async function lapseOf(expiresAt: string | null): Promise<void> {
  if (expiresAt === null) throw new Error('not a hold');
  const waitMs = Date.parse(expiresAt) - Date.now() + 1;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
}
