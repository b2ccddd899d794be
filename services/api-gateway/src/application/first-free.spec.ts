import { describe, expect, it } from '@jest/globals';
import type { ReservationView } from '@encore/contracts';
import { RefusalError } from '../clients/refusal-error.js';
import { reservation } from '../testing/samples.js';
import type { Bookings } from './bookings.js';
import type { Writer } from './caller.js';
import { FirstFree } from './first-free.js';

const writer: Writer = { requestId: 'r', traceparent: 't', userId: 7, messageId: 'm' };

/** Schedules that refuse as told, and remember who asked under which id. */
class Halls implements Pick<Bookings, 'hold'> {
  readonly asked: { scheduleId: number; messageId: string }[] = [];

  constructor(private readonly refusals: Readonly<Record<number, string>>) {}

  async hold({ scheduleId }: { scheduleId: number }, { messageId }: Writer) {
    this.asked.push({ scheduleId, messageId });
    const refusal = this.refusals[scheduleId];
    if (refusal !== undefined) throw new RefusalError(refusal);
    const value: ReservationView = reservation({ scheduleId });
    return { value, replayed: false };
  }
}

const holdIn = (halls: Halls, scheduleIds = [4, 5, 6]) =>
  new FirstFree(halls).hold({ scheduleIds, seatNumbers: [12] }, writer);

describe('seats without a day', () => {
  it('are held in the first schedule where they are free', async () => {
    const halls = new Halls({ 4: 'RESERVATION_SEATS_TAKEN' });
    expect((await holdIn(halls)).value.scheduleId).toBe(5);
    expect(halls.asked.map(({ scheduleId }) => scheduleId)).toEqual([4, 5]);
  });

  it('are asked for under ids that are the same the next time, and one’s own in each', async () => {
    const halls = new Halls({ 4: 'RESERVATION_SALE_CLOSED' });
    await holdIn(halls);
    await holdIn(halls);
    const [first, second, third, fourth] = halls.asked.map(({ messageId }) => messageId);
    expect([third, fourth]).toEqual([first, second]);
    expect(new Set([first, second, writer.messageId]).size).toBe(3);
  });

  it('are taken when somebody has them everywhere, also where some room is too small', async () => {
    const halls = new Halls({
      4: 'RESERVATION_SEAT_NOT_FOUND',
      5: 'RESERVATION_SEATS_TAKEN',
      6: 'RESERVATION_SEAT_NOT_FOUND',
    });
    await expect(holdIn(halls)).rejects.toMatchObject({ refusal: 'RESERVATION_SEATS_TAKEN' });
  });

  it('are not looked for elsewhere when it is the person who may have no more', async () => {
    const halls = new Halls({ 4: 'RESERVATION_SEAT_CAP_REACHED' });
    await expect(holdIn(halls)).rejects.toMatchObject({ refusal: 'RESERVATION_SEAT_CAP_REACHED' });
    expect(halls.asked).toHaveLength(1);
  });

  it('are nowhere when there is no schedule', async () => {
    const none = holdIn(new Halls({}), []);
    await expect(none).rejects.toMatchObject({ refusal: 'CONCERT_SCHEDULE_NOT_FOUND' });
  });
});
