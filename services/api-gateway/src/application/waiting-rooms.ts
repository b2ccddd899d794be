import {
  JoinWaitingRoom,
  LeaveWaitingRoom,
  ListRooms,
  ReadEntry,
  ReadRoom,
  SetRoomPolicy,
  type EntryView,
  type RoomView,
} from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Services } from '../clients/services.js';
import { Gate } from '../gate/gate.js';
import type { Change, Done, Origin, Reader, Writer } from './caller.js';

/** Places in waiting rooms. Every answer also teaches the gate. */
@Injectable()
export class WaitingRooms {
  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
  ) {}

  async join(roomId: string, writer: Writer): Promise<Done<EntryView>> {
    const { userId } = writer;
    const payload = { roomId, userId, usedUp: this.gate.lastUsedUp(roomId, userId) };
    const { value, replayed } = await this.services.request(JoinWaitingRoom, payload, writer);
    return { value: this.gate.learn(value), replayed };
  }

  async leave(roomId: string, writer: Writer): Promise<Done<EntryView>> {
    const payload = { roomId, userId: writer.userId };
    const { value, replayed } = await this.services.request(LeaveWaitingRoom, payload, writer);
    return { value: this.gate.learn(value), replayed };
  }

  /** The latest place of a person; asking counts as being there. */
  async entry(roomId: string, reader: Reader): Promise<EntryView> {
    const payload = { roomId, userId: reader.userId };
    return this.gate.learn(await this.services.query(ReadEntry, payload, reader));
  }

  async rooms(origin: Origin): Promise<RoomView[]> {
    const { items } = await this.services.query(ListRooms, {}, origin);
    return items;
  }

  room(roomId: string, origin: Origin): Promise<RoomView> {
    return this.services.query(ReadRoom, { roomId }, origin);
  }

  setPolicy(
    roomId: string,
    policy: z.input<typeof SetRoomPolicy.payload>['policy'],
    change: Change,
  ): Promise<Done<RoomView>> {
    return this.services.request(SetRoomPolicy, { roomId, policy }, change);
  }
}
