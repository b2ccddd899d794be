// @ts-check
// `npm stop`: ends what `npm start` has started, also when its own process died before it could.
import { PRIVATE } from './paths.mjs';
import { isAlive, send, until } from './processes.mjs';
import { endLeftovers, starterOf } from './run-record.mjs';

const STOP_LIMIT_MS = 60_000;

const starter = starterOf(PRIVATE);
if (starter !== undefined) {
  console.log(`Stopping Encore (process ${starter.pid}) …`);
  send(starter, 'SIGTERM');
  if (!(await until(() => !isAlive(starter), STOP_LIMIT_MS, 100))) {
    console.error(`It did not end within ${STOP_LIMIT_MS / 1_000} s and is killed.`);
    send(starter, 'SIGKILL');
    await until(() => !isAlive(starter), 5_000);
  }
}
// After an orderly end there is nothing of this any more.
const leftovers = await endLeftovers(PRIVATE);
if (starter === undefined && !leftovers) console.log('Encore is not running.');
else console.log('Encore has stopped.');
