import { accepted, BindPass, isGuestId, refused, type Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { HandlesEach, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { decideBinding, makeSecrets, type Binding, type Pass } from '../domain/pass.js';
import { endEntries, findLiveEntries } from '../persistence/entries.repository.js';
import { findPasses, handOverPlace, leadElsewhere } from '../persistence/passes.repository.js';
import { lockRooms } from '../persistence/rooms.repository.js';
import { PassViews } from './pass-views.js';
import { Turns, type Turn } from './turns.js';

/** Lets a guest become somebody, once; what that frees goes to the head of the line. */
@Controller()
export class BindPassHandler {
  constructor(
    private readonly turns: Turns,
    private readonly views: PassViews,
  ) {}

  @HandlesEach(BindPass)
  async bind(
    { payload: { tokenUuid, userId } }: Received<typeof BindPass>,
    { tx }: BatchContext,
  ): Promise<Outcome<typeof BindPass>> {
    if (isGuestId(userId)) return refused('QUEUE_USER_ID_RESERVED');
    const seen = await findPass(tx, tokenUuid);
    if (seen === undefined) return refused('QUEUE_PASS_NOT_FOUND');
    const turn = this.turns.begin(await lockRooms(tx, [seen.entry.roomId]));
    // Read again: before the lock was there, somebody else may have bound it.
    const pass = (await findPass(tx, tokenUuid)) ?? seen;
    const binding = await decide(tx, turn, pass, userId);
    if (binding.kind === 'refused') return refused(binding.refusal);
    await carryOut(tx, turn, { binding, pass, userId });
    await this.turns.end(tx, turn);
    const bound = (await findPass(tx, tokenUuid)) ?? pass;
    const [view] = await this.views.describe(tx, [bound], turn.rooms, turn.now);
    if (view === undefined) throw new Error(`Entry ${bound.entry.entryId} was not described`);
    return accepted(view);
  }
}

async function findPass(tx: Transaction, tokenUuid: string): Promise<Pass | undefined> {
  const [pass] = await findPasses(tx, [{ tokenUuid }]);
  return pass;
}

async function decide(tx: Transaction, turn: Turn, pass: Pass, userId: number): Promise<Binding> {
  const { roomId } = pass.entry;
  const room = turn.find(roomId);
  if (room === undefined) throw new Error(`Room ${roomId} vanished under its lock`);
  const [own] = await findLiveEntries(tx, [{ roomId, userId }]);
  return decideBinding(pass, { userId, own, room, now: turn.now });
}

async function carryOut(
  tx: Transaction,
  turn: Turn,
  { binding, pass, userId }: { binding: Binding; pass: Pass; userId: number },
): Promise<void> {
  const endedAt = turn.now;
  if (binding.kind === 'leads elsewhere') {
    const { guest, own } = binding;
    endEntries(tx, [{ entryId: guest.entryId, state: 'LEFT', endedAt }]);
    await leadElsewhere(tx, guest.entryId, own.entryId);
    turn.noteEnd(guest, guest.state, 'LEFT');
  }
  if (binding.kind === 'gives its place') {
    const { guest, lapsed } = binding;
    if (lapsed !== undefined) {
      endEntries(tx, [{ entryId: lapsed.entryId, state: 'EXPIRED', endedAt }]);
      turn.noteEnd(lapsed, lapsed.state, 'EXPIRED');
    }
    // Whoever learnt the guest's secrets keeps them: they are the user's now.
    const entryId = await handOverPlace(tx, { pass, guest, userId }, makeSecrets(), turn.now);
    turn.noteHeir(guest, { entryId, roomId: guest.roomId, userId });
  }
}
