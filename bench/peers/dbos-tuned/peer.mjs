// @ts-check
import { startSingle } from '../shared/single.mjs';

export default {
  name: 'dbos-tuned',
  label: 'DBOS, tuned',
  guarantees: [
    'a crash between two steps: the workflow goes on where it was',
    'one result per Idempotency-Key, also when the answer was lost',
    'undoing is a durable step like the others',
  ],
  lacks: [
    'a step that throws ends its workflow, unless it is told to try again',
    'one process with one database: nothing is owned, deployed or scaled on its own',
  ],
  /** @param {import('../../harness/payers.mjs').StartOptions} options */
  start: (options) => startSingle('dbos-tuned', options),
};
