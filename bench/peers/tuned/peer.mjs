// @ts-check
import { startServices } from '../shared/services.mjs';

export default {
  name: 'tuned',
  label: 'Nest, RMQ transport, tuned pg',
  guarantees: ['each step one atomic statement', 'a failing step undoes those before it'],
  lacks: [
    'a crash between two steps leaves a payment half made, for a person to find',
    'undoing is tried once, from memory: a crash or an unreachable service ends it',
    'a repeated request is refused, not answered again',
    'a request whose service died is never answered: nothing limits the wait',
    'messages are acknowledged before the work and not persistent: a restart loses them',
  ],
  /** @param {import('../../harness/payers.mjs').StartOptions} options */
  start: (options) => startServices('tuned', options),
};
