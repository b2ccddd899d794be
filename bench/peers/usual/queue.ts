import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type Knex } from 'knex';
import { DATABASE, DatabaseModule } from './database.js';
import { type PaymentStep } from './messages.js';
import { refused, startMicroservice } from './microservice.js';

interface EntryRow {
  entry_id: number;
  user_id: number;
  state: string;
}

@Controller()
class QueueController {
  constructor(@Inject(DATABASE) private readonly knex: Knex) {}

  @MessagePattern('queue.expire')
  async expire(@Payload() { userId }: PaymentStep) {
    return await this.knex.transaction(async (trx) => {
      const entry = await trx<EntryRow>('entries')
        .where({ user_id: userId })
        .whereNot({ state: 'EXPIRED' })
        .forUpdate()
        .first();
      if (entry?.state !== 'ACTIVE') throw refused('ENTRY_NOT_ACTIVE');
      await trx('entries')
        .where({ entry_id: entry.entry_id })
        .update({ state: 'EXPIRED', expired_at: new Date() });
      return { entryId: entry.entry_id, state: 'EXPIRED' };
    });
  }
}

@Module({ imports: [DatabaseModule], controllers: [QueueController] })
class QueueModule {}

await startMicroservice('queue', QueueModule);
