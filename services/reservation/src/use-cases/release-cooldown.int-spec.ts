import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  brokenPromises,
  LIMITS,
  openReservations,
  schedule,
  valueOf,
  type ReservationInstance,
} from '../reservation.fixture.js';

let service: ReservationInstance;
let close: () => Promise<void>;
let nextScheduleId = 1;

beforeAll(async () => {
  ({ instance: service, close } = await openReservations({ ...LIMITS, releasesFree: 3 }));
});
afterEach(async () => {
  expect(await brokenPromises(service.database)).toEqual([]);
});
afterAll(() => close());

async function published(): Promise<number> {
  const scheduleId = nextScheduleId;
  nextScheduleId += 1;
  await service.publish(schedule(scheduleId));
  return scheduleId;
}

const holdOne = async (userId: number, scheduleId: number) => {
  const [outcome] = await service.hold({ userId, scheduleId, seats: { bestAvailable: 1 } });
  return outcome;
};

async function releaseTimes(times: number, userId: number, scheduleId: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const { reservationId } = valueOf(await holdOne(userId, scheduleId));
    valueOf(await service.cancel(userId, reservationId));
  }
}

/** As if so much time had passed since: the database's clock cannot be moved. */
async function passSeconds(seconds: number): Promise<void> {
  const { sql } = service.database;
  await service.database.run(
    sql('releases').update({
      last_released_at: sql.raw(`last_released_at - make_interval(secs => ?)`, [seconds]),
    }),
  );
}

const cooldown = (retryAfterSeconds: number) => ({
  ok: false,
  refusal: 'RESERVATION_COOLDOWN',
  detail: { retryAfterSeconds },
});

describe('giving up holds', () => {
  it('is free a few times, then costs a wait that grows with each', async () => {
    const scheduleId = await published();
    await releaseTimes(3, 1, scheduleId);
    await releaseTimes(1, 1, scheduleId);
    expect(await holdOne(1, scheduleId)).toEqual(cooldown(30));
    await passSeconds(30);
    await releaseTimes(1, 1, scheduleId);
    expect(await holdOne(1, scheduleId)).toEqual(cooldown(60));
  });

  it('costs only who did it, and only in that schedule', async () => {
    const [scheduleId, another] = [await published(), await published()];
    await releaseTimes(4, 1, scheduleId);
    expect(valueOf(await holdOne(2, scheduleId)).state).toBe('HELD');
    expect(valueOf(await holdOne(1, another)).state).toBe('HELD');
    expect(await holdOne(1, scheduleId)).toMatchObject({ refusal: 'RESERVATION_COOLDOWN' });
  });

  it('is counted once however often it is asked for', async () => {
    const scheduleId = await published();
    await releaseTimes(2, 1, scheduleId);
    const { reservationId } = valueOf(await holdOne(1, scheduleId));
    for (let time = 0; time < 5; time += 1) valueOf(await service.cancel(1, reservationId));
    expect(valueOf(await holdOne(1, scheduleId)).state).toBe('HELD');
  });

  it('is forgotten after a long time without', async () => {
    const scheduleId = await published();
    await releaseTimes(4, 1, scheduleId);
    await passSeconds(LIMITS.releaseMemorySeconds + 1);
    await releaseTimes(3, 1, scheduleId);
    expect(valueOf(await holdOne(1, scheduleId)).state).toBe('HELD');
  });

  it('is something else than letting them lapse, paying them or cancelling what was paid', async () => {
    const scheduleId = await published();
    await releaseTimes(3, 1, scheduleId);
    const { reservationId: lapsed } = valueOf(await holdOne(1, scheduleId));
    await service.lapse(lapsed);
    const { reservationId: paid } = valueOf(await holdOne(1, scheduleId));
    valueOf(await service.pin(1, paid, 71));
    valueOf(await service.confirm(paid, 71, 10_000));
    valueOf(await service.cancel(1, paid));
    expect(valueOf(await holdOne(1, scheduleId)).state).toBe('HELD');
  });

  it('keeps nobody from paying what is still held', async () => {
    const scheduleId = await published();
    const { reservationId } = valueOf(await holdOne(1, scheduleId));
    await releaseTimes(4, 1, scheduleId);
    expect(await holdOne(1, scheduleId)).toMatchObject({ refusal: 'RESERVATION_COOLDOWN' });
    valueOf(await service.pin(1, reservationId, 72));
    valueOf(await service.confirm(reservationId, 72, 10_000));
  });
});
