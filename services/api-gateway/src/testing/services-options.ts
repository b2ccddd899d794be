import type { ServicesOptions } from '../clients/services.js';

export const servicesOptions: ServicesOptions = {
  queryDeadlineMs: 1_000,
  requestDeadlineMs: 2_000,
  waitingDeadlineMs: 3_000,
  breakerWindowMs: 10_000,
  breakerVolumeCalls: 5,
  breakerErrorPercent: 50,
  breakerResetMs: 60_000,
  bulkheadCalls: 3,
  bulkheadWaitingCalls: 3,
};
