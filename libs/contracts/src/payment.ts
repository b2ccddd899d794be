import { z } from 'zod';
import { event, query, request } from './define.js';
import { PinReservation, ConfirmReservation, CancelForRefund } from './reservation.js';
import {
  amountKrw,
  id,
  instant,
  page,
  pageOf,
  roomId,
  seatNumber,
  seatNumbers,
  totalKrw,
} from './values.js';
import { DebitWallet } from './wallet.js';

export const paymentState = z.enum([
  'PENDING',
  'COMPLETED',
  'FAILED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
]);
export type PaymentState = z.output<typeof paymentState>;

export const sagaState = z.enum([
  'RUNNING',
  'COMPLETED',
  'COMPENSATING',
  'COMPENSATED',
  'NEEDS_ATTENTION',
]);
export type SagaState = z.output<typeof sagaState>;

/** One line of a saga's log. */
export const sagaLogEntry = z.object({
  /** 1, 2, 3 … without gaps. */
  sequence: z.int().min(1),
  at: instant,
  /** The step's name in the saga definition; null for the saga's beginning and end. */
  step: z.string().nullable(),
  event: z.enum([
    'STARTED',
    'ASKED',
    'ASKED_AGAIN',
    'ACCEPTED',
    'REFUSED',
    'UNDO_ASKED',
    'UNDO_ASKED_AGAIN',
    'UNDONE',
    'UNDO_REFUSED',
    'GAVE_UP_WAITING',
    'COMPLETED',
    'COMPENSATED',
    'NEEDS_ATTENTION',
    'RESUMED',
  ]),
  /** The id of the command that was sent or answered; null for beginnings and ends. */
  messageId: z.string().nullable(),
  /** How often the step was asked, this time included. */
  attempt: z.int().min(0),
  /** A refusal code or an error text; null otherwise. */
  reason: z.string().nullable(),
});
export type SagaLogEntry = z.output<typeof sagaLogEntry>;

export const paymentView = z.object({
  paymentId: id,
  userId: id,
  reservationId: id,
  scheduleId: id.nullable(),
  state: paymentState,
  /** Fixed by the reservation; null while PENDING, and when it failed before it had a price. */
  amountKrw: amountKrw.nullable(),
  refundedKrw: totalKrw,
  /** The refusal that failed the payment; null otherwise. */
  failure: z.string().nullable(),
  createdAt: instant,
  completedAt: instant.nullable(),
});
export type PaymentView = z.output<typeof paymentView>;

export const paymentWithSteps = z.object({ ...paymentView.shape, steps: z.array(sagaLogEntry) });

export const refundState = z.enum(['PENDING', 'COMPLETED', 'FAILED']);
export const refundView = z.object({
  refundId: id,
  paymentId: id,
  reservationId: id,
  userId: id,
  state: refundState,
  seatNumbers: z.array(seatNumber),
  amountKrw: totalKrw,
  reason: z.string().nullable(),
  failure: z.string().nullable(),
  createdAt: instant,
  completedAt: instant.nullable(),
});
export type RefundView = z.output<typeof refundView>;

export const RequestPayment = request('payment', 'RequestPayment', {
  summary:
    'Pays a held reservation: answered at the point of no return or with the refusal that failed it.',
  payload: z.object({
    userId: id,
    reservationId: id,
    /** What the client thinks it costs: checked, never believed. */
    expectedAmountKrw: amountKrw.nullable(),
    /** The active queue entry that lets this person pay; used up by a completed payment. */
    entryId: id,
    roomId,
  }),
  reply: paymentView,
  refusals: [
    ...PinReservation.refusals,
    ...DebitWallet.refusals,
    ...ConfirmReservation.refusals,
    'PAYMENT_IN_PROGRESS',
    'PAYMENT_ALREADY_COMPLETED',
    'PAYMENT_ABANDONED',
  ],
});

export const ListStoredPayments = query('payment', 'ListStoredPayments', {
  summary: 'Which of these payments are stored: the others will never ask for anything again.',
  payload: z.object({ paymentIds: z.array(id).min(1).max(1_000) }),
  reply: z.object({ paymentIds: z.array(id) }),
  refusals: [],
  actor: 'service',
});

export const ReadPayment = query('payment', 'ReadPayment', {
  summary: 'One payment of the person who asks, with its steps.',
  payload: z.object({ userId: id, paymentId: id }),
  reply: paymentWithSteps,
  refusals: ['PAYMENT_NOT_FOUND', 'PAYMENT_NOT_YOURS'],
});

export const ReadRequestedPayment = query('payment', 'ReadRequestedPayment', {
  summary:
    'The payment that a RequestPayment message started, by that message’s id: what became of it?',
  payload: z.object({ userId: id, requestMessageId: z.uuid() }),
  reply: paymentView,
  refusals: ['PAYMENT_NOT_FOUND'],
});

export const ListPayments = query('payment', 'ListPayments', {
  summary: 'A person’s payments, newest first.',
  payload: z.object({ ...page.shape, userId: id }),
  reply: pageOf(paymentView),
  refusals: [],
});

export const ReadPaymentsPage = query('payment', 'ReadPaymentsPage', {
  summary: 'A numbered page of a person’s payments, newest first, and how many there are in all.',
  payload: z.object({
    userId: id,
    page: z.int().min(1).max(1_000_000),
    limit: z.int().min(1).max(100),
  }),
  reply: z.object({ items: z.array(paymentView), total: z.int().min(0) }),
  refusals: [],
});

export const RequestRefund = request('payment', 'RequestRefund', {
  summary: 'Refunds a payment, whole or some seats, by policy; never twice.',
  payload: z.object({
    userId: id,
    reservationId: id,
    /** Null for every seat not refunded yet. */
    seatNumbers: seatNumbers.nullable(),
    reason: z.string().max(500).nullable(),
  }),
  reply: refundView,
  refusals: [
    ...CancelForRefund.refusals,
    'PAYMENT_NOT_FOUND',
    'PAYMENT_NOT_YOURS',
    'PAYMENT_NOT_REFUNDABLE',
    'PAYMENT_ALREADY_REFUNDED',
    'PAYMENT_REFUND_IN_PROGRESS',
    'PAYMENT_REFUND_TOO_LATE',
    'PAYMENT_SEAT_NOT_PAID',
  ],
});

export const ReadRefund = query('payment', 'ReadRefund', {
  summary: 'One refund of the person who asks.',
  payload: z.object({ userId: id, refundId: id }),
  reply: refundView,
  refusals: ['PAYMENT_REFUND_NOT_FOUND', 'PAYMENT_NOT_YOURS'],
});

export const ReadRequestedRefund = query('payment', 'ReadRequestedRefund', {
  summary: 'The refund that a RequestRefund message started, by that message’s id.',
  payload: z.object({ userId: id, requestMessageId: z.uuid() }),
  reply: refundView,
  refusals: ['PAYMENT_REFUND_NOT_FOUND'],
});

export const ListRefunds = query('payment', 'ListRefunds', {
  summary: 'A person’s refunds, newest first.',
  payload: z.object({ ...page.shape, userId: id }),
  reply: pageOf(refundView),
  refusals: [],
});

export const sagaView = z.object({
  sagaId: z.uuid(),
  /** `pay-for-reservation` or `refund-payment`. */
  definition: z.string(),
  state: sagaState,
  /** The step whose answer is awaited; null at the end. */
  step: z.string().nullable(),
  attempt: z.int().min(0),
  paymentId: id,
  refundId: id.nullable(),
  reservationId: id,
  userId: id,
  /** The HTTP request that started it. */
  requestId: z.string().nullable(),
  reason: z.string().nullable(),
  startedAt: instant,
  updatedAt: instant,
  /** When the awaited step will be asked again; null at the end. */
  nextAskAt: instant.nullable(),
});
export type SagaView = z.output<typeof sagaView>;

export const ListSagas = query('payment', 'ListSagas', {
  summary: 'Sagas for operators, newest first, by any id and by state.',
  actor: 'operator',
  payload: z.object({
    ...page.shape,
    sagaId: z.uuid().optional(),
    paymentId: id.optional(),
    reservationId: id.optional(),
    userId: id.optional(),
    requestId: z.string().max(200).optional(),
    state: sagaState.optional(),
  }),
  reply: pageOf(sagaView),
  refusals: [],
});

export const ReadSaga = query('payment', 'ReadSaga', {
  summary: 'One saga with its timeline.',
  actor: 'operator',
  payload: z.object({ sagaId: z.uuid() }),
  reply: z.object({ ...sagaView.shape, timeline: z.array(sagaLogEntry) }),
  refusals: ['PAYMENT_SAGA_NOT_FOUND'],
});

export const ReadSalesReport = query('payment', 'ReadSalesReport', {
  summary: 'Money taken and given back per schedule of one concert.',
  actor: 'organiser',
  payload: z.object({ concertId: id }),
  reply: z.object({
    schedules: z.array(
      z.object({
        scheduleId: id,
        payments: z.int().min(0),
        seatsSold: z.int().min(0),
        grossKrw: totalKrw,
        refundedKrw: totalKrw,
        netKrw: totalKrw,
      }),
    ),
  }),
  refusals: [],
});

export const PaymentCompleted = event('payment', 'PaymentCompleted', {
  summary: 'A reservation is paid for and final; its queue entry is used up.',
  payload: z.object({
    paymentId: id,
    userId: id,
    reservationId: id,
    amountKrw,
    entryId: id,
    roomId,
  }),
});

export const RefundCompleted = event('payment', 'RefundCompleted', {
  summary: 'A refund’s money is back in the wallet.',
  payload: z.object({
    refundId: id,
    paymentId: id,
    userId: id,
    reservationId: id,
    amountKrw: totalKrw,
  }),
});
