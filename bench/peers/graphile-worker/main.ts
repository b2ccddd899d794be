import { serveWithJobs } from './serve.js';
import { begin, pool, taskList } from './tasks.js';

const CONCURRENT_JOBS = 10;
const BATCH_DELAY_MS = 250;

/** The manual's starting point for many jobs: https://worker.graphile.org/docs/performance */
await serveWithJobs({
  pool,
  taskList,
  begin,
  worker: {
    concurrentJobs: CONCURRENT_JOBS,
    localQueue: { size: CONCURRENT_JOBS + 1 },
    completeJobBatchDelay: BATCH_DELAY_MS,
    failJobBatchDelay: BATCH_DELAY_MS,
  },
});
