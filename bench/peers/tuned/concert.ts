import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { first } from './database.js';
import { startMicroservice } from './microservice.js';

const SCHEDULE = {
  name: 'schedule',
  text: `
    SELECT schedule_id AS "scheduleId", starts_at AS "startsAt"
      FROM schedules WHERE schedule_id = $1`,
};

/** No payment needs it: it is here because the system has six processes. */
@Controller()
class ConcertController {
  @MessagePattern('schedule')
  async schedule(@Payload() { scheduleId }: { scheduleId: number }): Promise<unknown> {
    return await first(SCHEDULE, [scheduleId]);
  }
}

@Module({ controllers: [ConcertController] })
class ConcertModule {}

await startMicroservice('concert', ConcertModule);
