import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AddSchedule,
  ChangeConcert,
  CreateConcert,
  ListSchedules,
  ReadConcert,
  ReadSchedule,
  ReadSeatMap,
  SchedulePublished,
  SeatsChanged,
  type Outcome,
  type PayloadOf,
} from '@encore/contracts';
import { Messaging, messagingMigrations } from '@encore/messaging';
import {
  bootService,
  eventually,
  testDatabase,
  type BootedService,
  type TestDatabase,
} from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { inDays } from './concert.fixture.js';
import { ConcertModule } from './concert.module.js';
import { concertMigrations } from './migrations.js';

let service: BootedService;
/** Plays the reservation service: hears what is published and announces what becomes of seats. */
let reservation: Messaging;
let reservationDatabase: TestDatabase;
const published: PayloadOf<typeof SchedulePublished>[] = [];

beforeAll(async () => {
  service = await bootService({
    name: 'concert',
    module: ConcertModule.register(),
    migrations: concertMigrations,
  });
  reservationDatabase = await testDatabase({
    service: 'reservation',
    migrations: [messagingMigrations],
  });
  const { url, prefix } = service.broker;
  const { database } = reservationDatabase;
  reservation = Messaging.open({ url, prefix, service: 'reservation', database });
  reservation.broadcasts.on(SchedulePublished, ({ payload }) => published.push(payload)).start();
  await reservation.ready(30_000);
  await eventually(() => expect(reservation.broadcasts.listening).toBe(true));
});
afterAll(async () => {
  await reservation.close();
  await reservationDatabase.drop();
  await service.close();
});

function valueOf<Value>(
  outcome: { ok: true; value: Value } | { ok: false; refusal: string },
): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`);
  return outcome.value;
}

async function addSchedule(concertId: number) {
  const seats = [{ from: 1, to: 3, priceKrw: 10_000 }];
  return service.ask(AddSchedule, { concertId, startsAt: inDays(30), seats });
}

async function statuses(scheduleId: number): Promise<string> {
  const { seats } = valueOf(await service.ask(ReadSeatMap, { scheduleId }));
  return seats.map(({ status }) => status).join(' ');
}

async function announce(...events: PayloadOf<typeof SeatsChanged>[]): Promise<void> {
  await reservationDatabase.database.transaction((tx) =>
    reservation.outbox.announce(tx, SeatsChanged, events),
  );
}

describe('the concert service, over the broker', () => {
  it('creates a concert with a schedule, publishes it and tells about it', async () => {
    const { concertId } = valueOf(await service.ask(CreateConcert, { name: 'Night of Strings' }));
    const schedule = valueOf(await addSchedule(concertId));
    expect(schedule).toMatchObject({ seatCount: 3, seatsLeft: 3, waitingRoomId: 'default' });
    const { scheduleId } = schedule;
    await eventually(() =>
      expect(published).toContainEqual(
        expect.objectContaining({ scheduleId, version: 1, concertName: 'Night of Strings' }),
      ),
    );
    expect(valueOf(await service.ask(ReadConcert, { concertId })).name).toBe('Night of Strings');
    expect(valueOf(await service.ask(ReadSchedule, { scheduleId }))).toEqual(schedule);
    const listed = valueOf(await service.ask(ListSchedules, { concertId, bookableOnly: true }));
    expect(listed).toEqual({ items: [schedule], nextCursor: null });
    await service.ask(ChangeConcert, { concertId, name: 'Night of Drums' });
    await eventually(() =>
      expect(published).toContainEqual(
        expect.objectContaining({ scheduleId, version: 2, concertName: 'Night of Drums' }),
      ),
    );
  });

  it('creates once, however often the same request is sent', async () => {
    const messageId = randomUUID();
    const answers: Outcome<typeof CreateConcert>[] = [];
    for (let time = 0; time < 2; time += 1) {
      answers.push(await service.ask(CreateConcert, { name: 'Once' }, { messageId }));
    }
    const [first, second] = answers.map((answer) => valueOf(answer).concertId);
    expect(second).toBe(first);
  });

  it('follows what is announced about seats, in whatever order it arrives', async () => {
    const { concertId } = valueOf(await service.ask(CreateConcert, { name: 'Seats' }));
    const { scheduleId } = valueOf(await addSchedule(concertId));
    const seat = (seatNumber: number, status: 'HELD' | 'SOLD') => ({
      seatNumber,
      status,
      heldUntil: status === 'HELD' ? inDays(1) : null,
    });
    await announce({ scheduleId, version: 3, seatsLeft: 1, seats: [seat(1, 'SOLD')] });
    await announce(
      { scheduleId, version: 1, seatsLeft: 2, seats: [seat(1, 'HELD')] },
      { scheduleId, version: 2, seatsLeft: 1, seats: [seat(2, 'HELD')] },
    );
    await eventually(async () => expect(await statuses(scheduleId)).toBe('SOLD HELD FREE'));
    expect(valueOf(await service.ask(ReadSchedule, { scheduleId })).seatsLeft).toBe(1);
  });
});
