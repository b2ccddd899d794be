import {
  ListPayments,
  paymentView,
  ReadPayment,
  ReadReservation,
  RequestPayment,
  values,
} from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Payments } from '../../application/payments.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { idText, pageQuery } from '../inputs.js';

const tag = 'payments';

const PAY = endpoint({
  method: 'POST',
  path: '/v1/payments',
  tag,
  summary: 'Pays a hold, wholly or not at all.',
  access: 'identified',
  gated: true,
  waitsFor: 'payment',
  body: z.strictObject({
    reservationId: values.id,
    amountKrw: values.amountKrw
      .optional()
      .describe('What the client thinks it costs: checked, and refused when it differs.'),
  }),
  answers: [
    { status: 201, description: 'Paid.', body: paymentView },
    {
      status: 202,
      description: 'Under way: its end shows at the Location.',
      body: paymentView,
    },
  ],
  refusals: [...RequestPayment.refusals, ...ReadReservation.refusals, 'CONCERT_SCHEDULE_NOT_FOUND'],
});

const LIST = endpoint({
  method: 'GET',
  path: '/v1/payments',
  tag,
  summary: 'The own payments, newest first.',
  access: 'identified',
  query: z.strictObject(pageQuery),
  answers: [{ status: 200, description: 'A page.', body: ListPayments.reply }],
  refusals: ListPayments.refusals,
});

const READ = endpoint({
  method: 'GET',
  path: '/v1/payments/:paymentId',
  tag,
  summary: 'One payment with the steps it took.',
  access: 'identified',
  params: z.strictObject({ paymentId: idText }),
  answers: [{ status: 200, description: 'The payment.', body: ReadPayment.reply }],
  refusals: ReadPayment.refusals,
});

@Controller()
export class PaymentsController {
  constructor(private readonly payments: Payments) {}

  @Serves(PAY)
  async pay(@Call() call: HttpCall<typeof PAY>) {
    const { reservationId, amountKrw } = call.body;
    const wanted = { reservationId, expectedAmountKrw: amountKrw ?? null };
    const payment = await this.payments.pay(wanted, call.writer);
    const location = `/v1/payments/${payment.value.paymentId}`;
    if (payment.value.state === 'PENDING') return call.accepted(payment.value, location);
    return call.created(payment, location);
  }

  @Serves(LIST)
  async list(@Call() call: HttpCall<typeof LIST>) {
    return call.ok(await this.payments.payments(call.query, call.reader));
  }

  @Serves(READ)
  async read(@Call() call: HttpCall<typeof READ>) {
    return call.ok(await this.payments.payment(call.params.paymentId, call.reader));
  }
}
