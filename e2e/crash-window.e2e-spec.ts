import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buyers, inParallel } from './support/buying.js';
import { histogram, insistOnPaying, lastOf } from './support/insisting.js';
import { counterOf } from './support/metrics.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

const PAYMENTS = 60;
const AT_ONCE = 16;
/** Those that answer commands of the saga, and so have a reply to give again after their death. */
const ANSWERING = ['reservation', 'wallet', 'queue'] as const;

/**
 * Far longer than all deaths and restarts take together: a caller who hears 202 was left waiting
 * for an answer that was lost, instead of getting it as soon as it could be said again.
 */
const PAYMENT_WAIT_MS = 25_000;
const PRELOAD = fileURLToPath(new URL('faults/die-after-commit.mjs', import.meta.url));

/**
 * In each service the messages of the payment whose commit is followed by death, and after which of
 * those commits. Each dies several times under load, always with something committed and unsaid.
 */
const CRASHES = {
  payment: { types: 'payment.request-payment,replies', at: '2,6,10' },
  reservation: { types: 'reservation.pin-reservation,reservation.confirm-reservation', at: '2,7' },
  wallet: { types: 'wallet.debit-wallet', at: '2,5' },
  queue: { types: 'queue.expire-queue-entry', at: '1,4' },
  concert: { types: 'reservation.seats-changed', at: '2,6' },
} as const;

describe('A death between commit and publish', () => {
  let whole: WholeSystem;
  let records: string;

  beforeAll(async () => {
    records = await mkdtemp(join(tmpdir(), 'encore-crash-'));
    const names = Object.keys(CRASHES) as (keyof typeof CRASHES)[];
    whole = await bootWholeSystem({
      preload: Object.fromEntries(names.map((name) => [name, PRELOAD])),
      envOf: {
        'api-gateway': { PAYMENT_WAIT_MS: String(PAYMENT_WAIT_MS) },
        ...Object.fromEntries(
          names.map((name) => [
            name,
            {
              DIE_ON_TYPES: CRASHES[name].types,
              DIE_AT_COMMITS: CRASHES[name].at,
              DIE_RECORD: join(records, name),
            },
          ]),
        ),
      },
    });
  });
  afterAll(async () => {
    await whole.end();
  });

  it('in every service under load debits nobody twice, leaves no saga open and loses no answer', async () => {
    const all = await buyers(whole, 1, PAYMENTS);
    const stories = await inParallel(all, AT_ONCE, (buyer) => insistOnPaying(buyer));
    expect(await whole.books.violations()).toEqual([]);

    // How many commits a run needs depends on how its batches fall; one death is certain.
    const deaths = Object.fromEntries(
      Object.keys(CRASHES).map((service) => [
        service,
        whole.system.exitsOf(service).filter(({ signal }) => signal === 'SIGKILL').length,
      ]),
    );
    for (const service of Object.keys(CRASHES)) {
      expect({ service, deaths: deaths[service] }).not.toEqual({ service, deaths: 0 });
    }
    expect(stories.map((story) => lastOf(story).status)).toEqual(stories.map(() => 201));

    const leftWaiting = stories.filter(({ answers }) =>
      answers.some(({ status }) => status === 202 || status === 504),
    );
    expect(leftWaiting).toEqual([]);

    // The run was not vacuous: stored replies were given again, and steps really were asked again.
    const storedReplies = Object.fromEntries(
      await Promise.all(
        ANSWERING.map(async (name) => [
          name,
          await counterOf(whole.system, name, 'encore_stored_replies_total'),
        ]),
      ),
    ) as Record<string, number>;
    for (const name of ANSWERING) expect(storedReplies[name]).toBeGreaterThan(0);
    const askedAgain = await whole.books.number(
      'payment',
      `select count(*) as value from saga_timeline where event in ('ASKED_AGAIN', 'UNDO_ASKED_AGAIN')`,
    );
    expect(askedAgain).toBeGreaterThan(0);
    const answers = histogram(stories);
    console.log({ deaths, answers, storedReplies, askedAgain });
  });
});
