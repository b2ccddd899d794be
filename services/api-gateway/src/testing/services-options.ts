import { generateKeyPairSync } from 'node:crypto';
import { ActorSigner } from '@encore/service-kit';
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

const { privateKey } = generateKeyPairSync('ed25519');
/** Says who calls to services on a stage, which believe it. */
export const actorsOnStage = new ActorSigner({ kid: 'stage', key: privateKey });
