// @ts-check
// `npm reset`: empties the local system. Only data of servers that we start ourselves is ours to
// empty.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeOutside } from './backing/account.mjs';
import { removeVolumes } from './backing/docker.mjs';
import { PRIVATE } from './paths.mjs';
import { endLeftovers, starterOf } from './run-record.mjs';

/** Everything below .encore except what tests of another process may be using right now. */
const EMPTIED = ['postgres', 'postgres-binaries', 'rabbitmq', 'logs', 'secrets.json'];

const starter = starterOf(PRIVATE);
if (starter !== undefined) {
  console.error(`Encore is running (process ${starter.pid}): "npm stop" first.`);
  process.exit(1);
}
await endLeftovers(PRIVATE);
removeOutside(PRIVATE);
for (const name of EMPTIED) rmSync(join(PRIVATE, name), { recursive: true, force: true });
removeVolumes(PRIVATE);
console.log('Encore is empty: the next "npm start" begins anew.');
for (const variable of ['POSTGRES_URL', 'AMQP_URL']) {
  if (process.env[variable]) console.log(`The server of ${variable} is not ours: left as it is.`);
}
