// @ts-check
import { startSingle } from '../shared/single.mjs';

export default {
  name: 'graphile-worker-tuned',
  label: 'graphile-worker, tuned',
  guarantees: [
    'a crash between two steps: the next job is stored with the step before it',
    'a job that fails is tried again; undoing is one transaction',
  ],
  lacks: [
    'jobs a killed worker had taken stay locked, for up to four hours',
    'a repeated request is refused, not answered again',
    'a client whose process died is not answered: the payment goes on without it',
    'one process with one database: nothing is owned, deployed or scaled on its own',
  ],
  /** @param {import('../../harness/payers.mjs').StartOptions} options */
  start: (options) => startSingle('graphile-worker-tuned', options),
};
