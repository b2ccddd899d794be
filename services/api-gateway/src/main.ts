import { bringUp, createRuntime, exitWithProcess } from '@encore/service-kit';
import { loadGatewayConfig } from './config.js';
import { openGateway } from './gateway.js';

const config = loadGatewayConfig();
const runtime = await createRuntime({ name: 'api-gateway', config });
exitWithProcess(runtime, config);
await bringUp(runtime, () => openGateway(runtime, config));
