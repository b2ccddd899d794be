import {
  ListReservations,
  ReadWallet,
  type PaymentView,
  type ReservationView,
} from '@encore/contracts';
import { OutcomeUnknownError, ServiceUnavailableError } from '@encore/messaging';
import { Injectable } from '@nestjs/common';
import { RefusalError } from '../clients/refusal-error.js';
import { Services } from '../clients/services.js';
import { Gate, type Pass } from '../gate/gate.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import type { Done, Writer } from './caller.js';
import { everyPage } from './every-page.js';
import { partOf } from './part-of.js';
import { DEFAULT_ROOM } from './passes.js';
import { Payments } from './payments.js';

/** Which holds: all of them, or those on one schedule. */
interface Wanted {
  readonly scheduleId?: number;
}

/** A hold and the entry that lets it be paid. */
interface Payable {
  readonly reservation: ReservationView;
  readonly pass: Pass;
}

/** What another request of the same person pays or has paid is no reason to undo this one. */
const PAID_ALREADY: readonly string[] = ['PAYMENT_ALREADY_COMPLETED', 'RESERVATION_ALREADY_PAID'];
const BEING_PAID: readonly string[] = ['PAYMENT_IN_PROGRESS', 'RESERVATION_PAYMENT_RUNNING'];

/** Reservations looked through for what an earlier try of the same request paid. */
const RECALLED_RESERVATIONS = 20;

/**
 * Pays everything a person holds, all or nothing. Every hold is a payment of its own, each wholly
 * done or wholly undone. That they also are so together is seen to here: nothing is begun that the
 * balance does not cover, and when one is refused, those before it are refunded.
 */
@Injectable()
export class HeldPayments {
  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
    private readonly rooms: ScheduleRooms,
    private readonly payments: Payments,
  ) {}

  /** Refuses when nothing is held. */
  async payAll(wanted: Wanted, writer: Writer): Promise<Done<PaymentView[]>> {
    const asked = { ...wanted, userId: writer.userId, state: 'HELD' as const };
    const held = await everyPage((page) =>
      this.services.query(ListReservations, { ...page, ...asked }, writer),
    );
    if (held.length === 0) return this.earlierOr(wanted, writer);
    const payables = await this.pass(held, writer);
    await this.requireBalance(held, writer);
    return this.payEach(payables, writer);
  }

  /** What lapses first is paid first. */
  private async pass(held: readonly ReservationView[], writer: Writer): Promise<Payable[]> {
    const passes = new Map<string, Pass>();
    const payables: Payable[] = [];
    for (const reservation of held) {
      const roomId = await this.rooms.roomOf(reservation.scheduleId, writer);
      const pass = passes.get(roomId) ?? (await this.gate.pass(roomId, writer));
      passes.set(roomId, pass);
      payables.push({ reservation, pass });
    }
    return payables.sort((left, right) => endOf(left) - endOf(right));
  }

  /** Advisory, so that a payment that must fail is not begun: the debits decide. */
  private async requireBalance(held: readonly ReservationView[], writer: Writer): Promise<void> {
    const { userId } = writer;
    const { balanceKrw } = await this.services.query(ReadWallet, { userId }, writer);
    const dueKrw = held.reduce((sum, { amountKrw }) => sum + amountKrw, 0);
    if (balanceKrw < dueKrw) throw new RefusalError('WALLET_INSUFFICIENT_BALANCE');
  }

  private async payEach(
    payables: readonly Payable[],
    writer: Writer,
  ): Promise<Done<PaymentView[]>> {
    const paid: Done<PaymentView>[] = [];
    let paidBefore: RefusalError | undefined;
    for (const { reservation, pass } of payables) {
      const { reservationId, amountKrw } = reservation;
      const wanted = { reservationId, expectedAmountKrw: amountKrw };
      try {
        const done = await this.payments.payWith(pass, wanted, partOf(writer, reservationId));
        requireEnd(done.value);
        paid.push(done);
      } catch (error) {
        if (!isPaidAlready(error)) {
          if (surelyFailed(error)) await this.undo(paid, writer);
          throw error;
        }
        paidBefore = error;
      }
    }
    if (paid.length === 0 && paidBefore !== undefined) throw paidBefore;
    return allOf(paid);
  }

  /** A refund that is under way comes to its end by itself. */
  private async undo(paid: readonly Done<PaymentView>[], writer: Writer): Promise<void> {
    const reason = 'Paid together with other seats, which could not be paid.';
    for (const { value } of paid) {
      const { reservationId } = value;
      const wanted = { reservationId, seatNumbers: null, reason };
      try {
        await this.payments.refund(wanted, partOf(writer, 'undo', reservationId));
      } catch (error) {
        throw new OutcomeUnknownError('payment', `not refunded: ${String(error)}`);
      }
    }
  }

  /** Nothing is held: perhaps because this very request has paid it, and is asked for again. */
  private async earlierOr(wanted: Wanted, writer: Writer): Promise<Done<PaymentView[]>> {
    const earlier = writer.fingerprint === undefined ? [] : await this.earlier(wanted, writer);
    if (earlier.length > 0) return allOf(earlier);
    const { scheduleId } = wanted;
    const roomId =
      scheduleId === undefined ? DEFAULT_ROOM : await this.rooms.roomOf(scheduleId, writer);
    await this.gate.pass(roomId, writer);
    throw new RefusalError('RESERVATION_NOT_FOUND');
  }

  private async earlier(wanted: Wanted, writer: Writer): Promise<Done<PaymentView>[]> {
    const asked = { ...wanted, userId: writer.userId, state: 'CONFIRMED' as const };
    const page = { limit: RECALLED_RESERVATIONS };
    const { items } = await this.services.query(ListReservations, { ...asked, ...page }, writer);
    const recalled = await Promise.all(
      items.map(({ reservationId }) => this.payments.recalled(partOf(writer, reservationId))),
    );
    return recalled.filter((done) => done !== undefined);
  }
}

function endOf({ reservation }: Payable): number {
  return reservation.expiresAt === null ? Infinity : Date.parse(reservation.expiresAt);
}

function requireEnd({ state }: PaymentView): void {
  if (state === 'PENDING') throw new OutcomeUnknownError('payment', 'still under way');
}

function isPaidAlready(error: unknown): error is RefusalError {
  return error instanceof RefusalError && PAID_ALREADY.includes(error.refusal);
}

function surelyFailed(error: unknown): boolean {
  if (error instanceof RefusalError) return !BEING_PAID.includes(error.refusal);
  return error instanceof ServiceUnavailableError;
}

function allOf(paid: readonly Done<PaymentView>[]): Done<PaymentView[]> {
  return {
    value: paid.map(({ value }) => value),
    replayed: paid.every(({ replayed }) => replayed),
  };
}
