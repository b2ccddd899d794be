import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { arrive, must } from './support/buying.js';
import type { Person } from './support/person.js';
import { Person as Somebody } from './support/person.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

const HUGE = '9'.repeat(400);

/** Bodies no endpoint can make sense of, as the bytes a client sends. */
const NONSENSE: readonly string[] = [
  '',
  ' ',
  '{',
  '}',
  '[]',
  '[1,2]',
  'null',
  'true',
  '0',
  '-1',
  '"text"',
  '{"a":}',
  "{'a':1}",
  '{"a":1,}',
  'undefined',
  'NaN',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"unknownField":1}',
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
  '<xml/>',
  'userId=1&amountKrw=5',
  '\u0000',
  '{"\\u0000":1}',
  `{"a":"${'x'.repeat(20_000)}"}`,
];

/** Values that break the rule of every number in the API. */
const BAD_NUMBERS: readonly string[] = [
  '0',
  '-1',
  '1.5',
  HUGE,
  '1e400',
  '9007199254740993',
  '"1"',
  'null',
  'true',
  '[]',
  '{}',
  '"1; drop table accounts"',
];

interface Write {
  readonly method: string;
  readonly path: string;
  /** Bodies with one field wrong, around the values above. */
  readonly wrong: readonly ((bad: string) => string)[];
  /** True where no body is a valid call: there, only what is wrong can be sent. */
  readonly bodyless?: true;
}

const WRITES: readonly Write[] = [
  { method: 'POST', path: '/v1/tokens', wrong: [(bad) => `{"userId":${bad}}`] },
  { method: 'POST', path: '/v1/wallet/charges', wrong: [(bad) => `{"amountKrw":${bad}}`] },
  {
    method: 'POST',
    path: '/v1/reservations',
    wrong: [
      (bad) => `{"scheduleId":${bad},"seatNumbers":[1]}`,
      (bad) => `{"scheduleId":1,"seatNumbers":[${bad}]}`,
      (bad) => `{"scheduleId":1,"bestAvailable":${bad}}`,
    ],
  },
  {
    method: 'POST',
    path: '/v1/payments',
    wrong: [
      (bad) => `{"reservationId":${bad}}`,
      (bad) => `{"reservationId":1,"amountKrw":${bad},"userId":1}`,
    ],
  },
  { method: 'POST', path: '/v1/refunds', wrong: [(bad) => `{"reservationId":${bad}}`] },
  {
    method: 'POST',
    path: '/v1/admin/concerts',
    wrong: [(bad) => `{"name":"","venue":${bad}}`],
  },
  {
    method: 'POST',
    path: '/v1/admin/concerts/1/schedules',
    wrong: [
      (bad) => `{"startsAt":"2999-01-01T00:00:00Z","seats":[{"from":${bad},"to":1,"priceKrw":1}]}`,
      (bad) => `{"startsAt":${bad},"seats":[{"from":1,"to":1,"priceKrw":1}]}`,
    ],
  },
  { method: 'PATCH', path: '/v1/admin/concerts/1', wrong: [(bad) => `{"name":${bad},"x":1}`] },
  { method: 'PATCH', path: '/v1/admin/schedules/1', wrong: [(bad) => `{"startsAt":${bad}}`] },
  {
    method: 'PUT',
    path: '/v1/admin/schedules/1/seats',
    wrong: [(bad) => `{"seats":[{"from":1,"to":50,"priceKrw":${bad}}]}`],
  },
  {
    method: 'PUT',
    path: '/v1/admin/waiting-rooms/default',
    wrong: [(bad) => `{"graceSeconds":${bad}}`, (bad) => `{"unknown":${bad}}`],
  },
  { method: 'POST', path: '/v1/users', wrong: [(bad) => `{"userId":${bad}}`], bodyless: true },
  {
    method: 'POST',
    path: '/v1/waiting-rooms/default/entries',
    wrong: [(bad) => `{"place":${bad}}`],
    bodyless: true,
  },
  {
    method: 'POST',
    path: '/v1/reservations/1/extension',
    wrong: [(bad) => `{"seconds":${bad}}`],
    bodyless: true,
  },
];

/** A path of the list as the OpenAPI document writes it. */
function templateOf({ method, path }: Write): string {
  return `${method} ${path.replace(/\/(\d+|default)(?=\/|$)/g, '/{}')}`;
}

describe('Malformed bodies', () => {
  let whole: WholeSystem;
  let person: Person;
  let fingerprint: string;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    await arrive(whole, 1);
    person = await Somebody.as(whole.gateway, 1, ['organiser', 'operator']);
    must(await person.join(), 201);
    fingerprint = await stateOf(whole);
  });
  afterAll(async () => {
    await whole.end();
  });

  it.each(WRITES)('at $method $path are told what is wrong and change nothing', async (write) => {
    const bodies = [
      ...NONSENSE.filter((body) => write.bodyless === undefined || !isHarmless(body)),
      ...write.wrong.flatMap((wrong) => BAD_NUMBERS.map(wrong)),
    ];
    expect(bodies.length).toBeGreaterThanOrEqual(30);
    for (const body of bodies) {
      const answer = await send(whole.gateway, write, person.token, body);
      const shown = { body: body.slice(0, 80), ...answer };
      expect(shown).toMatchObject({ status: expect.any(Number), type: 'application/problem+json' });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.problem).toMatchObject({
        code: expect.stringMatching(/^[A-Z_]+$/),
        title: expect.stringMatching(/\w/),
        requestId: expect.stringMatching(/\w/),
      });
    }
    expect(await stateOf(whole)).toBe(fingerprint);
  });

  it('are tried at every endpoint of /v1 that takes a body', async () => {
    const document = (await (await fetch(`${whole.gateway}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: unknown }>>;
    };
    // Bodies for the published documents are made in fuzz.e2e-spec.ts.
    const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'));
    const taking = paths.flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, operation]) => operation.requestBody !== undefined)
        .map(([method]) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`),
    );
    expect(taking.length).toBeGreaterThan(0);
    expect(WRITES.map(templateOf)).toEqual(expect.arrayContaining(taking));
  });

  it('of the wrong type are refused by their type', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
      const answer = await fetch(`${whole.gateway}/v1/wallet/charges`, {
        method: 'POST',
        headers: { 'content-type': type, authorization: `Bearer ${person.token}` },
        body: '{"amountKrw":5}',
      });
      expect(answer.status).toBe(415);
    }
    expect(await stateOf(whole)).toBe(fingerprint);
  });
});

/** An empty body is a valid call where no body is expected. */
function isHarmless(body: string): boolean {
  return body.trim() === '';
}

async function send(gateway: string, write: Write, token: string, body: string) {
  const answer = await fetch(`${gateway}${write.path}`, {
    method: write.method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  const type = answer.headers.get('content-type')?.split(';')[0];
  return { status: answer.status, type, problem: await answer.json() };
}

/** Everything a write could have changed, in one comparable string. */
async function stateOf({ books }: WholeSystem): Promise<string> {
  const state = await Promise.all([
    books.rows('wallet', 'select * from accounts where balance_krw > 0 or user_id > 999'),
    books.rows('wallet', 'select count(*) from movements'),
    books.rows('reservation', 'select count(*) from reservations'),
    books.rows('payment', 'select count(*) from payments'),
    books.rows('payment', 'select count(*) from refunds'),
    books.rows('concert', 'select count(*) from concerts'),
    books.rows('concert', 'select count(*), sum(price_krw) from seats'),
    books.rows('concert', 'select schedule_id, starts_at from schedules order by schedule_id'),
    books.rows('queue', 'select count(*) from entries'),
    books.rows('queue', 'select active_cap, grace_seconds from rooms order by room_id'),
  ]);
  return JSON.stringify(state);
}
