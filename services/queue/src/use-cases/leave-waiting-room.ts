import { accepted, LeaveWaitingRoom, refused, type Outcome } from '@encore/contracts';
import { Handles, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { asSeenAt, isLive, type EndState, type LiveEntry } from '../domain/entry.js';
import {
  endEntries,
  findEntries,
  findLiveEntries,
  type Person,
} from '../persistence/entries.repository.js';
import { lockRooms } from '../persistence/rooms.repository.js';
import { EntryViews } from './entry-views.js';
import { distinctPeople, distinctRooms, keyOf } from './people.js';
import { Turns, type Turn } from './turns.js';

type Leave = Outcome<typeof LeaveWaitingRoom>;

interface Leaver {
  readonly entry: LiveEntry;
  /** EXPIRED when the time was over before the person said goodbye. */
  readonly state: Extract<EndState, 'LEFT' | 'EXPIRED'>;
}

/** Ends the live entries of a batch of leavers, then the line moves once. */
@Controller()
export class LeaveWaitingRoomHandler {
  constructor(
    private readonly turns: Turns,
    private readonly views: EntryViews,
  ) {}

  @Handles(LeaveWaitingRoom)
  async leave(
    requests: Received<typeof LeaveWaitingRoom>[],
    { tx }: BatchContext,
  ): Promise<Leave[]> {
    const people = distinctPeople(requests.map((request) => request.payload));
    const [rooms, live] = await Promise.all([
      lockRooms(tx, distinctRooms(people)),
      findLiveEntries(tx, people),
    ]);
    const turn = this.turns.begin(rooms);
    const leavers = leaversOf(live, turn);
    if (leavers.length > 0) {
      endEntries(
        tx,
        leavers.map(({ entry, state }) => ({
          entryId: entry.entryId,
          state,
          endedAt: turn.now,
        })),
      );
      for (const { entry, state } of leavers) turn.noteEnd(entry, entry.state, state);
    }
    await this.turns.end(tx, turn);

    const left = leavers.filter((leaver) => leaver.state === 'LEFT');
    const entries = await findEntries(
      tx,
      left.map(({ entry }) => entry.entryId),
    );
    const views = await this.views.describe(tx, entries, turn.rooms, turn.now);
    const answers = new Map(entries.map((entry) => [keyOf(entry), views.get(entry.entryId)]));
    return requests.map(({ payload }) => {
      const view = answers.get(keyOf(payload));
      // Whoever says goodbye twice in one batch has nothing left to give up the second time.
      answers.delete(keyOf(payload));
      return view === undefined ? refusalFor(payload, turn) : accepted(view);
    });
  }
}

function leaversOf(entries: readonly LiveEntry[], turn: Turn): Leaver[] {
  return entries.flatMap((entry): Leaver[] => {
    const room = turn.find(entry.roomId);
    if (room === undefined) return [];
    const inTime = isLive(asSeenAt(entry, room, turn.now));
    return [{ entry, state: inTime ? 'LEFT' : 'EXPIRED' }];
  });
}

function refusalFor(person: Person, turn: Turn): Leave {
  const known = turn.find(person.roomId) !== undefined;
  return refused(known ? 'QUEUE_ENTRY_NOT_FOUND' : 'QUEUE_ROOM_NOT_FOUND');
}
