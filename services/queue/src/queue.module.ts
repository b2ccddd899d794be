import { Module, type DynamicModule } from '@nestjs/common';
import { ROOM_SETTINGS, type RoomSettings } from './config.js';
import { BindPassHandler } from './use-cases/bind-pass.js';
import { EntryViews } from './use-cases/entry-views.js';
import { ExpireQueueEntryHandler } from './use-cases/expire-queue-entry.js';
import { FollowSalesHandlers } from './use-cases/follow-sales.js';
import { IssuePassHandler } from './use-cases/issue-pass.js';
import { JoinWaitingRoomHandler } from './use-cases/join-waiting-room.js';
import { Joining } from './use-cases/joining.js';
import { LeaveWaitingRoomHandler } from './use-cases/leave-waiting-room.js';
import { PassViews } from './use-cases/pass-views.js';
import { ReadEntryHandler } from './use-cases/read-entry.js';
import { ReadPassHandlers } from './use-cases/read-pass.js';
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
        IssuePassHandler,
        ReadPassHandlers,
        BindPassHandler,
        ExpireQueueEntryHandler,
        SetRoomPolicyHandler,
        ReadRoomsHandlers,
        FollowSalesHandlers,
      ],
      providers: [
        { provide: ROOM_SETTINGS, useValue: settings },
        Turns,
        Joining,
        EntryViews,
        PassViews,
        RoomTender,
        RoomTicker,
      ],
    };
  }
}
