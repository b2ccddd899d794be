import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, Metrics, PeriodicWork } from '@encore/service-kit';
import { brokenPromises, LIMITS, openReservations, schedule } from '../reservation.fixture.js';
import { lockSchedules } from '../persistence/schedules.repository.js';
import { HoldSweeper } from './expire-holds.js';

let kept: Awaited<ReturnType<typeof openReservations>>;
beforeAll(async () => {
  kept = await openReservations();
});
afterAll(() => kept.close());

function sweeperOf(schedulesMax: number): HoldSweeper {
  const logger = createLogger({ name: 'test', level: 'fatal' });
  const { database, announcements } = kept.instance;
  const work = new PeriodicWork(logger, new Metrics(logger));
  return new HoldSweeper(database, announcements, work, {
    ...LIMITS,
    sweepSchedulesMax: schedulesMax,
  });
}

describe('the sweeper', () => {
  it('writes down that holds have lapsed, announces their seats, and leaves the others', async () => {
    const service = kept.instance;
    await service.publish(schedule(1), schedule(2));
    const lapsed = await service.held(1, 1, 1, 2);
    const alive = await service.held(2, 1, 3);
    await service.lapse(lapsed);
    const sweeper = sweeperOf(50);
    const before = service.announcements.all.length;
    await sweeper.sweep();
    await sweeper.sweep();
    expect(service.announcements.all.slice(before)).toMatchObject([
      {
        scheduleId: 1,
        seatsLeft: 49,
        seats: [
          { seatNumber: 1, status: 'FREE' },
          { seatNumber: 2, status: 'FREE' },
        ],
      },
    ]);
    expect(await service.view(alive)).toMatchObject({ state: 'HELD' });
    expect(await brokenPromises(service.database)).toEqual([]);
  });

  it('takes a bounded portion and leaves the rest for the next tick', async () => {
    const service = kept.instance;
    await service.publish(schedule(3), schedule(4));
    await service.lapse(await service.held(1, 3, 1), await service.held(1, 4, 1));
    const sweeper = sweeperOf(1);
    const before = service.announcements.all.length;
    await sweeper.sweep();
    expect(service.announcements.all.length - before).toBe(1);
    await sweeper.sweep();
    expect(service.announcements.all.length - before).toBe(2);
  });

  it('does not wait for a schedule that somebody is selling from', async () => {
    const service = kept.instance;
    await service.publish(schedule(5), schedule(6));
    await service.lapse(await service.held(1, 5, 1), await service.held(1, 6, 1));
    const before = service.announcements.all.length;
    await kept.another().database.transaction(async (tx) => {
      await lockSchedules(tx, [5]);
      await sweeperOf(50).sweep();
    });
    const swept = service.announcements.all.slice(before);
    expect(swept.map(({ scheduleId }) => scheduleId)).toEqual([6]);
  });
});
