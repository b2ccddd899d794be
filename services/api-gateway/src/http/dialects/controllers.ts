import { BookingTokensController } from './booking-tokens.controller.js';

/** The five published documents. What is listed here is served and documented. */
export const DIALECT_CONTROLLERS = [BookingTokensController];
