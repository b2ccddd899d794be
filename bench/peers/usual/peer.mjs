// @ts-check
import { startServices } from '../shared/services.mjs';

export default {
  name: 'usual',
  label: 'Nest, RMQ transport, knex',
  guarantees: ['each step a transaction of its own', 'a failing step undoes those before it'],
  lacks: [
    'a crash between two steps leaves a payment half made, for a person to find',
    'undoing is tried once, from memory: a crash or an unreachable service ends it',
    'a repeated request is refused, not answered again',
    'a lost answer is a timeout: a step may have happened or not',
    'messages are acknowledged before the work and not persistent: a restart loses them',
  ],
  /** @param {import('../../harness/payers.mjs').StartOptions} options */
  start: (options) => startServices('usual', options),
};
