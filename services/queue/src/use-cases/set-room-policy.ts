import { accepted, refused, SetRoomPolicy, type Outcome, type RoomPolicy } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { HandlesEach, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { burst, withPolicy } from '../domain/admission.js';
import { DEFAULT_POLICY } from '../domain/room.js';
import { viewOfRoom } from '../domain/view.js';
import {
  insertRoom,
  lockRooms,
  readRooms,
  saveRoomPolicy,
  saveRooms,
  type RoomsNow,
} from '../persistence/rooms.repository.js';
import { isKnownSchedule } from '../persistence/schedules.repository.js';
import { Turns } from './turns.js';

type Change = Received<typeof SetRoomPolicy>['payload']['policy'];

/** Creates a room or changes its policy; what the change allows happens before the answer. */
@Controller()
export class SetRoomPolicyHandler {
  constructor(private readonly turns: Turns) {}

  @HandlesEach(SetRoomPolicy)
  async set(
    { payload }: Received<typeof SetRoomPolicy>,
    { tx }: BatchContext,
  ): Promise<Outcome<typeof SetRoomPolicy>> {
    const { roomId, policy: change } = payload;
    const { scheduleId } = change;
    if (scheduleId !== undefined && scheduleId !== null) {
      if (!(await isKnownSchedule(tx, scheduleId))) return refused('QUEUE_SCHEDULE_NOT_FOUND');
    }
    const fresh = merged(DEFAULT_POLICY, change);
    await insertRoom(tx, { roomId, policy: fresh, tokens: burst(fresh) });
    const locked = await lockRooms(tx, [roomId]);
    await this.#apply(tx, locked, change);
    // Read again: the seats left are those of the sale the policy names now.
    const turn = this.turns.begin(await readRooms(tx, [roomId]));
    await this.turns.end(tx, turn);
    const room = turn.find(roomId);
    if (room === undefined) throw new Error(`Room ${roomId} vanished under its lock`);
    return accepted(viewOfRoom(room, turn.now));
  }

  async #apply(tx: Transaction, { rooms, now }: RoomsNow, change: Change): Promise<void> {
    for (const room of rooms) {
      const changed = withPolicy(room, merged(room.policy, change), now);
      await saveRoomPolicy(tx, changed);
      saveRooms(tx, [changed]);
    }
  }
}

/** A field that is absent stays as it is; one that is null is set to null. */
function merged(policy: RoomPolicy, change: Change): RoomPolicy {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...policy, ...Object.fromEntries(given) };
}
