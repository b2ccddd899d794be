// @ts-check
// What an empty system shows: users, concerts, a waiting room one walks straight through. Published
// through the services' own messages, so that nothing here knows a table.
import { createPrivateKey } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { builtLib } from './databases.mjs';

const USERS = 1_000;
const SEATS = 50;
const PRICE_KRW = 10_000;
const SCHEDULES_PER_CONCERT = 4;
const FIRST_DAY_AHEAD = 14;
const DAYS_BETWEEN = 7;
const ANSWER_LIMIT_MS = 10_000;
const TRIES_MAX = 10;
const DAY_MS = 86_400_000;

const CONCERTS = [
  {
    name: 'Northern Lights Orchestra',
    venue: 'Seoul Arts Center',
    description: 'Symphonies for winter evenings.',
  },
  {
    name: 'The Midnight Arcade',
    venue: 'Olympic Hall, Seoul',
    description: 'Synthesizers, brass and a very loud light show.',
  },
  {
    name: 'Han River Jazz Quartet',
    venue: 'Nodeul Island Live House, Seoul',
    description: 'Standards and new pieces, unplugged.',
  },
];

/** Asks once and again while nobody can say what became of it: the id makes that safe. */
class Asker {
  /**
   * @param {any} messaging the built messaging library
   * @param {any} client
   * @param {() => string} actorsWord proves that an operator and organiser asks
   */
  constructor(messaging, client, actorsWord) {
    this.messaging = messaging;
    this.client = client;
    this.actorsWord = actorsWord;
  }

  /**
   * @param {any} contract
   * @param {object} payload
   * @param {...string} intent what this message is for: the same intent always has the same id
   * @returns {Promise<any>} an outcome
   */
  async ask(contract, payload, ...intent) {
    const { messageIdOf, ServiceUnavailableError, OutcomeUnknownError } = this.messaging;
    const messageId = messageIdOf('demo-data', contract.wireName, ...intent);
    const actor = this.actorsWord();
    const options = { timeoutMs: ANSWER_LIMIT_MS, correlationId: messageId, actor };
    const asked = contract.kind === 'query' ? options : { ...options, messageId };
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.client.ask(contract, payload, asked);
      } catch (error) {
        const mayHelp =
          error instanceof ServiceUnavailableError || error instanceof OutcomeUnknownError;
        if (!mayHelp || tries === TRIES_MAX) throw error;
        await delay(200 * tries);
      }
    }
  }

  /**
   * The value of an outcome that must be a yes.
   * @param {any} contract
   * @param {object} payload
   * @param {...string} intent
   */
  async must(contract, payload, ...intent) {
    const outcome = await this.ask(contract, payload, ...intent);
    if (!outcome.ok) throw new Error(`${contract.name} was refused: ${outcome.refusal}`);
    return outcome.value;
  }
}

/**
 * Fills an empty system; the users come last, so that their presence says that everything is there.
 * What an interrupted run has made is kept, what is missing is added.
 * @param {object} options
 * @param {string} options.broker
 * @param {{ keys: object[] }} options.signingKeys the gateway's
 * @param {string} [options.queuePrefix]
 * @param {Date} [options.now]
 * @returns {Promise<boolean>} false when there was nothing to do
 */
export async function publishDemoData({ broker, signingKeys, queuePrefix = '', now = new Date() }) {
  const contracts = await builtLib('contracts');
  const library = await builtLib('messaging');
  const messaging = library.Messaging.open({
    url: broker,
    prefix: queuePrefix,
    service: 'api-gateway',
  });
  try {
    const asker = new Asker(library, messaging.client, await operatorsWord(signingKeys));
    await messaging.ready(ANSWER_LIMIT_MS);
    const last = await asker.ask(contracts.ReadUser, { userId: USERS });
    if (last.ok) return false;
    await openRoom(asker, contracts);
    await createConcerts(asker, contracts, now);
    await asker.must(contracts.OpenAccounts, { count: USERS }, 'users');
    return true;
  } finally {
    await messaging.close();
  }
}

/**
 * Proves to the services that this is an operator and organiser, who is no user.
 * @param {{ keys: object[] }} signingKeys
 * @returns {Promise<() => string>}
 */
async function operatorsWord({ keys }) {
  const { ActorSigner } = await builtLib('service-kit');
  const [key] = /** @type {(import('node:crypto').JsonWebKey & { kid: string })[]} */ (keys);
  if (key === undefined) throw new Error('There is no signing key');
  const { kid } = key;
  const signer = new ActorSigner({ kid, key: createPrivateKey({ key, format: 'jwk' }) });
  return () => signer.sign({ userId: null, roles: ['operator', 'organiser'] });
}

/**
 * @param {Asker} asker
 * @param {any} contracts
 */
async function openRoom(asker, { SetRoomPolicy }) {
  const policy = { activeCap: 100_000, admissionsPerSecond: 10_000 };
  await asker.must(SetRoomPolicy, { roomId: 'default', policy }, 'default room');
}

/**
 * @param {Asker} asker
 * @param {any} contracts
 * @param {Date} now
 */
async function createConcerts(asker, contracts, now) {
  const { items } = await asker.must(contracts.ListConcerts, { limit: 100 });
  for (const [index, text] of CONCERTS.entries()) {
    const mark = String(index + 1);
    const concert = items[index] ?? (await asker.must(contracts.CreateConcert, text, mark));
    const { concertId } = concert;
    const listed = await asker.must(contracts.ListSchedules, { concertId, limit: 100 });
    for (let day = listed.items.length; day < SCHEDULES_PER_CONCERT; day += 1) {
      const startsAt = eveningInSeoul(now, FIRST_DAY_AHEAD + day * DAYS_BETWEEN + index);
      const seats = [{ from: 1, to: SEATS, priceKrw: PRICE_KRW }];
      const schedule = { concertId, startsAt, seats, waitingRoomId: 'default' };
      await asker.must(contracts.AddSchedule, schedule, mark, String(day + 1));
    }
  }
}

/**
 * 19:00 in Seoul, which has no summer time, on the day so many days ahead.
 * @param {Date} now
 * @param {number} daysAhead
 */
export function eveningInSeoul(now, daysAhead) {
  const seoulHoursAhead = 9;
  const inSeoul = new Date(now.getTime() + seoulHoursAhead * 3_600_000 + daysAhead * DAY_MS);
  return `${inSeoul.toISOString().slice(0, 10)}T19:00:00+09:00`;
}
