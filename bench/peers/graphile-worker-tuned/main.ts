import { serveWithJobs } from '../graphile-worker/serve.js';
import { begin, pool } from './payments.js';
import { taskList } from './tasks.js';

const CONCURRENT_JOBS = 16;

await serveWithJobs({
  pool,
  taskList,
  begin,
  worker: {
    concurrentJobs: CONCURRENT_JOBS,
    localQueue: { size: CONCURRENT_JOBS * 2 },
    completeJobBatchDelay: 0,
  },
});
