import { EntryAdmitted, EntryEnded } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Outbox } from '@encore/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { admissible, afterAdmission } from '../domain/admission.js';
import type { EndState, LiveEntry } from '../domain/entry.js';
import { bucketAt, slotOf } from '../domain/rate.js';
import { afterEnd, attended, lapsedIfSeenBy, type Room } from '../domain/room.js';
import {
  admitFromHead,
  endLapsedActiveEntries,
  type AdmittedEntry,
  type PassedEntry,
} from '../persistence/admission.repository.js';
import { addAdmissions, saveRooms, type RoomsNow } from '../persistence/rooms.repository.js';

interface End extends PassedEntry {
  readonly state: EndState;
}

/**
 * Locked rooms between the first look and the commit, with what happened to their entries so far.
 */
export class Turn {
  readonly ended: End[] = [];
  readonly admitted: AdmittedEntry[] = [];
  readonly #rooms: Map<string, Room>;
  readonly #changed = new Set<string>();

  constructor(
    rooms: readonly Room[],
    /** The database's clock once the locks were there: the one instant of the whole turn. */
    readonly now: Date,
  ) {
    this.#rooms = new Map(rooms.map((room) => [room.roomId, room]));
  }

  get rooms(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  get changedRooms(): readonly Room[] {
    return this.rooms.filter((room) => this.#changed.has(room.roomId));
  }

  find(roomId: string): Room | undefined {
    return this.#rooms.get(roomId);
  }

  change(room: Room): void {
    this.#rooms.set(room.roomId, room);
    this.#changed.add(room.roomId);
  }

  /** Counts an entry out whose end is written in this transaction. */
  noteEnd(entry: PassedEntry, was: LiveEntry['state'], state: EndState): void {
    const { entryId, roomId, userId } = entry;
    this.ended.push({ entryId, roomId, userId, state });
    this.#change(roomId, (room) => afterEnd(room, was));
  }

  /**
   * A place went from a guest's entry to `heir`, both written in this transaction. Nobody came and
   * nobody went, so the counts stay; but the world knows entries by their ids.
   */
  noteHeir(guest: LiveEntry, heir: PassedEntry): void {
    const { entryId, roomId, userId } = guest;
    this.ended.push({ entryId, roomId, userId, state: 'LEFT' });
    if (guest.state === 'ACTIVE') this.admitted.push({ ...heir, activeUntil: guest.activeUntil });
  }

  /** Counts those in whom the pass let in, and those out whom it found gone. */
  noteAdmissions(admitted: readonly AdmittedEntry[], noShows: readonly PassedEntry[]): void {
    for (const { entryId, roomId, userId } of noShows) {
      this.ended.push({ entryId, roomId, userId, state: 'EXPIRED' });
    }
    this.admitted.push(...admitted);
    const [letIn, gone] = [countByRoom(admitted), countByRoom(noShows)];
    for (const roomId of new Set([...letIn.keys(), ...gone.keys()])) {
      this.#change(roomId, (room) =>
        afterAdmission(room, letIn.get(roomId) ?? 0, gone.get(roomId) ?? 0, this.now),
      );
    }
  }

  #change(roomId: string, change: (room: Room) => Room): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined) throw new Error(`Room ${roomId} is not part of this turn`);
    this.change(change(room));
  }
}

/**
 * The one way a room changes. A use case locks its rooms, begins a turn, does what it came for and
 * ends the turn; the end gives every freed place on, in the order of the line, before anybody else
 * can look. So newcomers never meet free capacity that somebody in front of them could have had.
 */
@Injectable()
export class Turns {
  constructor(@Inject(Outbox) private readonly outbox: Pick<Outbox, 'announce'>) {}

  /** The rooms were locked by this transaction before they were read. */
  begin({ rooms, now }: RoomsNow): Turn {
    return new Turn(rooms, now);
  }

  /** Ends what has lapsed, lets in whom the policy allows, saves the rooms and announces it all. */
  async end(tx: Transaction, turn: Turn): Promise<void> {
    const roomIds = turn.rooms.map((room) => room.roomId);
    if (roomIds.length === 0) return;
    for (const entry of await endLapsedActiveEntries(tx, roomIds, turn.now)) {
      turn.noteEnd(entry, 'ACTIVE', 'EXPIRED');
    }
    await this.#admit(tx, turn);
    const changed = turn.changedRooms.map((room) => attended(room, turn.now));
    for (const room of changed) turn.change(room);
    if (changed.length > 0) saveRooms(tx, changed);
    this.#announce(tx, turn);
  }

  async #admit(tx: Transaction, turn: Turn): Promise<void> {
    const admissions = turn.rooms
      .map((room) => ({
        roomId: room.roomId,
        count: admissible(room, turn.now),
        activeSeconds: room.policy.activeSeconds,
        lapsedIfSeenBy: lapsedIfSeenBy(room, turn.now),
      }))
      .filter((admission) => admission.count > 0);
    if (admissions.length === 0) return;
    const { admitted, noShows } = await admitFromHead(tx, admissions, turn.now);
    turn.noteAdmissions(admitted, noShows);
    if (admitted.length === 0) return;
    const bucket = bucketAt(turn.now);
    addAdmissions(tx, countByRoom(admitted), { bucket, slot: slotOf(bucket) });
  }

  #announce(tx: Transaction, turn: Turn): void {
    if (turn.ended.length > 0) this.outbox.announce(tx, EntryEnded, turn.ended);
    if (turn.admitted.length === 0) return;
    const inOrder = turn.admitted.toSorted((left, right) => left.entryId - right.entryId);
    this.outbox.announce(
      tx,
      EntryAdmitted,
      inOrder.map((entry) => ({ ...entry, activeUntil: entry.activeUntil.toISOString() })),
    );
  }
}

function countByRoom(entries: readonly PassedEntry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { roomId } of entries) counts.set(roomId, (counts.get(roomId) ?? 0) + 1);
  return counts;
}
