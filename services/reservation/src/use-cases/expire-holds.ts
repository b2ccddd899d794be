import { Database } from '@encore/database';
import { Outbox } from '@encore/messaging';
import { PeriodicWork } from '@encore/service-kit';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { LIMITS, type Limits } from '../config.js';
import { lockSchedulesWithLapsedHolds } from '../persistence/schedules.repository.js';
import { announceChanges, type Announcer } from './decide-on-reservations.js';

/**
 * Writes down that holds have lapsed and announces their seats. Nobody needs it to take such a
 * seat:
 * whoever wants one expires the hold himself. Without it, only the announcements would come late.
 */
@Injectable()
export class HoldSweeper implements OnModuleInit {
  constructor(
    private readonly database: Database,
    @Inject(Outbox) private readonly outbox: Announcer,
    private readonly periodicWork: PeriodicWork,
    @Inject(LIMITS) private readonly limits: Limits,
  ) {}

  onModuleInit(): void {
    this.periodicWork.runPeriodically({
      name: 'expire-holds',
      everyMs: this.limits.sweepIntervalMs,
      work: () => this.sweep(),
    });
  }

  /** One bounded portion: what is left waits for the next tick. */
  sweep(): Promise<void> {
    return this.database.transaction(async (tx) => {
      const locked = await lockSchedulesWithLapsedHolds(tx, this.limits.sweepSchedulesMax);
      announceChanges(tx, this.outbox, locked, []);
    });
  }
}
