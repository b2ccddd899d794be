import {
  ListPayments,
  ListRefunds,
  ReadPayment,
  ReadPaymentsPage,
  ReadRefund,
  ReadRequestedPayment,
  ReadRequestedRefund,
  RequestPayment,
  RequestRefund,
  type PaymentView,
  type RefundView,
  type ReplyOf,
} from '@encore/contracts';
import { OutcomeUnknownError } from '@encore/messaging';
import { Injectable } from '@nestjs/common';
import { RefusalError } from '../clients/refusal-error.js';
import { Services } from '../clients/services.js';
import { Gate, type Pass } from '../gate/gate.js';
import { ReservedSchedules } from '../gate/reserved-schedules.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import type { Done, PageRequest, Reader, Writer } from './caller.js';

/** Money for seats and back. Both take several services, so their end may come after the wait. */
@Injectable()
export class Payments {
  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
    private readonly rooms: ScheduleRooms,
    private readonly reserved: ReservedSchedules,
  ) {}

  /** Answers PENDING when the payment is still under way after the wait. */
  async pay(
    wanted: { reservationId: number; expectedAmountKrw: number | null },
    writer: Writer,
  ): Promise<Done<PaymentView>> {
    const scheduleId = await this.reserved.scheduleOf(wanted.reservationId, writer);
    const roomId = await this.rooms.roomOf(scheduleId, writer);
    return this.gate.passOrRecall(roomId, writer, {
      enter: (pass) => this.payWith(pass, wanted, writer),
      recall: () => this.recalled(writer),
    });
  }

  /** For whoever has passed the gate: also twice with one entry, which the first one uses up. */
  async payWith(
    pass: Pass,
    wanted: { reservationId: number; expectedAmountKrw: number | null },
    writer: Writer,
  ): Promise<Done<PaymentView>> {
    const payload = { userId: writer.userId, ...wanted, ...pass };
    const done = await this.endOf(writer, () =>
      this.services.request(RequestPayment, payload, writer, 'waiting'),
    );
    const { state, paymentId } = done.value;
    // An earlier answer told again belongs to an earlier pass.
    if (state === 'COMPLETED' && !done.replayed) this.gate.usedUp(pass, writer.userId, paymentId);
    return done;
  }

  /** What the same payment was answered with earlier; undefined when it was never asked for. */
  recalled(writer: Writer): Promise<Done<PaymentView> | undefined> {
    return this.services.recall(RequestPayment, writer);
  }

  payment(paymentId: number, reader: Reader): Promise<ReplyOf<typeof ReadPayment>> {
    return this.services.query(ReadPayment, { userId: reader.userId, paymentId }, reader);
  }

  payments(page: PageRequest, reader: Reader): Promise<ReplyOf<typeof ListPayments>> {
    return this.services.query(ListPayments, { ...page, userId: reader.userId }, reader);
  }

  /** A page by its number, for those who count pages. */
  page(
    wanted: { page: number; limit: number },
    reader: Reader,
  ): Promise<ReplyOf<typeof ReadPaymentsPage>> {
    return this.services.query(ReadPaymentsPage, { ...wanted, userId: reader.userId }, reader);
  }

  /** Answers PENDING when the refund is still under way after the wait. */
  async refund(
    wanted: { reservationId: number; seatNumbers: number[] | null; reason: string | null },
    writer: Writer,
  ): Promise<Done<RefundView>> {
    const payload = { userId: writer.userId, ...wanted };
    try {
      return await this.services.request(RequestRefund, payload, writer, 'waiting');
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      const asked = { userId: writer.userId, requestMessageId: writer.messageId };
      const refund = await this.orElse(error, () =>
        this.services.query(ReadRequestedRefund, asked, writer),
      );
      return { value: notFailed(refund, { refundId: refund.refundId }), replayed: false };
    }
  }

  refundById(refundId: number, reader: Reader): Promise<RefundView> {
    return this.services.query(ReadRefund, { userId: reader.userId, refundId }, reader);
  }

  refunds(page: PageRequest, reader: Reader): Promise<ReplyOf<typeof ListRefunds>> {
    return this.services.query(ListRefunds, { ...page, userId: reader.userId }, reader);
  }

  /** When no answer came in time, the payment service is asked what became of the request. */
  private async endOf(
    writer: Writer,
    ask: () => Promise<Done<PaymentView>>,
  ): Promise<Done<PaymentView>> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      const asked = { userId: writer.userId, requestMessageId: writer.messageId };
      const payment = await this.orElse(error, () =>
        this.services.query(ReadRequestedPayment, asked, writer),
      );
      return { value: notFailed(payment, { paymentId: payment.paymentId }), replayed: false };
    }
  }

  /** A question whose own failure says less than the unknown outcome it was asked about. */
  private async orElse<Value>(
    unknown: OutcomeUnknownError,
    ask: () => Promise<Value>,
  ): Promise<Value> {
    return ask().catch(() => {
      throw unknown;
    });
  }
}

/** The refusal that failed a payment or refund is the answer to the request that started it. */
function notFailed<View extends PaymentView | RefundView>(
  view: View,
  ids: Record<string, number>,
): View {
  if (view.state !== 'FAILED') return view;
  throw new RefusalError(view.failure ?? 'PAYMENT_ABANDONED', ids);
}
