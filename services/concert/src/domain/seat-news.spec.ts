import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { latestNews } from './seat-news.js';

const seat = (seatNumber: number, status: 'FREE' | 'HELD' | 'SOLD') => ({
  seatNumber,
  status,
  heldUntil: null,
});

describe('the latest news of seats', () => {
  it('are those of the highest version that speaks of a seat', () => {
    const news = latestNews([
      { scheduleId: 1, version: 5, seatsLeft: 8, seats: [seat(1, 'SOLD')] },
      { scheduleId: 1, version: 4, seatsLeft: 8, seats: [seat(1, 'HELD'), seat(2, 'HELD')] },
      { scheduleId: 2, version: 1, seatsLeft: 9, seats: [seat(1, 'HELD')] },
    ]);
    expect(news).toEqual([
      { scheduleId: 1, version: 5, ...seat(1, 'SOLD') },
      { scheduleId: 1, version: 4, ...seat(2, 'HELD') },
      { scheduleId: 2, version: 1, ...seat(1, 'HELD') },
    ]);
  });

  it('are the same in whatever order announcements come, and however often', () => {
    const status = fc.constantFrom('FREE' as const, 'HELD' as const, 'SOLD' as const);
    const changed = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4 }), status), {
      selector: ([seatNumber]) => seatNumber,
    });
    const history = fc.array(changed, { maxLength: 8 }).map((versions) =>
      versions.map((seats, index) => ({
        scheduleId: 1,
        version: index + 1,
        seatsLeft: 0,
        seats: seats.map(([seatNumber, its]) => seat(seatNumber, its)),
      })),
    );
    const delivered = history.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length }),
      ),
    );
    fc.assert(
      fc.property(delivered, ([events, others]) => {
        const all = latestNews(others);
        const ordered = latestNews(events);
        const byNumber = (a: { seatNumber: number }, b: { seatNumber: number }) =>
          a.seatNumber - b.seatNumber;
        expect(all.sort(byNumber)).toEqual(ordered.sort(byNumber));
      }),
    );
  });
});
