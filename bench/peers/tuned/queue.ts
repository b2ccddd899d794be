import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { first } from './database.js';
import { type PaymentStep } from './messages.js';
import { refused, startMicroservice } from './microservice.js';

/** The condition is the one of the index `one_live_entry_per_user`, so that it is found by it. */
const EXPIRE = {
  name: 'expire',
  text: `
    UPDATE entries SET state = 'EXPIRED', expired_at = now()
     WHERE user_id = $1 AND state <> 'EXPIRED' AND state = 'ACTIVE'
    RETURNING entry_id AS "entryId"`,
};

@Controller()
class QueueController {
  @MessagePattern('expire')
  async expire(@Payload() { userId }: PaymentStep): Promise<object> {
    const expired = await first(EXPIRE, [userId]);
    if (expired === undefined) throw refused('ENTRY_NOT_ACTIVE');
    return expired;
  }
}

@Module({ controllers: [QueueController] })
class QueueModule {}

await startMicroservice('queue', QueueModule);
