import { SchedulePublished, SeatsChanged } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Listens, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { lockWaitingRoomsOfSchedules, readRooms } from '../persistence/rooms.repository.js';
import { savePublishedSchedules, saveSeatsLeft } from '../persistence/schedules.repository.js';
import { Turns } from './turns.js';

/**
 * Keeps what a room must know of its sale: how many seats are left. A freed seat admits at once.
 */
@Controller()
export class FollowSalesHandlers {
  constructor(private readonly turns: Turns) {}

  @Listens(SchedulePublished)
  async published(
    events: Received<typeof SchedulePublished>[],
    { tx }: BatchContext,
  ): Promise<void> {
    savePublishedSchedules(
      tx,
      events.map(({ payload }) => ({
        scheduleId: payload.scheduleId,
        version: payload.version,
        seatCount: payload.seats.length,
      })),
    );
    await this.#moveLines(
      tx,
      events.map(({ payload }) => payload.scheduleId),
    );
  }

  @Listens(SeatsChanged)
  async seatsChanged(events: Received<typeof SeatsChanged>[], { tx }: BatchContext): Promise<void> {
    saveSeatsLeft(
      tx,
      events.map(({ payload }) => payload),
    );
    await this.#moveLines(
      tx,
      events.map(({ payload }) => payload.scheduleId),
    );
  }

  async #moveLines(tx: Transaction, scheduleIds: readonly number[]): Promise<void> {
    const locked = await lockWaitingRoomsOfSchedules(tx, [...new Set(scheduleIds)]);
    if (locked.length === 0) return;
    await this.turns.end(tx, this.turns.begin(await readRooms(tx, locked)));
  }
}
