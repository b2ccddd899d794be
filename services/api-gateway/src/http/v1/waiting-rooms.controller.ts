import { entryView, JoinWaitingRoom, LeaveWaitingRoom, ReadEntry, values } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { WaitingRooms } from '../../application/waiting-rooms.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';

const tag = 'waiting rooms';
const params = z.strictObject({ room: values.roomId });

const JOIN = endpoint({
  method: 'POST',
  path: '/v1/waiting-rooms/:room/entries',
  tag,
  summary: 'Takes a place; asking again returns the same one.',
  access: 'identified',
  params,
  answers: [{ status: 201, description: 'The place.', body: entryView }],
  refusals: JoinWaitingRoom.refusals,
});

const READ_MINE = endpoint({
  method: 'GET',
  path: '/v1/waiting-rooms/:room/entries/me',
  tag,
  summary: 'The own place; asking keeps it alive. Ask again after `nextPollMs`.',
  access: 'identified',
  params,
  answers: [{ status: 200, description: 'The place, live or ended.', body: entryView }],
  refusals: ReadEntry.refusals,
});

const LEAVE = endpoint({
  method: 'DELETE',
  path: '/v1/waiting-rooms/:room/entries/me',
  tag,
  summary: 'Gives the own place up.',
  access: 'identified',
  params,
  answers: [{ status: 200, description: 'The place that was left.', body: entryView }],
  refusals: LeaveWaitingRoom.refusals,
});

@Controller()
export class WaitingRoomsController {
  constructor(private readonly rooms: WaitingRooms) {}

  @Serves(JOIN)
  async join(@Call() call: HttpCall<typeof JOIN>) {
    const { room } = call.params;
    const entry = await this.rooms.join(room, call.writer);
    return call.created(entry, `/v1/waiting-rooms/${room}/entries/me`);
  }

  @Serves(READ_MINE)
  async readMine(@Call() call: HttpCall<typeof READ_MINE>) {
    return call.ok(await this.rooms.entry(call.params.room, call.reader));
  }

  @Serves(LEAVE)
  async leave(@Call() call: HttpCall<typeof LEAVE>) {
    return call.done(await this.rooms.leave(call.params.room, call.writer));
  }
}
