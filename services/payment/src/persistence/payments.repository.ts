import type { PaymentState } from '@encore/contracts';
import { Database, JsonText, statement, type Queryable, type Transaction } from '@encore/database';
import { Injectable } from '@nestjs/common';
import type { PaidSeat, Payment, Purchase } from '../domain/payment.js';

export interface NewPayment {
  readonly requestMessageId: string;
  readonly userId: number;
  readonly reservationId: number;
  readonly entryId: number;
  readonly roomId: string;
}

/** How a payment ended, for those that did. */
export interface EndedPayment {
  readonly paymentId: number;
  readonly state: 'COMPLETED' | 'FAILED';
  readonly purchase: Purchase | null;
  readonly failure: string | null;
  readonly completedAt: Date | null;
}

export interface LivePayment {
  readonly paymentId: number;
  readonly userId: number;
  readonly reservationId: number;
  readonly state: PaymentState;
}

interface PaymentRow {
  payment_id: number;
  user_id: number;
  reservation_id: number;
  state: PaymentState;
  schedule_id: number | null;
  concert_id: number | null;
  starts_at: Date | null;
  amount_krw: number | null;
  seats: PaidSeat[] | null;
  refunded_krw: number;
  failure: string | null;
  created_at: Date;
  completed_at: Date | null;
}

const COLUMNS = `payment_id, user_id, reservation_id, state, schedule_id, concert_id, starts_at,
  amount_krw, seats, refunded_krw, failure, created_at, completed_at`;

/** In key order, so that two batches that race for the same reservations wait in one direction. */
const INSERT = statement(
  'payment-insert',
  `insert into payments
     (request_message_id, user_id, reservation_id, entry_id, room_id, created_at)
   select request_message_id, user_id, reservation_id, entry_id, room_id, $2
   from unnest($1::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[]) with ordinality
     as wanted(request_message_id, user_id, reservation_id, entry_id, room_id, position)
   order by reservation_id, user_id, position
   on conflict do nothing
   returning payment_id, request_message_id`,
);
const LIVE = statement(
  'payment-live',
  `select payment_id as "paymentId", user_id as "userId", reservation_id as "reservationId", state
   from payments where reservation_id = any($1::bigint[]) and state <> 'FAILED'`,
);
/** One that has ended already stays as it is. */
const END = statement(
  'payment-end',
  `update payments set state = ended.state, schedule_id = ended.schedule_id,
     concert_id = ended.concert_id, starts_at = ended.starts_at, amount_krw = ended.amount_krw,
     seats = ended.seats, failure = ended.failure, completed_at = ended.completed_at
   from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[],
       $6::bigint[], $7::jsonb[], $8::text[], $9::timestamptz[])
     as ended(payment_id, state, schedule_id, concert_id, starts_at, amount_krw, seats, failure,
       completed_at)
   where payments.payment_id = ended.payment_id and payments.state = 'PENDING'`,
);
const LOCK_OF_RESERVATIONS = statement(
  'payment-lock-of-reservations',
  `select ${COLUMNS} from payments
   where reservation_id = any($1::bigint[]) order by payment_id for update`,
);
const GIVE_BACK = statement(
  'payment-give-back',
  `update payments
   set refunded_krw = refunded_krw + refund.amount_krw,
     state = case when jsonb_array_length(seats) = (
       select count(*) from refund_seats where refund_seats.payment_id = payments.payment_id
         and counts
     ) then 'REFUNDED' else 'PARTIALLY_REFUNDED' end
   from json_to_recordset($1::json) as refund(payment_id bigint, amount_krw bigint)
   where payments.payment_id = refund.payment_id`,
);
const FIND = statement('payment-find', `select ${COLUMNS} from payments where payment_id = $1`);
const STORED = statement(
  'payment-stored',
  'select payment_id from payments where payment_id = any($1::bigint[])',
);
const FIND_REQUESTED = statement(
  'payment-find-requested',
  `select request_message_id, ${COLUMNS} from payments where request_message_id = any($1::uuid[])`,
);
const LIST = statement(
  'payment-list',
  `select ${COLUMNS} from payments where user_id = $1 and ($2::bigint is null or payment_id < $2)
   order by payment_id desc limit $3`,
);

const PAGE = statement(
  'payment-page',
  `select ${COLUMNS} from payments where user_id = $1 order by payment_id desc offset $2 limit $3`,
);
const COUNT = statement(
  'payment-count',
  'select count(*) as total from payments where user_id = $1',
);

@Injectable()
export class PaymentsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Ids by request; a request without one has made its payment before, or lost against a live
   * payment of the same reservation.
   */
  async insert(
    tx: Transaction,
    wanted: readonly NewPayment[],
    now: Date,
  ): Promise<Map<string, number>> {
    const rows = await tx.query<{ payment_id: number; request_message_id: string }>(INSERT, [
      wanted.map((payment) => payment.requestMessageId),
      now,
      wanted.map((payment) => payment.userId),
      wanted.map((payment) => payment.reservationId),
      wanted.map((payment) => payment.entryId),
      wanted.map((payment) => payment.roomId),
    ]);
    return new Map(rows.map((row) => [row.request_message_id, row.payment_id]));
  }

  /** Payments that run or succeeded, for these reservations. */
  async live(tx: Transaction, reservationIds: readonly number[]): Promise<LivePayment[]> {
    return tx.query<LivePayment>(LIVE, [reservationIds]);
  }

  /** Ends running payments. */
  end(tx: Transaction, ended: readonly EndedPayment[]): void {
    const purchases = ended.map(({ purchase }) => purchase);
    tx.write(END, [
      ended.map((payment) => payment.paymentId),
      ended.map((payment) => payment.state),
      purchases.map((purchase) => purchase?.scheduleId),
      purchases.map((purchase) => purchase?.concertId),
      purchases.map((purchase) => purchase?.startsAt),
      purchases.map((purchase) => purchase?.amountKrw),
      purchases.map((purchase) => (purchase === null ? null : JsonText.of(purchase.seats))),
      ended.map((payment) => payment.failure),
      ended.map((payment) => payment.completedAt),
    ]);
  }

  /** Every payment of these reservations, locked in the order of their ids. */
  async lockOfReservations(tx: Transaction, reservationIds: readonly number[]): Promise<Payment[]> {
    return (await tx.query<PaymentRow>(LOCK_OF_RESERVATIONS, [reservationIds])).map(paymentOf);
  }

  /** Adds refunds whose money is back; at most one per payment in one call. */
  async giveBack(
    tx: Transaction,
    refunds: readonly { paymentId: number; amountKrw: number }[],
  ): Promise<void> {
    const rows = refunds.map(({ paymentId, amountKrw }) => ({
      payment_id: paymentId,
      amount_krw: amountKrw,
    }));
    await tx.query(GIVE_BACK, [JSON.stringify(rows)]);
  }

  async find(paymentId: number): Promise<Payment | undefined> {
    return (await this.database.query<PaymentRow>(FIND, [paymentId])).map(paymentOf)[0];
  }

  /** Those of the ids that payments have. */
  async stored(paymentIds: readonly number[]): Promise<ReadonlySet<number>> {
    const rows = await this.database.query<{ payment_id: number }>(STORED, [paymentIds]);
    return new Set(rows.map((row) => row.payment_id));
  }

  async findRequested(requestMessageId: string): Promise<Payment | undefined> {
    return (await this.requested(this.database, [requestMessageId])).get(requestMessageId);
  }

  /** The payments that requests have made, by the ids of the requests. */
  async requested(
    database: Queryable,
    requestMessageIds: readonly string[],
  ): Promise<Map<string, Payment>> {
    if (requestMessageIds.length === 0) return new Map();
    const rows = await database.query<PaymentRow & { request_message_id: string }>(FIND_REQUESTED, [
      requestMessageIds,
    ]);
    return new Map(rows.map((row) => [row.request_message_id, paymentOf(row)]));
  }

  /** Newest first, below the given id. */
  async ofUser(userId: number, below: number | null, limit: number): Promise<Payment[]> {
    return (await this.database.query<PaymentRow>(LIST, [userId, below, limit])).map(paymentOf);
  }

  /** Newest first, after the first `skip`; `total` counts all of them. */
  async pageOfUser(
    userId: number,
    skip: number,
    limit: number,
  ): Promise<{ rows: Payment[]; total: number }> {
    const [rows, [counted]] = await Promise.all([
      this.database.query<PaymentRow>(PAGE, [userId, skip, limit]),
      this.database.query<{ total: number }>(COUNT, [userId]),
    ]);
    return { rows: rows.map(paymentOf), total: counted?.total ?? 0 };
  }
}

function paymentOf(row: PaymentRow): Payment {
  return {
    paymentId: row.payment_id,
    userId: row.user_id,
    reservationId: row.reservation_id,
    state: row.state,
    purchase: purchaseOf(row),
    refundedKrw: row.refunded_krw,
    failure: row.failure,
    createdAt: row.created_at,
    completedAt: row.completed_at,
  };
}

function purchaseOf(row: PaymentRow): Purchase | null {
  const { schedule_id, concert_id, starts_at, amount_krw, seats } = row;
  if (schedule_id === null || concert_id === null || starts_at === null) return null;
  if (amount_krw === null || seats === null) return null;
  return {
    scheduleId: schedule_id,
    concertId: concert_id,
    startsAt: starts_at,
    amountKrw: amount_krw,
    seats,
  };
}
