import 'reflect-metadata';
import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import { ClientProxy, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { type Knex } from 'knex';
import { firstValueFrom, timeout } from 'rxjs';
import { setting } from '../shared/program.js';
import { DATABASE, DatabaseModule } from './database.js';
import { type Payment, type PaymentRequest, type PaymentStep } from './messages.js';
import { clientsOf, refused, startMicroservice } from './microservice.js';

const STEP_LIMIT_MS = 15_000;
const PRICE_KRW = Number(setting('PRICE_KRW'));

interface PaymentRow {
  payment_id: number;
  user_id: number;
  reservation_id: number;
  amount_krw: number;
  state: Payment['state'];
  completed_at: Date | null;
}

function paymentOf(row: PaymentRow): Payment {
  return {
    paymentId: row.payment_id,
    userId: row.user_id,
    reservationId: row.reservation_id,
    amountKrw: row.amount_krw,
    state: row.state,
    completedAt: row.completed_at?.toISOString() ?? null,
  };
}

@Injectable()
class PaymentsRepository {
  constructor(@Inject(DATABASE) private readonly knex: Knex) {}

  /** The index `one_live_payment_per_reservation` refuses a second one. */
  async begin({ userId, reservationId }: PaymentRequest): Promise<Payment> {
    const rows = await this.knex<PaymentRow>('payments')
      .insert({
        user_id: userId,
        reservation_id: reservationId,
        amount_krw: PRICE_KRW,
        state: 'PENDING',
      })
      .onConflict(this.knex.raw(`(reservation_id) WHERE state <> 'FAILED'`))
      .ignore()
      .returning('*');
    if (rows[0] === undefined) throw refused('PAYMENT_EXISTS');
    return paymentOf(rows[0]);
  }

  async complete(paymentId: number): Promise<Payment> {
    const rows = await this.knex<PaymentRow>('payments')
      .where({ payment_id: paymentId, state: 'PENDING' })
      .update({ state: 'COMPLETED', completed_at: new Date() })
      .returning('*');
    if (rows[0] === undefined) throw refused('PAYMENT_NOT_PENDING');
    return paymentOf(rows[0]);
  }

  async fail(paymentId: number, failure: string): Promise<void> {
    await this.knex('payments')
      .where({ payment_id: paymentId })
      .update({ state: 'FAILED', failure });
  }
}

@Controller()
class PaymentController {
  constructor(
    private readonly payments: PaymentsRepository,
    @Inject('wallet') private readonly wallet: ClientProxy,
    @Inject('reservation') private readonly reservation: ClientProxy,
    @Inject('queue') private readonly queue: ClientProxy,
  ) {}

  @MessagePattern('payment.pay')
  async pay(@Payload() request: PaymentRequest): Promise<Payment> {
    const { paymentId, ...payment } = await this.payments.begin(request);
    const step: PaymentStep = { ...request, paymentId, amountKrw: payment.amountKrw };
    const done: (() => Promise<unknown>)[] = [];
    try {
      await ask(this.wallet, 'wallet.debit', step);
      done.push(() => ask(this.wallet, 'wallet.refund', step));
      await ask(this.reservation, 'reservation.confirm', step);
      done.push(() => ask(this.reservation, 'reservation.release', step));
      await ask(this.queue, 'queue.expire', step);
      return await this.payments.complete(paymentId);
    } catch (error) {
      for (const undo of done.reverse()) await undo();
      await this.payments.fail(paymentId, error instanceof Error ? error.message : 'refused');
      throw error;
    }
  }
}

/** What a service refuses is refused by this one too: its error goes on to the gateway. */
async function ask(service: ClientProxy, pattern: string, step: PaymentStep): Promise<unknown> {
  try {
    return await firstValueFrom(service.send<unknown>(pattern, step).pipe(timeout(STEP_LIMIT_MS)));
  } catch (error) {
    throw new RpcException(error as object);
  }
}

@Module({
  imports: [DatabaseModule, clientsOf('wallet', 'reservation', 'queue')],
  controllers: [PaymentController],
  providers: [PaymentsRepository],
})
class PaymentModule {}

await startMicroservice('payment', PaymentModule);
