import { BookingMoneyController } from './booking-money.controller.js';
import { BookingReservationsController } from './booking-reservations.controller.js';
import { BookingSeatsController } from './booking-seats.controller.js';
import { BookingTokensController } from './booking-tokens.controller.js';
import {
  QueueTokenConcertsController,
  QueueTokenController,
  QueueTokenMoneyController,
} from './queue-token.controller.js';
import {
  UserTokenConcertController,
  UserTokenController,
  UserTokenMoneyController,
} from './user-token.controller.js';
import {
  WaitingQueueBalancesController,
  WaitingQueueConcertsController,
  WaitingQueueController,
} from './waiting-queue.controller.js';

/** The five published documents. What is listed here is served and documented. */
export const DIALECT_CONTROLLERS = [
  BookingTokensController,
  BookingSeatsController,
  BookingReservationsController,
  BookingMoneyController,
  QueueTokenController,
  QueueTokenConcertsController,
  QueueTokenMoneyController,
  UserTokenController,
  UserTokenConcertController,
  UserTokenMoneyController,
  WaitingQueueController,
  WaitingQueueConcertsController,
  WaitingQueueBalancesController,
];
