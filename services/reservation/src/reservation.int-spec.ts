import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CancelForRefund,
  CancelReservation,
  ConfirmReservation,
  ExtendHold,
  HoldSeats,
  ListReservations,
  ListStoredPayments,
  MarkReservationRefunded,
  PinReservation,
  PinUnderLease,
  ReadReservation,
  SchedulePublished,
  SeatsChanged,
  UnpinReservation,
  accepted,
} from '@encore/contracts';
import { AnswersEach, Messaging, messagingMigrations, type Received } from '@encore/messaging';
import {
  bootService,
  eventually,
  testDatabase,
  type BootedService,
  type TestDatabase,
} from '@encore/testing';
import { Controller } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { reservationMigrations } from './migrations.js';
import {
  brokenPromises,
  LIMITS,
  schedule,
  valueOf,
  type SeatsAnnounced,
} from './reservation.fixture.js';
import { ReservationModule } from './reservation.module.js';

const SCHEDULE = 1;
let service: BootedService;
/** Plays the concert service: publishes schedules and hears what becomes of their seats. */
let concert: Messaging;
let concertDatabase: TestDatabase;
const heard: SeatsAnnounced[] = [];

/** Payments with even numbers are stored; or it says nothing at all. */
@Controller()
class PaymentService {
  static isSilent = false;

  @AnswersEach(ListStoredPayments)
  list({ payload }: Received<typeof ListStoredPayments>) {
    if (PaymentService.isSilent) throw new Error('the payment service has no time');
    const paymentIds = payload.paymentIds.filter((id) => id % 2 === 0);
    return Promise.resolve(accepted({ paymentIds }));
  }
}

beforeAll(async () => {
  service = await bootService({
    name: 'reservation',
    module: ReservationModule.register({ ...LIMITS, sweepIntervalMs: 50, pinLeaseSeconds: 1 }),
    migrations: reservationMigrations,
    othersAnswer: [PaymentService],
  });
  concertDatabase = await testDatabase({ service: 'concert', migrations: [messagingMigrations] });
  const { url, prefix } = service.broker;
  const { database } = concertDatabase;
  concert = Messaging.open({ url, prefix, service: 'concert', database });
  concert.broadcasts.on(SeatsChanged, ({ payload }) => heard.push(payload)).start();
  await concert.ready(30_000);
  await eventually(() => expect(concert.broadcasts.listening).toBe(true));
  await publish(SCHEDULE, 50);
});
afterEach(async () => {
  expect(await brokenPromises(service.database)).toEqual([]);
});
afterAll(async () => {
  await concert.close();
  await concertDatabase.drop();
  await service.close();
});

async function publish(scheduleId: number, seatCount: number): Promise<void> {
  await concertDatabase.database.transaction((tx) =>
    concert.outbox.announce(tx, SchedulePublished, [schedule(scheduleId, { seatCount })]),
  );
  await eventually(() => {
    const first = heard.find((event) => event.scheduleId === scheduleId);
    expect(first).toMatchObject({ version: 1, seatsLeft: seatCount, seats: [] });
  });
}

async function hold(userId: number, ...seatNumbers: number[]): Promise<number> {
  const payload = { userId, scheduleId: SCHEDULE, seats: { seatNumbers } };
  return valueOf(await service.ask(HoldSeats, payload)).reservationId;
}

async function stateOf(userId: number, reservationId: number): Promise<string> {
  return valueOf(await service.ask(ReadReservation, { userId, reservationId })).state;
}

describe('the reservation service, over the broker', () => {
  it('sells seats and takes them back: hold, pin, confirm, refund', async () => {
    const userId = 1;
    const reservationId = await hold(userId, 1, 2);
    const ids = { reservationId, paymentId: 101 };
    const pin = { ...ids, userId, expectedAmountKrw: 20_000 };
    expect(await service.order(PinReservation, pin)).toMatchObject({ ok: true });
    const confirm = { ...ids, amountKrw: 20_000 };
    expect(await service.order(ConfirmReservation, confirm)).toMatchObject({ ok: true });
    expect(await stateOf(userId, reservationId)).toBe('CONFIRMED');
    const refund = { ...ids, refundId: 201, seatNumbers: [1, 2] };
    expect(await service.order(CancelForRefund, refund)).toEqual({
      ok: true,
      value: { amountKrw: 20_000, state: 'CANCELLED' },
    });
    await service.order(MarkReservationRefunded, { reservationId, refundId: 201 });
    expect(await stateOf(userId, reservationId)).toBe('REFUNDED');
  });

  it('undoes a pin, also before it comes', async () => {
    const userId = 2;
    const reservationId = await hold(userId, 3);
    const pin = { userId, reservationId, paymentId: 102, expectedAmountKrw: null };
    await service.order(UnpinReservation, { reservationId, paymentId: 102 });
    expect(await service.order(PinReservation, pin)).toMatchObject({
      refusal: 'RESERVATION_PIN_WITHDRAWN',
    });
    expect(await stateOf(userId, reservationId)).toBe('HELD');
  });

  it('answers a command that comes twice the same way twice', async () => {
    const userId = 3;
    const reservationId = await hold(userId, 4);
    const id = randomUUID();
    const pin = { userId, reservationId, paymentId: 103, expectedAmountKrw: null };
    const first = await service.order(PinReservation, pin, { id });
    await service.order(UnpinReservation, { reservationId, paymentId: 103 });
    expect(await service.order(PinReservation, pin, { id })).toEqual(first);
    expect(await stateOf(userId, reservationId)).toBe('HELD');
  });

  it('holds once, however often the same request is sent', async () => {
    const payload = { userId: 4, scheduleId: SCHEDULE, seats: { bestAvailable: 2 } };
    const messageId = randomUUID();
    const answers = [
      await service.ask(HoldSeats, payload, { messageId }),
      await service.ask(HoldSeats, payload, { messageId }),
    ];
    expect(answers.map(({ replayed }) => replayed)).toEqual([false, true]);
    expect(valueOf(answers[1])).toEqual(valueOf(answers[0]));
    const list = await service.ask(ListReservations, { userId: 4 });
    expect(valueOf(list).items).toHaveLength(1);
  });

  it('extends, cancels, and announces what became of the seats', async () => {
    const userId = 5;
    const reservationId = await hold(userId, 40);
    const extended = valueOf(await service.ask(ExtendHold, { userId, reservationId }));
    await service.ask(CancelReservation, { userId, reservationId });
    expect(await stateOf(userId, reservationId)).toBe('RELEASED');
    await eventually(() => {
      const seats = heard
        .filter(({ scheduleId }) => scheduleId === SCHEDULE)
        .flatMap((event) => event.seats)
        .filter(({ seatNumber }) => seatNumber === 40);
      expect(seats).toMatchObject([
        { status: 'HELD' },
        { status: 'HELD', heldUntil: extended.expiresAt },
        { status: 'FREE', heldUntil: null },
      ]);
    });
  });

  it('announces by itself that a hold has lapsed', async () => {
    const userId = 6;
    const reservationId = await hold(userId, 41);
    const { sql } = service.database;
    await service.database.run(
      sql('reservations').where({ reservation_id: reservationId }).update({
        expires_at: sql.fn.now(),
      }),
    );
    await eventually(() =>
      expect(heard.at(-1)?.seats).toEqual([{ seatNumber: 41, status: 'FREE', heldUntil: null }]),
    );
    expect(await stateOf(userId, reservationId)).toBe('EXPIRED');
  });

  it('sells every seat once when 200 want 50, and announces without a gap', async () => {
    await publish(2, 50);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        service.ask(HoldSeats, {
          userId: 1_000 + index,
          scheduleId: 2,
          seats: { seatNumbers: [1 + (index % 50)] },
        }),
      ),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(50);
    expect(answers.flatMap((answer) => (answer.ok ? [] : [answer.refusal]))).toEqual(
      Array.from({ length: 150 }, () => 'RESERVATION_SEATS_TAKEN'),
    );
    const ofSchedule = () => heard.filter(({ scheduleId }) => scheduleId === 2);
    await eventually(() => expect(ofSchedule().at(-1)?.seatsLeft).toBe(0));
    const versions = ofSchedule().map(({ version }) => version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  });

  it('takes the largest hall there can be', async () => {
    await publish(3, 20_000);
    const payload = { userId: 7, scheduleId: 3, seats: { bestAvailable: 8 } };
    expect(valueOf(await service.ask(HoldSeats, payload)).amountKrw).toBe(80_000);
  });

  it('knows everything again after a restart', async () => {
    const userId = 8;
    const reservationId = await hold(userId, 42);
    await service.restart();
    expect(await stateOf(userId, reservationId)).toBe('HELD');
    const next = { userId: 9, scheduleId: SCHEDULE, seats: { seatNumbers: [42] } };
    expect(await service.ask(HoldSeats, next)).toMatchObject({
      refusal: 'RESERVATION_SEATS_TAKEN',
    });
  });

  it('gives a hold back that a payment had under a lease and never was stored with', async () => {
    const userId = 7;
    const reservationId = await hold(userId, 45);
    const pin = { userId, reservationId, paymentId: 701, expectedAmountKrw: 10_000 };
    expect(await service.ask(PinUnderLease, pin)).toMatchObject({
      value: { amountKrw: 10_000, seats: [{ seatNumber: 45 }] },
    });
    await eventually(async () => expect(await stateOf(userId, reservationId)).toBe('HELD'));
    expect(await service.ask(PinUnderLease, pin)).toMatchObject({
      refusal: 'RESERVATION_PIN_WITHDRAWN',
    });
    const another = { ...pin, paymentId: 702 };
    expect(await service.ask(PinUnderLease, another)).toMatchObject({ ok: true });
  });

  it('leaves it to a stored payment, and to any as long as nobody says what is stored', async () => {
    const userId = 8;
    const stored = { reservationId: await hold(userId, 46), paymentId: 802 };
    const lost = { reservationId: await hold(userId, 47), paymentId: 803 };
    PaymentService.isSilent = true;
    for (const pinned of [stored, lost]) {
      const pin = { ...pinned, userId, expectedAmountKrw: null };
      expect(await service.ask(PinUnderLease, pin)).toMatchObject({ ok: true });
    }
    await eventually(async () => expect(await leasesEnded(stored, lost)).toBe(2));
    expect(await stateOf(userId, lost.reservationId)).toBe('PAYING');
    PaymentService.isSilent = false;
    await eventually(async () => expect(await stateOf(userId, lost.reservationId)).toBe('HELD'));
    expect(await stateOf(userId, stored.reservationId)).toBe('PAYING');
    const confirm = { ...stored, amountKrw: 10_000 };
    expect(await service.order(ConfirmReservation, confirm)).toMatchObject({ ok: true });
  });

  /** How many of these reservations are still under a lease whose end has come. */
  async function leasesEnded(...pinned: { reservationId: number }[]): Promise<number> {
    const { sql } = service.database;
    const ids = pinned.map(({ reservationId }) => reservationId);
    const rows = await service.database.run(
      sql('reservations')
        .select('reservation_id')
        .whereIn('reservation_id', ids)
        .where('lease_ends_at', '<=', sql.fn.now()),
    );
    return rows.length;
  }
});
