import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type Knex } from 'knex';
import { DATABASE, DatabaseModule } from './database.js';
import { startMicroservice } from './microservice.js';

/** No payment needs it: it is here because the system has six processes. */
@Controller()
class ConcertController {
  constructor(@Inject(DATABASE) private readonly knex: Knex) {}

  @MessagePattern('concert.schedule')
  async schedule(@Payload() { scheduleId }: { scheduleId: number }): Promise<unknown> {
    return await this.knex('schedules').where({ schedule_id: scheduleId }).first();
  }
}

@Module({ imports: [DatabaseModule], controllers: [ConcertController] })
class ConcertModule {}

await startMicroservice('concert', ConcertModule);
