// @ts-check
import { startSingle } from '../shared/single.mjs';

export default {
  name: 'floor',
  label: 'one process, one database',
  guarantees: ['each step one atomic statement', 'a failing step undoes those before it'],
  lacks: [
    'a crash between two steps leaves a payment half made, for a person to find',
    'undoing is tried once, from memory',
    'a repeated request is refused, not answered again',
    'no broker and no services: nothing is owned, deployed or scaled on its own',
  ],
  /** @param {import('../../harness/payers.mjs').StartOptions} options */
  start: (options) => startSingle('floor', options),
};
