import {
  refused,
  type JoinWaitingRoom,
  type RefusalOf,
  type Refused,
  type UsedEntry,
} from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Injectable } from '@nestjs/common';
import type { LiveEntry } from '../domain/entry.js';
import { decideJoining, type Over } from '../domain/join.js';
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

/** Somebody who asks for a place. */
export interface Applicant extends Person {
  readonly usedUp: UsedEntry | null;
}

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
  readonly over: Over[];
  readonly refusals: Map<string, Refused<RefusalOf<typeof JoinWaitingRoom>>>;
}

/** How people get into a line: everybody in the order of arrival, then the line moves once. */
@Injectable()
export class Joining {
  constructor(private readonly turns: Turns) {}

  async takePlaces(tx: Transaction, asking: readonly Applicant[]): Promise<Joined> {
    const people = distinctPeople(asking);
    const [rooms, live] = await Promise.all([
      lockRooms(tx, distinctRooms(people)),
      findLiveEntries(tx, people),
    ]);
    const turn = this.turns.begin(rooms);
    const plan = planJoining(people, turn, live, paymentsOf(asking));
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
  payments: ReadonlyMap<number, number>,
): Plan {
  const live = new Map(liveEntries.map((entry) => [keyOf(entry), entry]));
  const plan: Plan = { newcomers: [], staying: [], over: [], refusals: new Map() };
  for (const person of people) {
    const room = turn.find(person.roomId);
    if (room === undefined) {
      plan.refusals.set(keyOf(person), refused('QUEUE_ROOM_NOT_FOUND'));
      continue;
    }
    const entry = live.get(keyOf(person));
    const paidBy = entry === undefined ? undefined : payments.get(entry.entryId);
    const joining = decideJoining(room, entry, paidBy, turn.now);
    switch (joining.kind) {
      case 'refused':
        plan.refusals.set(keyOf(person), refused(joining.refusal));
        break;
      case 'stays':
        plan.staying.push(joining.entry);
        break;
      case 'takes a place':
        if (joining.over !== undefined) plan.over.push(joining.over);
        plan.newcomers.push({ ...person, ...makeSecrets(), place: room.lastPlace + 1 });
        turn.change({ ...room, lastPlace: room.lastPlace + 1, waiting: room.waiting + 1 });
    }
  }
  return plan;
}

async function save(tx: Transaction, plan: Plan, turn: Turn): Promise<void> {
  const { now } = turn;
  if (plan.over.length > 0) {
    // The old entry must have ended before the same person's new one may be live.
    const ends = plan.over.map(({ entry, ...end }) => ({ ...end, entryId: entry.entryId }));
    endEntries(
      tx,
      ends.map((end) => ({ ...end, endedAt: now })),
    );
    for (const { entry, state } of plan.over) turn.noteEnd(entry, entry.state, state);
  }
  if (plan.newcomers.length > 0) insertEntries(tx, plan.newcomers, now);
  await noteSeen(tx, plan.staying.filter(isWaiting), turn.rooms, now);
}

/** By used-up entry, from whoever knows of it: one person may ask twice in a batch. */
function paymentsOf(asking: readonly Applicant[]): Map<number, number> {
  const known = asking.flatMap(({ usedUp }) => (usedUp === null ? [] : [usedUp]));
  return new Map(known.map(({ entryId, paymentId }) => [entryId, paymentId]));
}

function isWaiting(entry: LiveEntry): boolean {
  return entry.state === 'WAITING';
}
