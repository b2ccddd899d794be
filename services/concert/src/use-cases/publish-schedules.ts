import { SchedulePublished, type PayloadOf } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { publicationsOf } from '../persistence/schedules.repository.js';

/** All a use case wants of the outbox: the service has one thing to announce. */
export interface Announcer {
  announce(
    tx: Transaction,
    contract: typeof SchedulePublished,
    payloads: readonly PayloadOf<typeof SchedulePublished>[],
  ): void;
}

/** Announces schedules whole, as this transaction leaves them. */
export async function publishSchedules(
  tx: Transaction,
  outbox: Announcer,
  scheduleIds: readonly number[],
): Promise<void> {
  if (scheduleIds.length === 0) return;
  outbox.announce(tx, SchedulePublished, await publicationsOf(tx, scheduleIds));
}
