// @ts-check
// 2,000 people after the 50 seats of one schedule, all at once; then the next schedule. Beside it
// pgbench with the same SQL: what the database could do if nothing were in front of it.
import { SEATS_PER_SCHEDULE } from '../contestants/encore-databases.mjs';
import { violationsOf } from '../contestants/encore-books.mjs';
import { brokenIn, cpuTable, inTurns, withEncore } from '../harness/own.mjs';
import { runLoad } from '../harness/load.mjs';
import { fixed, ratio } from '../harness/report.mjs';
import { median, unknownIn } from '../harness/rounds.mjs';
import { HoldLimit } from './hold-limit.mjs';

const PEOPLE = 2_000;
const EARLY_AT_ONCE = 64;
/** More than anybody makes: how many schedules to have ready. */
const ANSWERS_PER_SECOND_AT_MOST = 8_000;

export const title = 'Holds under contention';

/**
 * @param {import('../harness/scenario.mjs').Bench} bench
 * @returns {Promise<import('../harness/scenario.mjs').Findings>}
 */
export function run(bench) {
  const { seconds, warmupSeconds } = bench.options;
  const answers = ANSWERS_PER_SECOND_AT_MOST * (seconds + warmupSeconds);
  const rushes = Math.ceil(answers / PEOPLE);
  return withEncore(bench, async (encore) => {
    await encore.databases.addEntries(1, PEOPLE);
    await encore.arrive(1, PEOPLE);
    const limit = HoldLimit.on(encore.databases, { people: PEOPLE, say: bench.say });
    let schedules = 0;
    const told = { held: 0, unknown: 0 };
    // The code is compiled before everybody comes at once, which a cold system would not survive.
    schedules += rushes;
    await encore.databases.addSchedules(1, schedules);
    const early = await runLoad({
      ...{ url: encore.url, seconds: warmupSeconds, concurrency: EARLY_AT_ONCE },
      packed: encore.pack(holds(encore, 1, rushes)),
    });
    told.held += early.statuses['201'] ?? 0;
    told.unknown += unknownIn(early.statuses);
    const [row] = await inTurns(bench, encore, [
      {
        label: `${PEOPLE} people, ${SEATS_PER_SCHEDULE} seats`,
        concurrency: PEOPLE,
        order: async () => {
          const first = schedules + 1;
          schedules += rushes;
          await encore.databases.addSchedules(first, schedules);
          await encore.databases.settle();
          const packed = encore.pack(holds(encore, first, rushes));
          return { packed, shape: /** @type {const} */ ('rush'), rushSize: PEOPLE };
        },
        statuses: ['201', '409'],
        after: async ({ statuses }) => {
          told.held += statuses['201'] ?? 0;
          told.unknown += unknownIn(statuses);
          await mustHold(encore, told);
          const first = schedules + 1;
          schedules += rushes;
          await encore.databases.addSchedules(first, schedules);
          await encore.databases.settle();
          told.held += await limit.measure(first, seconds);
        },
      },
    ]);
    if (row === undefined) throw new Error('nothing was measured');
    return findingsOf(row, limit);
  });
}

/**
 * @param {import('../contestants/encore.mjs').Encore} encore
 * @param {number} first schedule
 * @param {number} rushes
 */
function holds(encore, first, rushes) {
  return Array.from({ length: rushes * PEOPLE }, (_, index) => {
    const userId = 1 + (index % PEOPLE);
    const scheduleId = first + Math.floor(index / PEOPLE);
    const seatNumber = 1 + Math.floor(Math.random() * SEATS_PER_SCHEDULE);
    return {
      method: 'POST',
      path: '/v1/reservations',
      headers: encore.headersOf(userId, `hold-${scheduleId}`),
      body: { scheduleId, seatNumbers: [seatNumber] },
    };
  });
}

/**
 * @param {import('../contestants/encore.mjs').Encore} encore
 * @param {{ held: number, unknown: number }} told what clients were told, and pgbench did
 */
async function mustHold(encore, { held, unknown }) {
  const found = await violationsOf(encore.databases, { completed: 0, unknown: 0 });
  const inBooks = await encore.databases.number(
    'reservation',
    `SELECT count(*) AS value FROM reservations WHERE state = 'HELD'`,
  );
  if (inBooks < held || inBooks > held + unknown) {
    found.push(`${held} holds were given to clients (${unknown} unknown), ${inBooks} are held`);
  }
  if (found.length > 0) throw new Error(found.join('; '));
}

/**
 * @param {import('../harness/own.mjs').Row} row
 * @param {HoldLimit} limit
 * @returns {import('../harness/scenario.mjs').Findings}
 */
function findingsOf(row, limit) {
  const perSecond = row.perSecond + row.refusedPerSecond;
  const possible = limit.perSecond.length === 0 ? 0 : median(limit.perSecond);
  return {
    tables: [
      {
        title: row.label,
        columns: ['', 'answers/s', 'accepted/s', 'p99 accepted ms', 'p99 refused ms'],
        rows: [
          [
            'Encore',
            ...[fixed(perSecond), fixed(row.perSecond), fixed(row.p99, 1)],
            fixed(row.refusedP99, 1),
          ],
          ['pgbench, same SQL', fixed(possible), '', '', ''],
          ['Encore / pgbench', ratio(perSecond, possible), '', '', ''],
          ['p99 refused / accepted', ratio(row.refusedP99, row.p99), '', '', ''],
        ],
      },
      cpuTable('answer', [row]),
    ],
    charts: [
      {
        title: `Holds per second, accepted and refused: ${row.label}`,
        kind: 'bars',
        unit: '/s',
        groups: ['holds'],
        series: [
          { label: 'Encore', values: [perSecond] },
          { label: 'pgbench, same SQL, one hold a transaction', values: [possible] },
        ],
      },
    ],
    measured: { ...row, answersPerSecond: perSecond, pgbenchPerSecond: limit.perSecond },
    notes: [limit.note, 'After each turn: no seat has two owners, nothing given is lost.'],
    broken: brokenIn([row]),
  };
}
