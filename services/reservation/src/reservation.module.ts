import { Module, type DynamicModule } from '@nestjs/common';
import { LIMITS, type Limits } from './config.js';
import { ChangeHoldHandlers } from './use-cases/change-hold.js';
import { LeaseSweeper } from './use-cases/end-leases.js';
import { HoldSweeper } from './use-cases/expire-holds.js';
import { HoldSeatsHandler } from './use-cases/hold-seats.js';
import { KeepCatalogueHandler } from './use-cases/keep-catalogue.js';
import { PayForReservationHandlers } from './use-cases/pay-for-reservation.js';
import { ReadReservationsHandlers } from './use-cases/read-reservations.js';
import { RefundReservationHandlers } from './use-cases/refund-reservation.js';

/** Everything this service is made of. */
@Module({})
export class ReservationModule {
  static register(limits: Limits): DynamicModule {
    return {
      module: ReservationModule,
      controllers: [
        HoldSeatsHandler,
        ChangeHoldHandlers,
        PayForReservationHandlers,
        RefundReservationHandlers,
        ReadReservationsHandlers,
        KeepCatalogueHandler,
      ],
      providers: [{ provide: LIMITS, useValue: limits }, HoldSweeper, LeaseSweeper],
    };
  }
}
