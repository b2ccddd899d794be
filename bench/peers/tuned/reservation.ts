import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { first } from './database.js';
import { type PaymentStep } from './messages.js';
import { refused, startMicroservice } from './microservice.js';

const CONFIRM = {
  name: 'confirm',
  text: `
    UPDATE reservations SET state = 'CONFIRMED', payment_id = $3, confirmed_at = now()
     WHERE reservation_id = $1 AND user_id = $2 AND price_krw = $4
       AND state = 'HELD' AND expires_at > now()
    RETURNING reservation_id AS "reservationId"`,
};
const RELEASE = {
  name: 'release',
  text: `
    UPDATE reservations SET state = 'HELD', payment_id = NULL, confirmed_at = NULL
     WHERE reservation_id = $1 AND payment_id = $2 AND state = 'CONFIRMED'`,
};

@Controller()
class ReservationController {
  @MessagePattern('confirm')
  async confirm(@Payload() step: PaymentStep): Promise<object> {
    const { reservationId, userId, paymentId, amountKrw } = step;
    const confirmed = await first(CONFIRM, [reservationId, userId, paymentId, amountKrw]);
    if (confirmed === undefined) throw refused('RESERVATION_NOT_PAYABLE');
    return confirmed;
  }

  @MessagePattern('release')
  async release(@Payload() { reservationId, paymentId }: PaymentStep): Promise<object> {
    await first(RELEASE, [reservationId, paymentId]);
    return { reservationId };
  }
}

@Module({ controllers: [ReservationController] })
class ReservationModule {}

await startMicroservice('reservation', ReservationModule);
