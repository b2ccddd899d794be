import { SeatsChanged } from '@encore/contracts';
import { Listens, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { latestNews } from '../domain/seat-news.js';
import { applyNews } from '../persistence/seat-map.repository.js';

/** Keeps the read model of availability up with what the reservation service announces. */
@Controller()
export class FollowSeatsHandler {
  @Listens(SeatsChanged)
  apply(events: Received<typeof SeatsChanged>[], { tx }: BatchContext): Promise<void> {
    applyNews(tx, latestNews(events.map(({ payload }) => payload)));
    return Promise.resolve();
  }
}
