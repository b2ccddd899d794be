import { ReadSchedule } from '@encore/contracts';
import { LRUCache } from 'lru-cache';
import type { Origin } from '../application/caller.js';
import type { Services } from '../clients/services.js';
import { SingleFlight } from './single-flight.js';

interface Known {
  readonly roomId: string;
  readonly version: number;
}

/**
 * Which waiting room a schedule belongs to. Kept for a moment and corrected by event, because
 * every hold asks for it; a schedule that moves to another room is believed at the latest when the
 * moment is over.
 */
export class ScheduleRooms {
  private readonly known: LRUCache<number, Known>;
  private readonly questions = new SingleFlight<string>();

  constructor(
    private readonly services: Pick<Services, 'query'>,
    options: { maxSchedules: number; keepMs: number },
  ) {
    this.known = new LRUCache({
      max: options.maxSchedules,
      ttl: options.keepMs,
      // Looks at the clock each time: remembering what it said would take a timer each millisecond.
      ttlResolution: 0,
    });
  }

  /** Refuses, as the concert service does, when there is no such schedule. */
  async roomOf(scheduleId: number, origin: Origin): Promise<string> {
    const known = this.known.get(scheduleId);
    if (known !== undefined) return known.roomId;
    return this.questions.run(String(scheduleId), async () => {
      const schedule = await this.services.query(ReadSchedule, { scheduleId }, origin);
      this.learn({ ...schedule, roomId: schedule.waitingRoomId });
      return schedule.waitingRoomId;
    });
  }

  learn(news: { scheduleId: number; roomId: string; version: number }): void {
    const known = this.known.get(news.scheduleId);
    if (known !== undefined && known.version > news.version) return;
    this.known.set(news.scheduleId, { roomId: news.roomId, version: news.version });
  }

  forget(): void {
    this.known.clear();
  }
}
