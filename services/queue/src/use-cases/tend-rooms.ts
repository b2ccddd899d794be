import { Database, type Transaction } from '@encore/database';
import { PeriodicWork } from '@encore/service-kit';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ROOM_SETTINGS, type RoomSettings } from '../config.js';
import { lapsedIfSeenBy } from '../domain/room.js';
import { removeNoShows } from '../persistence/admission.repository.js';
import { lockDueRooms, readRooms } from '../persistence/rooms.repository.js';
import { Turns, type Turn } from './turns.js';

/** Portions of rooms one tick works through before it leaves the rest to the next. */
const PORTIONS_PER_TICK = 32;

/**
 * What nobody's message sets off: active time that is over, waiters that went silent, and
 * admissions the rate has allowed since. Every instance does it; a room somebody works on is
 * skipped. Were it to stop, answers would still be right, because readers go by the clock; only
 * the line would stand until the next join, leave or payment.
 */
@Injectable()
export class RoomTender {
  constructor(
    private readonly database: Database,
    private readonly turns: Turns,
    @Inject(ROOM_SETTINGS) private readonly settings: RoomSettings,
  ) {}

  async tend(signal: AbortSignal): Promise<void> {
    for (let portion = 0; portion < PORTIONS_PER_TICK && !signal.aborted; portion += 1) {
      const tended = await this.database.transaction((tx) => this.tendPortion(tx));
      if (tended < this.settings.TEND_ROOMS_MAX) return;
    }
  }

  /** Looks after the rooms that are due, and says how many they were. */
  async tendPortion(tx: Transaction): Promise<number> {
    const roomIds = await lockDueRooms(tx, {
      sweepEveryMs: this.settings.SWEEP_EVERY_MS,
      maxRooms: this.settings.TEND_ROOMS_MAX,
    });
    if (roomIds.length === 0) return 0;
    const turn = this.turns.begin(await readRooms(tx, roomIds));
    // Also a room in which nothing happens is noted as attended, or the others would never be due.
    for (const room of turn.rooms) turn.change(room);
    await this.#sweep(tx, turn);
    await this.turns.end(tx, turn);
    return roomIds.length;
  }

  async #sweep(tx: Transaction, turn: Turn): Promise<void> {
    const { now } = turn;
    const rooms = turn.rooms.filter(
      ({ waiting, sweptAt }) =>
        waiting > 0 && now.getTime() - sweptAt.getTime() >= this.settings.SWEEP_EVERY_MS,
    );
    if (rooms.length === 0) return;
    const stretches = rooms.map((room) => ({
      roomId: room.roomId,
      afterPlace: room.sweptPlace,
      lapsedIfSeenBy: lapsedIfSeenBy(room, now),
    }));
    const limit = this.settings.SWEEP_WAITERS_MAX;
    const { removed, sweptPlaces } = await removeNoShows(tx, stretches, limit, now);
    for (const room of rooms) {
      const sweptPlace = sweptPlaces.get(room.roomId) ?? 0;
      turn.change({ ...room, sweptPlace, sweptAt: now });
    }
    for (const entry of removed) turn.noteEnd(entry, 'WAITING', 'EXPIRED');
  }
}

/** Lets every instance of the service tend the rooms, from when messages flow until it drains. */
@Injectable()
export class RoomTicker implements OnModuleInit {
  constructor(
    private readonly tender: RoomTender,
    private readonly periodicWork: PeriodicWork,
    @Inject(ROOM_SETTINGS) private readonly settings: RoomSettings,
  ) {}

  onModuleInit(): void {
    this.periodicWork.runPeriodically({
      name: 'tend-rooms',
      everyMs: this.settings.TEND_EVERY_MS,
      work: (signal) => this.tender.tend(signal),
    });
  }
}
