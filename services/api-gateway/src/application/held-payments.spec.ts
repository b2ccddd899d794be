import {
  accepted,
  ListReservations,
  ReadEntry,
  ReadSchedule,
  ReadWallet,
  refused,
  RequestPayment,
  RequestRefund,
  type ReservationView,
} from '@encore/contracts';
import { OutcomeUnknownError } from '@encore/messaging';
import { createLogger } from '@encore/service-kit';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Services } from '../clients/services.js';
import { ActiveEntries } from '../gate/active-entries.js';
import { Gate } from '../gate/gate.js';
import { ReservedSchedules } from '../gate/reserved-schedules.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import { payment, reservation, schedule } from '../testing/samples.js';
import { ScriptedServices } from '../testing/scripted-services.js';
import { actorsOnStage, servicesOptions } from '../testing/services-options.js';
import type { Writer } from './caller.js';
import { HeldPayments } from './held-payments.js';
import { Payments } from './payments.js';

const writer: Writer = {
  ...{ requestId: 'r', traceparent: 't', userId: 7 },
  messageId: '5b0c8f1e-3b1f-4a52-9a52-1d2f3a4b5c6d',
};
const keyed: Writer = { ...writer, fingerprint: 'f' };

describe('paying everything that is held', () => {
  let services: ScriptedServices;
  let held: HeldPayments;
  let reservations: ReservationView[];

  beforeEach(() => {
    services = new ScriptedServices();
    const logger = createLogger({ name: 't', level: 'fatal' });
    const client = new Services(services, servicesOptions, logger, actorsOnStage);
    const gate = new Gate(client, new ActiveEntries(100), () => true);
    const rooms = new ScheduleRooms(client, { maxSchedules: 10, keepMs: 1_000 });
    const reserved = new ReservedSchedules(client, 100);
    const payments = new Payments(client, gate, rooms, reserved);
    held = new HeldPayments(client, gate, rooms, payments);
    reservations = [
      reservation({ reservationId: 31, expiresAt: '2030-05-01T10:00:02.000Z' }),
      reservation({ reservationId: 32, expiresAt: '2030-05-01T10:00:01.000Z' }),
    ];
    services
      .on(ListReservations, ({ state }) =>
        accepted({
          items: reservations.filter((one) => one.state === state),
          nextCursor: null,
        }),
      )
      .on(RequestPayment, ({ reservationId }) => {
        const paid = reservations.find((one) => one.reservationId === reservationId);
        if (paid !== undefined) paid.state = 'CONFIRMED';
        return accepted(payment({ paymentId: 100 + reservationId, reservationId }));
      });
  });

  const refuse = (reservationId: number, refusal: (typeof RequestPayment.refusals)[number]) =>
    services.on(RequestPayment, (asked) =>
      asked.reservationId === reservationId
        ? refused(refusal)
        : accepted(payment({ reservationId: asked.reservationId })),
    );
  const paid = () => services.of(RequestPayment).map(({ payload }) => payload);
  const undone = () => services.of(RequestRefund).map(({ payload }) => payload);

  it('pays each hold at its price with one entry, first what lapses first', async () => {
    const { value } = await held.payAll({}, writer);
    expect(value.map(({ reservationId }) => reservationId)).toEqual([32, 31]);
    const common = { userId: 7, expectedAmountKrw: 10_000, entryId: 1_007, roomId: 'default' };
    expect(paid()).toEqual([
      { ...common, reservationId: 32 },
      { ...common, reservationId: 31 },
    ]);
    expect(undone()).toEqual([]);
  });

  it('begins nothing that the balance does not cover', async () => {
    services.accept(ReadWallet, { userId: 7, balanceKrw: 19_999 });
    await expect(held.payAll({}, writer)).rejects.toMatchObject({
      refusal: 'WALLET_INSUFFICIENT_BALANCE',
    });
    expect(services.changes()).toEqual([]);
  });

  it('refunds what it has paid when another hold is refused, and says why', async () => {
    refuse(31, 'RESERVATION_EXPIRED');
    await expect(held.payAll({}, writer)).rejects.toMatchObject({ refusal: 'RESERVATION_EXPIRED' });
    expect(undone()).toMatchObject([{ userId: 7, reservationId: 32, seatNumbers: null }]);
  });

  it('says that the outcome is unknown when what it has paid cannot be refunded', async () => {
    refuse(31, 'RESERVATION_EXPIRED');
    services.on(RequestRefund, () => refused('PAYMENT_REFUND_TOO_LATE'));
    await expect(held.payAll({}, writer)).rejects.toBeInstanceOf(OutcomeUnknownError);
  });

  it('undoes nothing while the outcome of a payment is not known', async () => {
    services.on(RequestPayment, ({ reservationId }) =>
      accepted(payment({ reservationId, state: reservationId === 31 ? 'PENDING' : 'COMPLETED' })),
    );
    await expect(held.payAll({}, writer)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(undone()).toEqual([]);
  });

  it.each(['PAYMENT_IN_PROGRESS', 'RESERVATION_PAYMENT_RUNNING'] as const)(
    'undoes nothing when another request pays the rest: %s',
    async (refusal) => {
      refuse(31, refusal);
      await expect(held.payAll({}, writer)).rejects.toMatchObject({ refusal });
      expect(undone()).toEqual([]);
    },
  );

  it('counts what another request has paid meanwhile as paid', async () => {
    refuse(32, 'PAYMENT_ALREADY_COMPLETED');
    const { value } = await held.payAll({}, writer);
    expect(value.map(({ reservationId }) => reservationId)).toEqual([31]);
    expect(undone()).toEqual([]);
  });

  it('gives the first answer again when the same request is repeated', async () => {
    const first = await held.payAll({}, keyed);
    const again = await held.payAll({}, keyed);
    expect(again.replayed).toBe(true);
    expect(new Set(again.value)).toEqual(new Set(first.value));
    expect(services.of(RequestPayment)).toHaveLength(2);
  });

  it('refuses when nothing is held, though only whoever has an active entry', async () => {
    reservations = [];
    await expect(held.payAll({ scheduleId: 4 }, keyed)).rejects.toMatchObject({
      refusal: 'RESERVATION_NOT_FOUND',
    });
    await expect(held.payAll({}, writer)).rejects.toMatchObject({
      refusal: 'RESERVATION_NOT_FOUND',
    });
  });

  it('needs an active entry in the room of every hold before anything is paid', async () => {
    services.on(ReadSchedule, () => accepted({ ...schedule, waitingRoomId: 'another' }));
    services.on(ReadEntry, () => refused('QUEUE_ENTRY_NOT_FOUND'));
    await expect(held.payAll({}, writer)).rejects.toMatchObject({
      problem: { code: 'ENTRY_REQUIRED' },
    });
    expect(services.changes()).toEqual([]);
  });
});
