import { Module, type DynamicModule } from '@nestjs/common';
import { FollowSeatsHandler } from './use-cases/follow-seats.js';
import { OrganiseConcertsHandlers } from './use-cases/organise-concerts.js';
import { OrganiseSchedulesHandlers } from './use-cases/organise-schedules.js';
import { ReadCatalogueHandlers } from './use-cases/read-catalogue.js';

/** Everything this service is made of. */
@Module({})
export class ConcertModule {
  static register(): DynamicModule {
    return {
      module: ConcertModule,
      controllers: [
        OrganiseConcertsHandlers,
        OrganiseSchedulesHandlers,
        ReadCatalogueHandlers,
        FollowSeatsHandler,
      ],
    };
  }
}
