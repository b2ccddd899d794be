import { serveWorkflow } from '../dbos/serve.js';
import { payWorkflow } from './pay-workflow.js';

await serveWorkflow(payWorkflow);
