import { DBOS } from '@dbos-inc/dbos-sdk';
import { connect } from '../shared/database.js';
import { servePayments } from '../shared/http.js';
import { type Answer } from '../shared/payment.js';
import { setting } from '../shared/program.js';

const POOL_MAX_CONNECTIONS = 8;
/** DBOS takes two trips for each step, its result being looked for before and recorded after. */
const SYSTEM_POOL_MAX_CONNECTIONS = 16;

export const pool = connect(POOL_MAX_CONNECTIONS);

/** The key names the workflow: whoever asks again waits for the same one and gets its answer. */
export async function serveWorkflow(
  payWorkflow: (userId: number, reservationId: number) => Promise<Answer>,
): Promise<void> {
  DBOS.setConfig({
    name: 'payments',
    systemDatabaseUrl: setting('DATABASE_URL'),
    systemDatabasePoolSize: SYSTEM_POOL_MAX_CONNECTIONS,
    logLevel: 'error',
  });
  await DBOS.launch();
  servePayments(({ userId, reservationId }, key) => {
    const pay = () => payWorkflow(userId, reservationId);
    return key === undefined ? pay() : DBOS.withNextWorkflowID(key, pay);
  });
}
