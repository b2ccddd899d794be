import { ListRefunds, ReadRefund, refundView, RequestRefund, values } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Payments } from '../../application/payments.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { idText, pageQuery } from '../inputs.js';

const tag = 'refunds';

const REFUND = endpoint({
  method: 'POST',
  path: '/v1/refunds',
  tag,
  summary: 'Gives the money for a reservation, or for some of its seats, back; never twice.',
  access: 'identified',
  waitsFor: 'payment',
  body: z.strictObject({
    reservationId: values.id,
    seatNumbers: values.seatNumbers
      .optional()
      .describe('Absent for every seat that is not refunded yet.'),
    reason: z.string().trim().min(1).max(500).optional(),
  }),
  answers: [
    { status: 201, description: 'The money is on its way for certain.', body: refundView },
    {
      status: 202,
      description: 'Under way: its end shows at the Location.',
      body: refundView,
    },
  ],
  refusals: RequestRefund.refusals,
});

const LIST = endpoint({
  method: 'GET',
  path: '/v1/refunds',
  tag,
  summary: 'The own refunds, newest first.',
  access: 'identified',
  query: z.strictObject(pageQuery),
  answers: [{ status: 200, description: 'A page.', body: ListRefunds.reply }],
  refusals: ListRefunds.refusals,
});

const READ = endpoint({
  method: 'GET',
  path: '/v1/refunds/:refundId',
  tag,
  summary: 'One refund.',
  access: 'identified',
  params: z.strictObject({ refundId: idText }),
  answers: [{ status: 200, description: 'The refund.', body: ReadRefund.reply }],
  refusals: ReadRefund.refusals,
});

@Controller()
export class RefundsController {
  constructor(private readonly payments: Payments) {}

  @Serves(REFUND)
  async refund(@Call() call: HttpCall<typeof REFUND>) {
    const { reservationId, seatNumbers, reason } = call.body;
    const refund = await this.payments.refund(
      { reservationId, seatNumbers: seatNumbers ?? null, reason: reason ?? null },
      call.writer,
    );
    const location = `/v1/refunds/${refund.value.refundId}`;
    if (refund.value.state === 'PENDING') return call.accepted(refund.value, location);
    return call.created(refund, location);
  }

  @Serves(LIST)
  async list(@Call() call: HttpCall<typeof LIST>) {
    return call.ok(await this.payments.refunds(call.query, call.reader));
  }

  @Serves(READ)
  async read(@Call() call: HttpCall<typeof READ>) {
    return call.ok(await this.payments.refundById(call.params.refundId, call.reader));
  }
}
