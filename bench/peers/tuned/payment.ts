import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { ClientProxy, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { setting } from '../shared/program.js';
import { first } from './database.js';
import { type Payment, type PaymentRequest, type PaymentStep } from './messages.js';
import { clientsOf, refused, startMicroservice } from './microservice.js';

const PRICE_KRW = Number(setting('PRICE_KRW'));

const BEGIN = {
  name: 'begin',
  text: `
    INSERT INTO payments (user_id, reservation_id, amount_krw, state)
    VALUES ($1, $2, $3, 'PENDING')
    ON CONFLICT (reservation_id) WHERE state <> 'FAILED' DO NOTHING
    RETURNING payment_id AS "paymentId"`,
};
const COMPLETE = {
  name: 'complete',
  text: `
    UPDATE payments SET state = 'COMPLETED', completed_at = now()
     WHERE payment_id = $1 AND state = 'PENDING'
    RETURNING completed_at AS "completedAt"`,
};
const FAIL = {
  name: 'fail',
  text: `UPDATE payments SET state = 'FAILED', failure = $2 WHERE payment_id = $1`,
};

@Controller()
class PaymentController {
  constructor(
    @Inject('wallet') private readonly wallet: ClientProxy,
    @Inject('reservation') private readonly reservation: ClientProxy,
    @Inject('queue') private readonly queue: ClientProxy,
  ) {}

  @MessagePattern('pay')
  async pay(@Payload() { userId, reservationId }: PaymentRequest): Promise<Payment> {
    const values = [userId, reservationId, PRICE_KRW];
    const begun = await first<{ paymentId: number }>(BEGIN, values);
    if (begun === undefined) throw refused('PAYMENT_EXISTS');
    const { paymentId } = begun;
    const step: PaymentStep = { paymentId, userId, reservationId, amountKrw: PRICE_KRW };
    const done: (() => Promise<unknown>)[] = [];
    try {
      await ask(this.wallet, 'debit', step);
      done.push(() => ask(this.wallet, 'refund', step));
      await ask(this.reservation, 'confirm', step);
      done.push(() => ask(this.reservation, 'release', step));
      await ask(this.queue, 'expire', step);
      const completed = await first<{ completedAt: string }>(COMPLETE, [paymentId]);
      if (completed === undefined) throw refused('PAYMENT_NOT_PENDING');
      return { ...step, state: 'COMPLETED', completedAt: completed.completedAt };
    } catch (error) {
      for (const undo of done.reverse()) await undo();
      await first(FAIL, [paymentId, error instanceof Error ? error.message : 'refused']);
      throw error;
    }
  }
}

/** What a service refuses is refused by this one too: its error goes on to the gateway. */
async function ask(service: ClientProxy, pattern: string, step: PaymentStep): Promise<unknown> {
  try {
    return await firstValueFrom(service.send<unknown>(pattern, step));
  } catch (error) {
    throw new RpcException(error as object);
  }
}

@Module({
  imports: [clientsOf('wallet', 'reservation', 'queue')],
  controllers: [PaymentController],
})
class PaymentModule {}

await startMicroservice('payment', PaymentModule);
