import { accepted, ExpireQueueEntry, refused, type Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Handles, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { isLive, stateAfterPayment, type Entry } from '../domain/entry.js';
import { endEntries, findEntries } from '../persistence/entries.repository.js';
import { lockRoomsOfEntries } from '../persistence/rooms.repository.js';
import { Turns, type Turn } from './turns.js';

/** Records the payments that used entries up, then the line moves once. */
@Controller()
export class ExpireQueueEntryHandler {
  constructor(private readonly turns: Turns) {}

  @Handles(ExpireQueueEntry)
  async expire(
    commands: Received<typeof ExpireQueueEntry>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof ExpireQueueEntry>[]> {
    // The first payment to name an entry is the one on record.
    const payments = new Map<number, number>();
    for (const { payload } of commands) {
      if (!payments.has(payload.entryId)) payments.set(payload.entryId, payload.paymentId);
    }
    const entryIds = [...payments.keys()];
    const [rooms, entries] = await Promise.all([
      lockRoomsOfEntries(tx, entryIds),
      findEntries(tx, entryIds),
    ]);
    const turn = this.turns.begin(rooms);
    use(tx, turn, entries, payments);
    await this.turns.end(tx, turn);

    const known = new Set(entries.map((entry) => entry.entryId));
    return commands.map(({ payload }) =>
      known.has(payload.entryId) ? accepted({}) : refused('QUEUE_ENTRY_NOT_FOUND'),
    );
  }
}

function use(
  tx: Transaction,
  turn: Turn,
  entries: readonly Entry[],
  payments: ReadonlyMap<number, number>,
): void {
  const ends = entries.flatMap((entry) => {
    const state = stateAfterPayment(entry);
    const paymentId = payments.get(entry.entryId);
    if (state === null || paymentId === undefined) return [];
    return [{ entry, entryId: entry.entryId, state, endedAt: turn.now, paymentId }];
  });
  if (ends.length === 0) return;
  endEntries(tx, ends);
  for (const { entry, state } of ends) {
    // An entry that had lapsed gave its capacity on then, and its end was announced.
    if (isLive(entry)) turn.noteEnd(entry, entry.state, state);
  }
}
