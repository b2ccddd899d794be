import { payWorkflow } from './pay-workflow.js';
import { serveWorkflow } from './serve.js';

await serveWorkflow(payWorkflow);
