import type {
  AnyContract,
  CancelForRefund,
  HoldSeats,
  Outcome,
  PayloadOf,
  PinReservation,
  ReservationView,
  SchedulePublished,
  SeatsChanged,
} from '@encore/contracts';
import { Database, statement, type Transaction } from '@encore/database';
import type { BatchContext, Received } from '@encore/messaging';
import { testDatabase, type TestDatabase } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import type { Limits } from './config.js';
import { reservationMigrations } from './migrations.js';
import { readViews } from './persistence/views.repository.js';
import { ChangeHoldHandlers } from './use-cases/change-hold.js';
import type { Announcer } from './use-cases/decide-on-reservations.js';
import { HoldSeatsHandler } from './use-cases/hold-seats.js';
import { KeepCatalogueHandler } from './use-cases/keep-catalogue.js';
import { PayForReservationHandlers } from './use-cases/pay-for-reservation.js';
import { RefundReservationHandlers } from './use-cases/refund-reservation.js';

const DAY_MS = 86_400_000;

export const LIMITS: Limits = {
  holdSeconds: 300,
  holdLimitSeconds: 900,
  maxSeatsHeldPerUser: 8,
  releasesFree: 3,
  cooldownSeconds: 30,
  cooldownLimitSeconds: 600,
  releaseMemorySeconds: 3_600,
  pinLeaseSeconds: 15,
  sweepIntervalMs: 1_000,
  sweepSchedulesMax: 50,
  sweepLeasesMax: 200,
};

export type SeatsAnnounced = PayloadOf<typeof SeatsChanged>;

/** Keeps what committed transactions announced. */
class RecordedAnnouncements implements Announcer {
  readonly all: SeatsAnnounced[] = [];

  announce(
    tx: Transaction,
    _contract: typeof SeatsChanged,
    payloads: readonly SeatsAnnounced[],
  ): void {
    tx.afterCommit(() => this.all.push(...payloads));
  }
}

export function received<C extends AnyContract>(payload: PayloadOf<C>): Received<C> {
  return { id: randomUUID(), payload, correlationId: 'test', sentAt: new Date(), attempt: 1 };
}

/** A schedule as the concert service publishes it: by default on sale, 50 seats at 10,000 KRW. */
export function schedule(
  scheduleId: number,
  change: Partial<PayloadOf<typeof SchedulePublished>> & { seatCount?: number } = {},
): PayloadOf<typeof SchedulePublished> {
  const { seatCount = 50, ...facts } = change;
  return {
    scheduleId,
    concertId: 1,
    concertName: 'Night of Strings',
    startsAt: new Date(Date.now() + 30 * DAY_MS).toISOString(),
    salesOpenAt: new Date(Date.now() - DAY_MS).toISOString(),
    saleOpen: true,
    waitingRoomId: 'default',
    version: 1,
    seats: Array.from({ length: seatCount }, (_, index) => ({
      seatId: scheduleId * 100_000 + index + 1,
      seatNumber: index + 1,
      priceKrw: 10_000,
    })),
    ...facts,
  };
}

/** One instance of the service without its transport: handlers on a database of their own pool. */
export class ReservationInstance {
  readonly announcements = new RecordedAnnouncements();
  private readonly holds: HoldSeatsHandler;
  private readonly changes: ChangeHoldHandlers;
  private readonly payments: PayForReservationHandlers;
  private readonly refunds = new RefundReservationHandlers(this.announcements);
  private readonly catalogue = new KeepCatalogueHandler(this.announcements);

  constructor(
    readonly database: Database,
    readonly limits: Limits = LIMITS,
  ) {
    this.holds = new HoldSeatsHandler(this.announcements, limits);
    this.changes = new ChangeHoldHandlers(this.announcements, limits);
    this.payments = new PayForReservationHandlers(this.announcements, limits);
  }

  publish(...schedules: PayloadOf<typeof SchedulePublished>[]): Promise<void> {
    const events = schedules.map((payload) => received<typeof SchedulePublished>(payload));
    return this.inTransaction((context) => this.catalogue.keep(events, context));
  }

  hold(...commands: PayloadOf<typeof HoldSeats>[]): Promise<Outcome<typeof HoldSeats>[]> {
    const batch = commands.map((payload) => received<typeof HoldSeats>(payload));
    return this.inTransaction((context) => this.holds.hold(batch, context));
  }

  /** Holds seats that surely can be had. */
  async held(userId: number, scheduleId: number, ...seatNumbers: number[]): Promise<number> {
    const [outcome] = await this.hold({ userId, scheduleId, seats: { seatNumbers } });
    return valueOf(outcome).reservationId;
  }

  extend(userId: number, reservationId: number) {
    return this.one((context) =>
      this.changes.extend([received({ userId, reservationId })], context),
    );
  }

  cancel(userId: number, reservationId: number) {
    return this.one((context) =>
      this.changes.cancel([received({ userId, reservationId })], context),
    );
  }

  pin(
    userId: number,
    reservationId: number,
    paymentId: number,
  ): Promise<Outcome<typeof PinReservation>> {
    const payload = { userId, reservationId, paymentId, expectedAmountKrw: null };
    return this.one((context) => this.payments.pin([received(payload)], context));
  }

  unpin(reservationId: number, paymentId: number) {
    return this.one((context) =>
      this.payments.unpin([received({ reservationId, paymentId })], context),
    );
  }

  confirm(reservationId: number, paymentId: number, amountKrw: number) {
    return this.one((context) =>
      this.payments.confirm([received({ reservationId, paymentId, amountKrw })], context),
    );
  }

  cancelForRefund(
    payload: PayloadOf<typeof CancelForRefund>,
  ): Promise<Outcome<typeof CancelForRefund>> {
    return this.one((context) => this.refunds.cancel([received(payload)], context));
  }

  markRefunded(reservationId: number, refundId: number) {
    return this.one((context) =>
      this.refunds.markRefunded([received({ reservationId, refundId })], context),
    );
  }

  async view(reservationId: number): Promise<ReservationView> {
    const view = (await readViews(this.database, [reservationId])).get(reservationId);
    if (!view) throw new Error(`there is no reservation ${reservationId}`);
    return view;
  }

  /** Lets a hold's time pass: the database's clock cannot be moved, but the end of the hold can. */
  async lapse(...reservationIds: number[]): Promise<void> {
    const { sql } = this.database;
    await this.database.run(
      sql('reservations')
        .whereIn('reservation_id', reservationIds)
        .update({ expires_at: sql.raw(`now() - interval '1 second'`) }),
    );
  }

  inTransaction<T>(work: (context: BatchContext) => Promise<T>): Promise<T> {
    const beforeAck = () => {
      throw new Error('this service has nothing to publish by itself');
    };
    return this.database.transaction((tx) => work({ tx, beforeAck }));
  }

  private async one<T>(work: (context: BatchContext) => Promise<T[]>): Promise<T> {
    const [outcome] = await this.inTransaction(work);
    if (outcome === undefined) throw new Error('the batch of one has no outcome');
    return outcome;
  }
}

export function valueOf<Value>(
  outcome: { ok: true; value: Value } | { ok: false; refusal: string } | undefined,
): Value {
  if (outcome?.ok !== true) throw new Error(`refused: ${outcome?.refusal ?? 'nothing came'}`);
  return outcome.value;
}

/** A test database, and instances of the service that share it as processes would. */
export async function openReservations(limits?: Limits): Promise<{
  instance: ReservationInstance;
  another: () => ReservationInstance;
  close: () => Promise<void>;
}> {
  const kept: TestDatabase = await testDatabase({
    service: 'reservation',
    migrations: reservationMigrations,
  });
  const others: Database[] = [];
  return {
    instance: new ReservationInstance(kept.database, limits),
    another() {
      const database = Database.open({
        url: kept.url,
        applicationName: 'another-instance',
        poolMax: 4,
        statementTimeoutMs: 15_000,
        lockTimeoutMs: 10_000,
        connectTimeoutMs: 60_000,
      });
      others.push(database);
      return new ReservationInstance(database, limits);
    },
    async close() {
      await Promise.all(others.map((database) => database.close()));
      await kept.drop();
    },
  };
}

const BROKEN_PROMISES = statement(
  'test-broken-promises',
  `SELECT 'state and ownership disagree' AS what, reservation_id AS about
   FROM reservation_seats JOIN reservations USING (reservation_id)
   WHERE owns <> (state IN ('HELD', 'PAYING', 'CONFIRMED') AND NOT cancelled)
   UNION ALL
   SELECT 'owned seats are miscounted', schedule_id
   FROM schedules
   WHERE owned_seats <> (
     SELECT count(*) FROM reservation_seats
     WHERE reservation_seats.schedule_id = schedules.schedule_id AND owns
   )
   UNION ALL
   SELECT 'a seat has two owners', min(schedule_id)
   FROM reservation_seats WHERE owns GROUP BY schedule_id, seat_number HAVING count(*) > 1`,
);

/** What contradicts the promises of the tables; to be empty after every test. */
export function brokenPromises(database: Database): Promise<{ what: string; about: number }[]> {
  return database.query(BROKEN_PROMISES);
}
