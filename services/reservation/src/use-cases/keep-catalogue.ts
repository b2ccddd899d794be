import { SchedulePublished, SeatsChanged } from '@encore/contracts';
import { Listens, Outbox, type BatchContext, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import { keepSchedules } from '../persistence/catalogue.repository.js';
import type { Announcer } from './decide-on-reservations.js';

/** Keeps the replica of the catalogue, and tells how many seats are left after each publication. */
@Controller()
export class KeepCatalogueHandler {
  constructor(@Inject(Outbox) private readonly outbox: Announcer) {}

  @Listens(SchedulePublished)
  async keep(events: Received<typeof SchedulePublished>[], { tx }: BatchContext): Promise<void> {
    const announcements = await keepSchedules(
      tx,
      events.map(({ payload }) => payload),
    );
    if (announcements.length > 0) this.outbox.announce(tx, SeatsChanged, announcements);
  }
}
