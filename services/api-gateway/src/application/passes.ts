import { randomUUID } from 'node:crypto';
import {
  BindPass,
  isGuestId,
  IssuePass,
  ReadPassOf,
  ReadUser,
  type EntryView,
  type PassView,
} from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import { RefusalError } from '../clients/refusal-error.js';
import { Services } from '../clients/services.js';
import { Gate } from '../gate/gate.js';
import { Tokens } from '../identity/tokens.js';
import type { Change, Done, Origin, Reader, Writer } from './caller.js';

/** The room of everybody who names none. */
export const DEFAULT_ROOM = 'default';

/** Places in the default room with what proves whose they are. Every answer teaches the gate. */
@Injectable()
export class Passes {
  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
    private readonly tokens: Tokens,
  ) {}

  /** The place of a user who exists: who has no wallet is nobody. The same one when asked again. */
  async issue(writer: Writer): Promise<Done<PassView>> {
    await this.requireUser(writer.userId, writer);
    const { userId } = writer;
    const usedUp = this.gate.lastUsedUp(DEFAULT_ROOM, userId);
    const payload = { roomId: DEFAULT_ROOM, userId, usedUp };
    return this.learnDone(await this.services.request(IssuePass, payload, writer));
  }

  /** A new place for somebody who does not say who it is. */
  async issueToGuest(change: Change): Promise<Done<PassView>> {
    const payload = { roomId: DEFAULT_ROOM, userId: null };
    return this.learnDone(await this.services.request(IssuePass, payload, change));
  }

  /** The latest place of a person; asking counts as being there. */
  async ofUser(reader: Reader): Promise<PassView> {
    const payload = { roomId: DEFAULT_ROOM, userId: reader.userId };
    try {
      return this.learn(await this.services.query(ReadPassOf, payload, reader));
    } catch (error) {
      // That there is no such user says more than that the user has no place.
      const isMissing = error instanceof RefusalError && error.refusal === NO_ENTRY;
      if (isMissing && !isGuestId(reader.userId)) await this.requireUser(reader.userId, reader);
      throw error;
    }
  }

  /** The live place of a user who exists. */
  async liveOfUser(reader: Reader): Promise<PassView> {
    await this.requireUser(reader.userId, reader);
    const pass = await this.ofUser(reader);
    const { state } = pass.entry;
    if (state === 'WAITING' || state === 'ACTIVE') return pass;
    throw new RefusalError(NO_ENTRY);
  }

  /** The place a token was given with; for a token that names a person only, the latest one. */
  async ofToken(entry: EntryView | undefined, reader: Reader): Promise<EntryView> {
    return entry === undefined ? (await this.ofUser(reader)).entry : this.gate.learn(entry);
  }

  /** Makes a guest's pass a user's for good; doing it again changes nothing. */
  async bind(pass: { tokenUuid: string; userId: number }, origin: Origin): Promise<PassView> {
    await this.requireUser(pass.userId, origin);
    const change = { ...origin, messageId: randomUUID() };
    const { value } = await this.services.request(BindPass, pass, change);
    return this.learn(value);
  }

  /** The token of a place: the same text when asked again, until half of its time is over. */
  async tokenOf({ userId, entryId, joinedAt }: EntryView): Promise<string> {
    const identity = { userId, roles: [] };
    const { token } = await this.tokens.issueOnce(identity, {
      tokenId: `entry-${entryId}`,
      since: new Date(joinedAt),
    });
    return token;
  }

  /** Refuses when there is no such user. */
  async requireUser(userId: number, origin: Origin): Promise<void> {
    await this.services.query(ReadUser, { userId }, origin);
  }

  private learnDone({ value, replayed }: Done<PassView>): Done<PassView> {
    return { value: this.learn(value), replayed };
  }

  private learn(pass: PassView): PassView {
    return { ...pass, entry: this.gate.learn(pass.entry) };
  }
}

const NO_ENTRY = 'QUEUE_ENTRY_NOT_FOUND' satisfies (typeof ReadPassOf.refusals)[number];
