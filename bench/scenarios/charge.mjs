// @ts-check
// Wallets are charged, each request with a key of its own.
import {
  brokenIn,
  cpuTable,
  inTurns,
  speedChart,
  speedTable,
  withEncore,
} from '../harness/own.mjs';
import { unknownIn } from '../harness/rounds.mjs';

const PEOPLE = 2_000;
const AMOUNT_KRW = 1_000;
/** More than anybody makes: how long a list to prepare. */
const PER_SECOND_AT_MOST = 6_000;

export const title = 'Charges';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  const { seconds, warmupSeconds, concurrency: levels } = bench.options;
  return withEncore(bench, async (encore) => {
    await encore.databases.addWallets(1, PEOPLE, 0);
    await encore.databases.settle();
    await encore.databases.addEntries(1, PEOPLE);
    await encore.arrive(1, PEOPLE);
    const told = { charges: 0, unknown: 0 };
    let turn = 0;
    const rows = await inTurns(
      bench,
      encore,
      levels.map((concurrency) => ({
        label: `at ${concurrency}`,
        concurrency,
        order: () => {
          turn += 1;
          const perSecond = Math.min(PER_SECOND_AT_MOST, 500 * concurrency);
          const length = Math.ceil(perSecond * (seconds + warmupSeconds));
          return { packed: encore.pack(charges(encore, turn, length)) };
        },
        statuses: ['201'],
        after: async ({ statuses }) => {
          told.charges += statuses['201'] ?? 0;
          told.unknown += unknownIn(statuses);
          await mustHold(encore, told);
        },
      })),
    );
    return {
      tables: [speedTable('charges', rows), cpuTable('charge', rows)],
      charts: [speedChart('Charges per second', rows)],
      measured: rows,
      notes: ['After each turn: no won more or less in the wallets than clients were told.'],
      broken: brokenIn(rows),
    };
  });
}

/**
 * @param {import('../contestants/encore.mjs').Encore} encore
 * @param {number} turn
 * @param {number} length
 */
function charges(encore, turn, length) {
  return Array.from({ length }, (_, index) => ({
    method: 'POST',
    path: '/v1/wallet/charges',
    headers: encore.headersOf(1 + (index % PEOPLE), `charge-${turn}-${index}`),
    body: { amountKrw: AMOUNT_KRW },
  }));
}

/**
 * @param {import('../contestants/encore.mjs').Encore} encore
 * @param {{ charges: number, unknown: number }} told
 */
async function mustHold(encore, { charges, unknown }) {
  const held = await encore.databases.number(
    'wallet',
    'SELECT coalesce(sum(balance_krw), 0) AS value FROM accounts',
  );
  const made = held / AMOUNT_KRW;
  if (made < charges || made > charges + unknown) {
    throw new Error(`${charges} charges were confirmed (${unknown} unknown), ${made} are made`);
  }
  await encore.check({ completed: 0, unknown: 0 });
}
