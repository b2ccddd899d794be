import {
  ListRooms,
  ReadRoom,
  roomPolicy,
  roomView,
  SetRoomPolicy,
  values,
} from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { WaitingRooms } from '../../application/waiting-rooms.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { notEmpty } from '../inputs.js';

const shared = { tag: 'organisers', access: 'organiser' } as const;
const params = z.strictObject({ room: values.roomId });

const LIST = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/admin/waiting-rooms',
  summary: 'Every waiting room with its policy and counts.',
  answers: [{ status: 200, description: 'The rooms by id.', body: ListRooms.reply }],
  refusals: ListRooms.refusals,
});

const READ = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/admin/waiting-rooms/:room',
  summary: 'One waiting room.',
  params,
  answers: [{ status: 200, description: 'The room.', body: roomView }],
  refusals: ReadRoom.refusals,
});

const SET_POLICY = endpoint({
  ...shared,
  method: 'PUT',
  path: '/v1/admin/waiting-rooms/:room',
  summary: 'Creates a waiting room or changes the given fields of its policy, live.',
  params,
  body: notEmpty(roomPolicy.partial().strict()),
  answers: [{ status: 200, description: 'The room as it is now.', body: roomView }],
  refusals: SetRoomPolicy.refusals,
});

@Controller()
export class AdminWaitingRoomsController {
  constructor(private readonly rooms: WaitingRooms) {}

  @Serves(LIST)
  async list(@Call() call: HttpCall<typeof LIST>) {
    return call.ok({ items: await this.rooms.rooms(call.origin) });
  }

  @Serves(READ)
  async read(@Call() call: HttpCall<typeof READ>) {
    return call.ok(await this.rooms.room(call.params.room, call.origin));
  }

  @Serves(SET_POLICY)
  async setPolicy(@Call() call: HttpCall<typeof SET_POLICY>) {
    return call.done(await this.rooms.setPolicy(call.params.room, call.body, call.change));
  }
}
