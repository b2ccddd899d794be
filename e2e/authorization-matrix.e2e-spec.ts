import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OidcProvider } from '@encore/testing';
import {
  cellsOf,
  needOf,
  requestOf,
  type Cast,
  type Cell,
  type Place,
  type Request,
} from './support/authorization/cells.js';
import {
  forgeriesOf,
  signerFor,
  type Mode,
  type Signer,
} from './support/authorization/forgeries.js';
import { leakIn } from './support/authorization/leaks.js';
import { Personas, type Persona } from './support/authorization/personas.js';
import { ROWS } from './support/authorization/rows.js';
import { descriptionOf } from './support/description.js';
import { call } from './support/person.js';
import { send, type Sent } from './support/send.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

const PLACES: readonly Place[] = Object.entries(ROWS).map(([name, row]) => {
  const [method = '', template = ''] = name.split(' ');
  return { method, template, row };
});
const isChange = ({ method }: Place) => method !== 'GET';
/** Longer than the whole matrix takes: nothing in it may end by itself. */
const LONG_SECONDS = '7200';

describe.each(['open', 'oidc'] as const)('The authorization matrix in %s mode', (mode: Mode) => {
  let whole: WholeSystem;
  let signer: Signer;
  let cast: Cast;
  /** Who does what every change is for, so that the matrix refuses only what it should. */
  let doers: ReadonlyMap<Place, Persona>;
  let cells = 0;

  beforeAll(async () => {
    signer = await signerFor(mode);
    const long = { HOLD_SECONDS: LONG_SECONDS, HOLD_LIMIT_SECONDS: LONG_SECONDS };
    const { TOKEN_SIGNING_KEYS: keys, ...environment } = signer.environment;
    whole = await bootWholeSystem({
      envOf: { 'api-gateway': environment, reservation: long },
      ...(keys === undefined ? {} : { signingKeys: JSON.parse(keys) as { keys: object[] } }),
    });
    const people = new Personas(whole.gateway, (userId, roles) => signer.tokenOf(userId, roles));
    const patience = { activeSeconds: Number(LONG_SECONDS), graceSeconds: Number(LONG_SECONDS) };
    await people.setPolicy(patience);
    const changes = PLACES.filter(isChange);
    const made = await people.makeMany(changes.length);
    doers = new Map(changes.map((place, index) => [place, made[index]!]));
    cast = await castOf(people);
    await people.setPolicy(patience);
    await whole.books.quiet();
  });
  afterAll(async () => {
    console.log(`authorization matrix, ${mode}: ${cells} cells, ${PLACES.length} endpoints`);
    await whole.end();
    if (signer instanceof OidcProvider) await signer.goAway();
  });

  async function castOf(people: Personas): Promise<Cast> {
    const [owner, attacker, usedUp] = [
      await people.make(),
      await people.make(),
      await people.makeUsedUp(),
    ];
    const lapsed = await people.makeLapsed();
    const waiting = await people.makeWaiting();
    const operator = await signer.tokenOf(999, ['operator']);
    const { body: issued } = await call<{ token: string }>(whole.gateway, 'POST', '/auth/token', {
      token: owner.identity,
      body: { userId: owner.userId },
    });
    const { body: sagas } = await call<{ items: { sagaId: string }[] }>(
      whole.gateway,
      'GET',
      `/v1/ops/sagas?paymentId=${owner.paid.paymentId}`,
      { token: operator },
    );
    return {
      ...{ mode, owner, attacker, usedUp, lapsed, waiting, operator },
      organiser: await signer.tokenOf(999, ['organiser']),
      forgeries: await forgeriesOf(signer, owner.userId),
      ownToken: issued.token,
      sagaId: sagas.items[0]!.sagaId,
    };
  }

  function ask({ method, path, headers, body }: Request): Promise<Sent> {
    return send(`${whole.gateway}${path}`, method, {
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      text: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** What is wrong with the answer to a cell; undefined when nothing is. */
  async function faultOf({ name, request, status }: Cell): Promise<string | undefined> {
    cells += 1;
    const answer = await ask(request);
    const said = `${name}: ${answer.status} ${JSON.stringify(answer.body)}`;
    const isRight = status === undefined ? answer.status < 400 : answer.status === status;
    if (!isRight) return `${said}, not ${status ?? 'an answer'}`;
    if (answer.status >= 400 && answer.body['requestId'] === undefined)
      return `${said}: no requestId`;
    const leak = leakIn(JSON.stringify(answer.body), cast);
    return leak === undefined ? undefined : `${said}: leaks ${leak}`;
  }

  /** Everything a request could have changed for others than those who may change their own. */
  async function stateOf(): Promise<string> {
    const { books } = whole;
    const own = [cast.attacker, ...doers.values()].map(({ userId }) => userId).join();
    const others = `user_id not in (${own}) order by 1`;
    const state = await Promise.all([
      books.rows('wallet', `select user_id, balance_krw from accounts where ${others}`),
      books.rows('wallet', `select entry_id from movements where ${others}`),
      books.rows('reservation', `select reservation_id, state from reservations where ${others}`),
      books.rows('payment', `select payment_id, state from payments where ${others}`),
      books.rows('payment', `select refund_id, state from refunds where ${others}`),
      books.rows('queue', `select entry_id, state, user_id from entries where ${others}`),
      books.rows('queue', 'select active_cap, paused, draining, active_seconds from rooms'),
      books.rows('concert', 'select * from concerts order by concert_id'),
      books.rows('concert', 'select schedule_id, starts_at, sale_open from schedules order by 1'),
      books.rows('concert', 'select sum(price_krw), count(*) from seats'),
    ]);
    return JSON.stringify(state);
  }

  /** Who does it rightly: the one it is for, or whoever has the role. */
  function rightRequest(place: Place): Request {
    const person = doers.get(place) ?? cast.owner;
    const need = needOf(place, mode);
    const hasRole = need === 'organiser' || need === 'operator';
    const request = requestOf(place, person, cast, hasRole ? cast[need] : person.identity);
    if (!place.template.startsWith('/v1/')) return request;
    // `/v1` reads no such header: it makes nobody somebody else.
    const headers = { ...request.headers, 'user-id': String(cast.owner.userId) };
    return { ...request, headers };
  }

  it('has a row for every endpoint of the served document, and no other', async () => {
    const { document } = await descriptionOf(whole.gateway);
    const served = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(Object.keys(ROWS).sort()).toEqual(served.sort());
  });

  it.each(PLACES)('$method $template is refused to whom it should be', async (place) => {
    const before = await stateOf();
    const faults: string[] = [];
    for (const cell of cellsOf(place, cast)) {
      const fault = await faultOf(cell);
      if (fault !== undefined) faults.push(fault);
    }
    expect(faults).toEqual([]);
    expect(await stateOf()).toBe(before);
    const isClosed = mode === 'oidc' && place.row.openModeOnly === true;
    const { status, body } = await ask(rightRequest(place));
    const isRight = isClosed ? status === 403 : status < 400;
    expect({ isRight, status, body }).toMatchObject({ isRight: true });
  });

  it('left the books of all services in agreement', async () => {
    expect(await whole.books.violations()).toEqual([]);
  });
});
