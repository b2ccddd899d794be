import { accepted, JoinWaitingRoom, refused, type Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Handles, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import type { LiveEntry } from '../domain/entry.js';
import { decideJoining } from '../domain/join.js';
import { lapsedIfSeenBy, markIfSeenBy } from '../domain/room.js';
import {
  endEntries,
  findLatestEntries,
  findLiveEntries,
  insertEntries,
  markWaitersSeen,
  type NewEntry,
  type Person,
} from '../persistence/entries.repository.js';
import { lockRooms } from '../persistence/rooms.repository.js';
import { EntryViews } from './entry-views.js';
import { distinctPeople, distinctRooms, keyOf } from './people.js';
import { Turns, type Turn } from './turns.js';

type Join = Outcome<typeof JoinWaitingRoom>;

interface Plan {
  readonly newcomers: NewEntry[];
  readonly staying: LiveEntry[];
  readonly lapsed: LiveEntry[];
  /** By person. */
  readonly refusals: Map<string, Join>;
}

/** Everybody of a batch gets a place in the order of arrival, then the line moves once. */
@Controller()
export class JoinWaitingRoomHandler {
  constructor(
    private readonly turns: Turns,
    private readonly views: EntryViews,
  ) {}

  @Handles(JoinWaitingRoom)
  async join(requests: Received<typeof JoinWaitingRoom>[], { tx }: BatchContext): Promise<Join[]> {
    const people = distinctPeople(requests.map((request) => request.payload));
    const turn = await this.turns.begin(tx, await lockRooms(tx, distinctRooms(people)));
    const plan = planJoining(people, turn, await findLiveEntries(tx, people));
    await save(tx, plan, turn);
    await this.turns.end(tx, turn);
    const joined = people.filter((person) => !plan.refusals.has(keyOf(person)));
    const entries = await findLatestEntries(tx, joined);
    const views = await this.views.describe(tx, entries, turn.rooms, turn.now);
    const outcomes = new Map(plan.refusals);
    for (const entry of entries) {
      const view = views.get(entry.entryId);
      if (view !== undefined) outcomes.set(keyOf(entry), accepted(view));
    }
    return requests.map(({ payload }) => {
      const outcome = outcomes.get(keyOf(payload));
      if (outcome === undefined) throw new Error(`User ${payload.userId} joined without an entry`);
      return outcome;
    });
  }
}

function planJoining(
  people: readonly Person[],
  turn: Turn,
  liveEntries: readonly LiveEntry[],
): Plan {
  const live = new Map(liveEntries.map((entry) => [keyOf(entry), entry]));
  const plan: Plan = { newcomers: [], staying: [], lapsed: [], refusals: new Map() };
  for (const person of people) {
    const room = turn.find(person.roomId);
    if (room === undefined) {
      plan.refusals.set(keyOf(person), refused('QUEUE_ROOM_NOT_FOUND'));
      continue;
    }
    const joining = decideJoining(room, live.get(keyOf(person)), turn.now);
    switch (joining.kind) {
      case 'refused':
        plan.refusals.set(keyOf(person), refused(joining.refusal));
        break;
      case 'stays':
        plan.staying.push(joining.entry);
        break;
      case 'takes a place':
        if (joining.lapsed !== undefined) plan.lapsed.push(joining.lapsed);
        plan.newcomers.push({ ...person, place: room.lastPlace + 1 });
        turn.change({ ...room, lastPlace: room.lastPlace + 1, waiting: room.waiting + 1 });
    }
  }
  return plan;
}

async function save(tx: Transaction, plan: Plan, turn: Turn): Promise<void> {
  const { now } = turn;
  if (plan.lapsed.length > 0) {
    // The old entry must have ended before the same person's new one may be live.
    await endEntries(
      tx,
      plan.lapsed.map(({ entryId }) => ({ entryId, state: 'EXPIRED', endedAt: now })),
    );
    for (const entry of plan.lapsed) turn.noteEnd(entry, entry.state, 'EXPIRED');
  }
  if (plan.newcomers.length > 0) await insertEntries(tx, plan.newcomers, now);
  const polling = plan.staying.flatMap((entry) => {
    const room = turn.find(entry.roomId);
    if (room === undefined || entry.state !== 'WAITING') return [];
    return [
      {
        ...entry,
        markIfSeenBy: markIfSeenBy(room, now),
        lapsedIfSeenBy: lapsedIfSeenBy(room, now),
      },
    ];
  });
  if (polling.length > 0) await markWaitersSeen(tx, polling, now);
}
