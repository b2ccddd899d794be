import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../../testing/gateway-under-test.js';

const JSON_TYPE = 'application/json';

interface Malformed {
  readonly what: string;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is wrong with any body, whatever the endpoint expects. */
const ALWAYS_WRONG: readonly Malformed[] = [
  { what: 'a cut object', body: '{"a":' },
  { what: 'a cut string', body: '{"a":"' },
  { what: 'text', body: 'hello' },
  { what: 'a bare number', body: '1' },
  { what: 'a bare string', body: '"1"' },
  { what: 'null', body: 'null' },
  { what: 'true', body: 'true' },
  { what: 'an array', body: '[1]' },
  { what: 'an array of objects', body: '[{}]' },
  { what: 'two values', body: '{}{}' },
  { what: 'a trailing comma', body: '{"a":1,}' },
  { what: 'single quotes', body: "{'a':1}" },
  { what: 'a comment', body: '{/* */}' },
  { what: 'NaN', body: '{"a":NaN}' },
  { what: 'an unknown field', body: '{"surprise":1}' },
  { what: 'a prototype', body: '{"__proto__":{"admin":true}}' },
  { what: 'a constructor', body: '{"constructor":{"prototype":{}}}' },
  { what: 'deep nesting', body: `{"a":${'['.repeat(500)}${']'.repeat(500)}}` },
  { what: 'deep nesting without end', body: '['.repeat(8_000) },
  { what: 'a large body', body: `{"a":"${'x'.repeat(20_000)}"}` },
  { what: 'a NUL in a text', body: '{"a":"\\u0000"}' },
  { what: 'half a character', body: '{"a":"\\ud800"}' },
  { what: 'form data', body: 'a=1', type: 'application/x-www-form-urlencoded' },
  { what: 'no content type', body: '{}', type: 'text/plain' },
  { what: 'xml', body: '<a/>', type: 'application/xml' },
  { what: 'UTF-16', body: '{}', type: 'application/json; charset=utf-16' },
  { what: 'a compressed body', body: '{}', headers: { 'content-encoding': 'gzip' } },
  { what: 'an unknown encoding', body: '{}', headers: { 'content-encoding': 'rot13' } },
  { what: 'an empty key', body: '{"":1}' },
  { what: 'an idempotency key with a space', body: '{}', headers: { 'idempotency-key': 'a b' } },
];

const NOT_AN_AMOUNT = [0, -1, 1.5, 1e300, '10000', null, [1], {}, true, 2 ** 53];
const NOT_AN_ID = [0, -1, 0.5, '1', null, [], {}, true, 1e20];

function each(field: string, values: readonly unknown[], rest: object = {}): object[] {
  return values.map((value) => ({ ...rest, [field]: value }));
}

const NOT_SEAT_NUMBERS = [
  [],
  [0],
  [-1],
  [1.5],
  ['1'],
  [1, 1],
  [100_001],
  [null],
  [[1]],
  '1',
  1,
  { 0: 1 },
  Array.from({ length: 51 }, (_, index) => index + 1),
];
const NOT_RANGES = [
  [],
  {},
  'all',
  [{ from: 5, to: 1, priceKrw: 100 }],
  [{ from: 0, to: 1, priceKrw: 100 }],
  [{ from: 1, to: 1, priceKrw: 0 }],
  [{ from: 1, to: 1, priceKrw: -5 }],
  [{ from: 1, to: 1, priceKrw: 1e12 }],
  [{ from: 1, to: 1 }],
  [{ from: 1, to: 1, priceKrw: 100, free: true }],
  [{ from: '1', to: 1, priceKrw: 100 }],
];
const NOT_A_TIME = ['tomorrow', '2030-05-01', '2030-05-01T19:00:00', 0, '2030-13-01T00:00:00Z', {}];
const OUT_OF_TIME = ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'];
const startsAt = '2030-05-01T19:00:00+09:00';
const seats = [{ from: 1, to: 50, priceKrw: 10_000 }];

/** What is wrong for one endpoint in particular. */
const ENDPOINTS: [method: string, path: string, wrong: readonly object[]][] = [
  [
    'POST',
    '/v1/tokens',
    [
      {},
      ...each('userId', NOT_AN_ID),
      { userId: 1, roles: ['root'] },
      { userId: 1, roles: 'operator' },
    ],
  ],
  ['POST', '/v1/users', [{ userId: 1 }, { count: 1_000 }]],
  ['POST', '/v1/waiting-rooms/default/entries', [{ userId: 8 }, { position: 1 }]],
  ['DELETE', '/v1/waiting-rooms/default/entries/me', [{ userId: 8 }]],
  [
    'POST',
    '/v1/reservations',
    [
      {},
      { scheduleId: 4 },
      { seatNumbers: [1] },
      { scheduleId: 4, seatNumbers: [1], bestAvailable: 1 },
      { scheduleId: 4, seatNumbers: [1], userId: 8 },
      { scheduleId: 4, seatNumbers: [1], amountKrw: 1 },
      ...each('scheduleId', NOT_AN_ID, { seatNumbers: [1] }),
      ...each('seatNumbers', NOT_SEAT_NUMBERS, { scheduleId: 4 }),
      ...each('bestAvailable', [0, -1, 51, 1.5, '2', null], { scheduleId: 4 }),
    ],
  ],
  ['DELETE', '/v1/reservations/30', [{ reason: 'none' }]],
  ['POST', '/v1/reservations/30/extension', [{ minutes: 60 }]],
  ['POST', '/v1/wallet/charges', [{}, ...each('amountKrw', NOT_AN_AMOUNT)]],
  [
    'POST',
    '/v1/payments',
    [
      {},
      ...each('reservationId', NOT_AN_ID),
      ...each('amountKrw', NOT_AN_AMOUNT, { reservationId: 30 }),
      { reservationId: 30, userId: 8 },
      { reservationId: 30, entryId: 1 },
    ],
  ],
  [
    'POST',
    '/v1/refunds',
    [
      {},
      ...each('reservationId', NOT_AN_ID),
      ...each('seatNumbers', NOT_SEAT_NUMBERS, { reservationId: 30 }),
      ...each('reason', ['', ' ', 5, 'x'.repeat(501)], { reservationId: 30 }),
      { reservationId: 30, amountKrw: 1 },
    ],
  ],
  [
    'POST',
    '/v1/admin/concerts',
    [
      {},
      ...each('name', ['', '  ', 5, null, 'x'.repeat(201)]),
      { name: 'a', venue: 5 },
      { name: 'a', description: 'x'.repeat(4_001) },
      { name: 'a', concertId: 9 },
    ],
  ],
  ['PATCH', '/v1/admin/concerts/1', [{}, { name: '' }, { venue: null }, { concertId: 2 }]],
  [
    'POST',
    '/v1/admin/concerts/1/schedules',
    [
      {},
      { startsAt },
      { seats },
      ...each('startsAt', [...NOT_A_TIME, ...OUT_OF_TIME], { seats }),
      ...each('salesOpenAt', [...NOT_A_TIME, ...OUT_OF_TIME], { startsAt, seats }),
      ...each('seats', NOT_RANGES, { startsAt }),
      ...each('waitingRoomId', ['', 'A', 'a b', '../x', 5], { startsAt, seats }),
      { startsAt, seats, saleOpen: 'yes' },
    ],
  ],
  [
    'PATCH',
    '/v1/admin/schedules/4',
    [{}, { saleOpen: 'false' }, { saleOpen: null }, ...each('startsAt', NOT_A_TIME), { seats }],
  ],
  ['PUT', '/v1/admin/schedules/4/seats', [{}, ...each('seats', NOT_RANGES)]],
  [
    'PUT',
    '/v1/admin/waiting-rooms/default',
    [
      {},
      ...each('activeCap', [-1, 1.5, '5', 1_000_001]),
      ...each('admissionsPerSecond', [0, -1, '5', 100_001]),
      ...each('paused', ['true', 1, null]),
      ...each('scheduleId', [0, '4']),
      { policy: { activeCap: 1 } },
    ],
  ],
];

describe('a malformed body', () => {
  let gateway: GatewayUnderTest;
  let token: string;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
    token = await gateway.tokenOf(7, 'organiser', 'operator');
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.services.reset());

  it.each(ENDPOINTS)('is a 4xx with a reason for %s %s', async (method, path, wrong) => {
    const own = wrong.map((body) => ({ what: JSON.stringify(body), body: JSON.stringify(body) }));
    const cases: Malformed[] = [...ALWAYS_WRONG, ...own];
    expect(cases.length).toBeGreaterThanOrEqual(30);
    for (const { what, body, type, headers } of cases) {
      const response = await fetch(`${gateway.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': type ?? JSON_TYPE,
          ...headers,
        },
        body,
      });
      const answer = (await response.json()) as Record<string, unknown>;
      expect({ what, status: Math.floor(response.status / 100) }).toEqual({ what, status: 4 });
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(answer).toMatchObject({
        type: expect.stringMatching(/^urn:encore:problem:/),
        title: expect.any(String),
        status: response.status,
        code: expect.stringMatching(/^[A-Z_]+$/),
        requestId: response.headers.get('request-id'),
      });
    }
    expect(gateway.services.changes()).toEqual([]);
  });

  it('says for each fault where it is', async () => {
    const json = { scheduleId: '4', seatNumbers: [0, 1.5], surprise: true };
    const answer = await gateway.call('POST', '/v1/reservations', { token, json });
    expect(answer.status).toBe(400);
    expect(answer.body['code']).toBe('VALIDATION_FAILED');
    const errors = answer.body['errors'] as { in: string; at: string }[];
    expect(errors.map(({ in: where, at }) => `${where} ${at}`)).toEqual(
      expect.arrayContaining([
        'body /scheduleId',
        'body /seatNumbers/0',
        'body /seatNumbers/1',
        'body /surprise',
      ]),
    );
  });
});

describe('a malformed URL', () => {
  let gateway: GatewayUnderTest;
  let token: string;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
    token = await gateway.tokenOf(7, 'organiser', 'operator');
  });
  afterAll(() => gateway.close());

  it.each([
    '/v1/concerts/0',
    '/v1/concerts/-1',
    '/v1/concerts/1.5',
    '/v1/concerts/1e3',
    '/v1/concerts/0x10',
    '/v1/concerts/%20',
    '/v1/concerts/1%00',
    '/v1/concerts/9007199254740993',
    '/v1/concerts/99999999999999999999',
    '/v1/concerts/%E0%A4%A',
    '/v1/concerts/%ff',
    '/v1/concerts?limit=0',
    '/v1/concerts?limit=101',
    '/v1/concerts?limit=ten',
    '/v1/concerts?limit=1&limit=2',
    '/v1/concerts?limit[]=1',
    '/v1/concerts?cursor=',
    '/v1/concerts?cursor=%00',
    '/v1/concerts?cursor=abc',
    '/v1/concerts?cursor=-1',
    `/v1/concerts?cursor=${'x'.repeat(201)}`,
    '/v1/concerts?page=1',
    '/v1/concerts?__proto__=1',
    '/v1/concerts?constructor=1',
    '/v1/reservations?state=held',
    '/v1/reservations?scheduleId=0',
    '/v1/reservations/30?userId=8',
    '/v1/concerts/1/schedules?bookableOnly=1',
    '/v1/waiting-rooms/UPPER/entries/me',
    '/v1/waiting-rooms/a%2Fb/entries/me',
    '/v1/ops/sagas/1',
    '/v1/ops/sagas?sagaId=1',
    '/v1/ops/dead-letters?service=gateway',
    '/v1/ops/dead-letters?limit=1000',
    `/v1/concerts?cursor=${'x'.repeat(3_000)}`,
  ])('is a 4xx for GET %s', async (path) => {
    const answer = await gateway.call('GET', path, { token });
    expect(answer.body).toMatchObject({ status: answer.status, code: expect.any(String) });
    expect(Math.floor(answer.status / 100)).toBe(4);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});
