import { Module, type DynamicModule } from '@nestjs/common';
import { ROOM_SETTINGS, type RoomSettings } from './config.js';
import { EntryViews } from './use-cases/entry-views.js';
import { ExpireQueueEntryHandler } from './use-cases/expire-queue-entry.js';
import { FollowSalesHandlers } from './use-cases/follow-sales.js';
import { JoinWaitingRoomHandler } from './use-cases/join-waiting-room.js';
import { LeaveWaitingRoomHandler } from './use-cases/leave-waiting-room.js';
import { ReadEntryHandler } from './use-cases/read-entry.js';
import { ReadRoomsHandlers } from './use-cases/read-rooms.js';
import { SetRoomPolicyHandler } from './use-cases/set-room-policy.js';
import { RoomTender, RoomTicker } from './use-cases/tend-rooms.js';
import { Turns } from './use-cases/turns.js';

/** The one list of this service's parts. */
@Module({})
export class QueueModule {
  static register(settings: RoomSettings): DynamicModule {
    return {
      module: QueueModule,
      controllers: [
        JoinWaitingRoomHandler,
        LeaveWaitingRoomHandler,
        ReadEntryHandler,
        ExpireQueueEntryHandler,
        SetRoomPolicyHandler,
        ReadRoomsHandlers,
        FollowSalesHandlers,
      ],
      providers: [
        { provide: ROOM_SETTINGS, useValue: settings },
        Turns,
        EntryViews,
        RoomTender,
        RoomTicker,
      ],
    };
  }
}
