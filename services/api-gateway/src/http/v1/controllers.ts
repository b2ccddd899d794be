import { AdminController } from './admin.controller.js';
import { AdminWaitingRoomsController } from './admin-waiting-rooms.controller.js';
import { ConcertsController } from './concerts.controller.js';
import { IdentityController } from './identity.controller.js';
import { OperationsController } from './operations.controller.js';
import { PaymentsController } from './payments.controller.js';
import { RefundsController } from './refunds.controller.js';
import { ReservationsController } from './reservations.controller.js';
import { WaitingRoomsController } from './waiting-rooms.controller.js';
import { WalletController } from './wallet.controller.js';

/** The whole of `/v1`, in the order of a purchase. What is listed here is served and documented. */
export const V1_CONTROLLERS = [
  IdentityController,
  WaitingRoomsController,
  ConcertsController,
  ReservationsController,
  WalletController,
  PaymentsController,
  RefundsController,
  AdminController,
  AdminWaitingRoomsController,
  OperationsController,
];
