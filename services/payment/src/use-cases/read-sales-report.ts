import { accepted, ReadSalesReport, type Outcome, type ReplyOf } from '@encore/contracts';
import { Database, statement } from '@encore/database';
import { AnswersEach, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';

type Schedule = ReplyOf<typeof ReadSalesReport>['schedules'][number];

/** What was sold, whether or not it was refunded later: refunds stand in their own column. */
const SALES = statement(
  'payment-sales-of-concert',
  `select schedule_id as "scheduleId", count(*) as payments,
     sum(jsonb_array_length(seats)) as "seatsSold", sum(amount_krw)::bigint as "grossKrw",
     sum(refunded_krw)::bigint as "refundedKrw",
     sum(amount_krw - refunded_krw)::bigint as "netKrw"
   from payments
   where concert_id = $1 and state in ('COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED')
   group by schedule_id order by schedule_id`,
);

@Controller()
export class ReadSalesReportHandler {
  constructor(private readonly database: Database) {}

  @AnswersEach(ReadSalesReport)
  async read({
    payload,
  }: Received<typeof ReadSalesReport>): Promise<Outcome<typeof ReadSalesReport>> {
    return accepted({
      schedules: await this.database.query<Schedule>(SALES, [payload.concertId]),
    });
  }
}
