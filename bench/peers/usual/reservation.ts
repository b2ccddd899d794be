import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type Knex } from 'knex';
import { DATABASE, DatabaseModule } from './database.js';
import { type PaymentStep } from './messages.js';
import { refused, startMicroservice } from './microservice.js';

interface ReservationRow {
  reservation_id: number;
  user_id: number;
  price_krw: number;
  state: string;
  expires_at: Date;
}

@Controller()
class ReservationController {
  constructor(@Inject(DATABASE) private readonly knex: Knex) {}

  @MessagePattern('reservation.confirm')
  async confirm(@Payload() { reservationId, userId, paymentId, amountKrw }: PaymentStep) {
    return await this.knex.transaction(async (trx) => {
      const reservation = await trx<ReservationRow>('reservations')
        .where({ reservation_id: reservationId })
        .forUpdate()
        .first();
      if (reservation?.user_id !== userId) throw refused('RESERVATION_UNKNOWN');
      if (reservation.state !== 'HELD') throw refused('RESERVATION_NOT_HELD');
      if (reservation.expires_at <= new Date()) throw refused('RESERVATION_LAPSED');
      if (reservation.price_krw !== amountKrw) throw refused('RESERVATION_OTHER_PRICE');
      await trx('reservations')
        .where({ reservation_id: reservationId })
        .update({ state: 'CONFIRMED', payment_id: paymentId, confirmed_at: new Date() });
      return { reservationId, state: 'CONFIRMED' };
    });
  }

  @MessagePattern('reservation.release')
  async release(@Payload() { reservationId, paymentId }: PaymentStep) {
    await this.knex('reservations')
      .where({ reservation_id: reservationId, payment_id: paymentId, state: 'CONFIRMED' })
      .update({ state: 'HELD', payment_id: null, confirmed_at: null });
    return { reservationId };
  }
}

@Module({ imports: [DatabaseModule], controllers: [ReservationController] })
class ReservationModule {}

await startMicroservice('reservation', ReservationModule);
