import { refused, type RefusalOf, type Refused, type JoinWaitingRoom } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Injectable } from '@nestjs/common';
import type { LiveEntry } from '../domain/entry.js';
import { decideJoining } from '../domain/join.js';
import { makeSecrets } from '../domain/pass.js';
import {
  endEntries,
  findLiveEntries,
  insertEntries,
  type NewEntry,
  type Person,
} from '../persistence/entries.repository.js';
import { lockRooms } from '../persistence/rooms.repository.js';
import { distinctPeople, distinctRooms, keyOf } from './people.js';
import { noteSeen } from './polls.js';
import { Turns, type Turn } from './turns.js';

export interface Joined {
  /** Over: the line has moved. */
  readonly turn: Turn;
  /** Whoever has a place now, each once. */
  readonly people: readonly Person[];
  /** By person, of the others. */
  readonly refusals: ReadonlyMap<string, Refused<RefusalOf<typeof JoinWaitingRoom>>>;
}

interface Plan {
  readonly newcomers: NewEntry[];
  readonly staying: LiveEntry[];
  readonly lapsed: LiveEntry[];
  readonly refusals: Map<string, Refused<RefusalOf<typeof JoinWaitingRoom>>>;
}

/** How people get into a line: everybody in the order of arrival, then the line moves once. */
@Injectable()
export class Joining {
  constructor(private readonly turns: Turns) {}

  async takePlaces(tx: Transaction, asking: readonly Person[]): Promise<Joined> {
    const people = distinctPeople(asking);
    const turn = await this.turns.begin(tx, await lockRooms(tx, distinctRooms(people)));
    const plan = planJoining(people, turn, await findLiveEntries(tx, people));
    await save(tx, plan, turn);
    await this.turns.end(tx, turn);
    const { refusals } = plan;
    return { turn, people: people.filter((person) => !refusals.has(keyOf(person))), refusals };
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
        plan.newcomers.push({ ...person, ...makeSecrets(), place: room.lastPlace + 1 });
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
  await noteSeen(tx, plan.staying.filter(isWaiting), turn.rooms, now);
}

function isWaiting(entry: LiveEntry): boolean {
  return entry.state === 'WAITING';
}
