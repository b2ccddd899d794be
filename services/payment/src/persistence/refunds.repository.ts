import { Database, statement, type Queryable, type Transaction } from '@encore/database';
import { Injectable } from '@nestjs/common';
import type { Refund } from '../domain/refund.js';

export interface NewRefund {
  readonly requestMessageId: string;
  readonly paymentId: number;
  readonly reservationId: number;
  readonly userId: number;
  readonly seatNumbers: readonly number[];
  readonly amountKrw: number;
  readonly reason: string | null;
}

export interface EndedRefund {
  readonly refundId: number;
  readonly state: 'COMPLETED' | 'FAILED';
  readonly failure: string | null;
  readonly completedAt: Date | null;
}

/** A seat of a refund that is running or done. */
export interface RefundedSeat {
  readonly paymentId: number;
  readonly seatNumber: number;
  readonly running: boolean;
}

const COLUMNS = `refund_id as "refundId", payment_id as "paymentId",
    reservation_id as "reservationId", user_id as "userId", state, amount_krw as "amountKrw",
    reason, failure, created_at as "createdAt", completed_at as "completedAt",
    array(select seat_number from refund_seats where refund_seats.refund_id = refunds.refund_id
      order by seat_number) as "seatNumbers"`;
const VIEW = `select ${COLUMNS} from refunds`;

const INSERT = statement(
  'refund-insert',
  `insert into refunds (request_message_id, payment_id, reservation_id, user_id, amount_krw,
     reason, created_at)
   select request_message_id, payment_id, reservation_id, user_id, amount_krw, reason, $2
   from json_to_recordset($1::json) as wanted(request_message_id uuid, payment_id bigint,
     reservation_id bigint, user_id bigint, amount_krw bigint, reason text)
   returning refund_id, request_message_id`,
);
const INSERT_SEATS = statement(
  'refund-insert-seats',
  `insert into refund_seats (refund_id, payment_id, seat_number)
   select refund_id, payment_id, seat_number
   from json_to_recordset($1::json)
     as wanted(refund_id bigint, payment_id bigint, seat_number integer)`,
);
const SEATS_OF_PAYMENTS = statement(
  'refund-seats-of-payments',
  `select seat.payment_id as "paymentId", seat.seat_number as "seatNumber",
     refunds.state = 'PENDING' as running
   from refund_seats as seat join refunds using (refund_id)
   where seat.payment_id = any($1::bigint[]) and counts`,
);
const END = statement(
  'refund-end',
  `update refunds set state = ended.state, failure = ended.failure,
     completed_at = ended.completed_at
   from json_to_recordset($1::json)
     as ended(refund_id bigint, state text, failure text, completed_at timestamptz)
   where refunds.refund_id = ended.refund_id and refunds.state = 'PENDING'`,
);
const RELEASE_SEATS = statement(
  'refund-release-seats',
  `update refund_seats set counts = false where refund_id = any($1::bigint[]) and counts`,
);
const FIND = statement('refund-find', `${VIEW} where refund_id = any($1::bigint[])`);
const FIND_REQUESTED = statement(
  'refund-find-requested',
  `select request_message_id as "requestMessageId", ${COLUMNS} from refunds
   where request_message_id = any($1::uuid[])`,
);
const LIST = statement(
  'refund-list',
  `${VIEW} where user_id = $1 and ($2::bigint is null or refund_id < $2)
   order by refund_id desc limit $3`,
);

@Injectable()
export class RefundsRepository {
  constructor(private readonly database: Database) {}

  /** Ids by request. The caller holds the locks of the payments and knows their seats. */
  async insert(
    tx: Transaction,
    wanted: readonly NewRefund[],
    now: Date,
  ): Promise<Map<string, number>> {
    const rows = wanted.map((refund) => ({
      request_message_id: refund.requestMessageId,
      payment_id: refund.paymentId,
      reservation_id: refund.reservationId,
      user_id: refund.userId,
      amount_krw: refund.amountKrw,
      reason: refund.reason,
    }));
    const inserted = await tx.query<{ refund_id: number; request_message_id: string }>(INSERT, [
      JSON.stringify(rows),
      now,
    ]);
    const ids = new Map(inserted.map((row) => [row.request_message_id, row.refund_id]));
    const seats = wanted.flatMap((refund) =>
      refund.seatNumbers.map((seatNumber) => ({
        refund_id: ids.get(refund.requestMessageId),
        payment_id: refund.paymentId,
        seat_number: seatNumber,
      })),
    );
    await tx.query(INSERT_SEATS, [JSON.stringify(seats)]);
    return ids;
  }

  async seatsOfPayments(tx: Transaction, paymentIds: readonly number[]): Promise<RefundedSeat[]> {
    return tx.query<RefundedSeat>(SEATS_OF_PAYMENTS, [paymentIds]);
  }

  /** Ends running refunds and returns them; the seats of failed ones may be refunded again. */
  async end(tx: Transaction, ended: readonly EndedRefund[]): Promise<Refund[]> {
    const rows = ended.map(({ refundId, state, failure, completedAt }) => ({
      refund_id: refundId,
      state,
      failure,
      completed_at: completedAt,
    }));
    await tx.query(END, [JSON.stringify(rows)]);
    const failed = ended.filter(({ state }) => state === 'FAILED').map(({ refundId }) => refundId);
    if (failed.length > 0) await tx.query(RELEASE_SEATS, [failed]);
    return tx.query<Refund>(FIND, [ended.map(({ refundId }) => refundId)]);
  }

  async find(refundId: number): Promise<Refund | undefined> {
    return (await this.database.query<Refund>(FIND, [[refundId]]))[0];
  }

  async findRequested(requestMessageId: string): Promise<Refund | undefined> {
    return (await this.requested(this.database, [requestMessageId])).get(requestMessageId);
  }

  /** The refunds that requests have made, by the ids of the requests. */
  async requested(
    database: Queryable,
    requestMessageIds: readonly string[],
  ): Promise<Map<string, Refund>> {
    const rows = await database.query<Refund & { requestMessageId: string }>(FIND_REQUESTED, [
      requestMessageIds,
    ]);
    return new Map(rows.map(({ requestMessageId, ...refund }) => [requestMessageId, refund]));
  }

  /** Newest first, below the given id. */
  async ofUser(userId: number, below: number | null, limit: number): Promise<Refund[]> {
    return this.database.query<Refund>(LIST, [userId, below, limit]);
  }
}
