import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { eventually } from '@encore/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CONTROLLERS } from './controllers.js';
import { endpointsOf } from './endpoint.js';
import { LoadShedder } from './load-shedder.js';

const PLACES = 2;

const counted: { route: string; status: number }[] = [];
/** Answers that are held back, each with a place. */
let held: ServerResponse[] = [];
let isHolding = false;
/** Refusals that are held back. */
let refusals: (() => void)[] = [];
let isAtOnce = true;
let latest: ServerResponse;
let server: Server;
let url = '';

beforeEach(async () => {
  counted.length = 0;
  held = [];
  isHolding = false;
  refusals = [];
  isAtOnce = true;
  const pace = {
    add: (refuse: () => void) => (isAtOnce ? refuse() : void refusals.push(refuse)),
  };
  const shedder = new LoadShedder(endpointsOf(CONTROLLERS), PLACES, pace, {
    httpRequest: ({ route, status }) => void counted.push({ route, status }),
  });
  server = createServer((request, response) => {
    latest = response;
    if (shedder.refuses(request, response)) return;
    if (isHolding) held.push(response);
    else response.end('served');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function post(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, { method: 'POST', headers, body: '{}' });
  return { response, text: await response.text() };
}

/** Takes places as payments do that wait for their end; resolves with their answers to come. */
async function fill(places = PLACES) {
  isHolding = true;
  const waiting = Array.from({ length: places }, () => post('/v1/payments'));
  await eventually(() => expect(held).toHaveLength(places));
  isHolding = false;
  return waiting;
}

function serveHeld(): void {
  for (const response of held) response.end('served at last');
}

describe('when as many payments wait as may', () => {
  beforeEach(async () => {
    const waiting = await fill();
    // Their connections are closed with the server.
    for (const one of waiting) one.catch(() => undefined);
  });

  it('refuses another one as a problem, says when to come back, and counts it', async () => {
    const { response, text } = await post('/v1/payments', { 'request-id': 'mine' });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(response.headers.get('request-id')).toBe('mine');
    expect(JSON.parse(text)).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
      requestId: 'mine',
    });
    expect(counted).toEqual([{ route: '/v1/payments', status: 503 }]);
  });

  it.each([
    ['/payment', { error: expect.any(String) }],
    ['/refunds?x=1', { error: expect.any(String) }],
    ['/payment/concerts/users/7', { code: 503, message: expect.any(String) }],
    [
      '/api/concerts/1/schedules/2/seats/reservation/payment',
      { code: 503, message: expect.any(String) },
    ],
  ])('refuses %s in the words of its document', async (path, body) => {
    const { response, text } = await post(path);
    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ ...body, requestId: expect.any(String) });
  });

  it('leaves it to the pace when, and says nothing to whoever gave up meanwhile', async () => {
    isAtOnce = false;
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /payment HTTP/1.1\r\nHost: encore\r\nContent-Length: 0\r\n\r\n');
    await eventually(() => expect(refusals).toHaveLength(1));
    const abandoned = latest;
    const patient = post('/payment');
    await eventually(() => expect(refusals).toHaveLength(2));
    socket.destroy();
    await eventually(() => expect(abandoned.destroyed).toBe(true));
    for (const refuse of refusals) refuse();
    expect((await patient).response.status).toBe(503);
    expect(counted).toEqual([{ route: '/payment', status: 503 }]);
  });

  it.each(['/v1/reservations', '/v1/wallet/charges', '/nowhere'])('serves %s', async (path) => {
    expect((await post(path)).text).toBe('served');
  });

  it('serves reads of payments', async () => {
    expect(await (await fetch(`${url}/v1/payments`)).text()).toBe('served');
  });
});

describe('when there is room', () => {
  it('serves every payment', async () => {
    const waiting = await fill(PLACES - 1);
    expect((await post('/v1/payments')).text).toBe('served');
    expect((await post('/v1/payments')).text).toBe('served');
    expect(counted).toEqual([]);
    serveHeld();
    await Promise.all(waiting);
  });

  it('is there again as soon as one has its answer', async () => {
    const waiting = await fill();
    expect((await post('/payment')).response.status).toBe(503);
    serveHeld();
    for (const one of waiting) expect((await one).text).toBe('served at last');
    expect((await post('/payment')).text).toBe('served');
  });

  it('is not taken by those whose requests trickle in', async () => {
    const { port } = new URL(url);
    isHolding = true;
    const sockets = Array.from({ length: PLACES }, () => connect(Number(port), '127.0.0.1'));
    for (const socket of sockets) {
      socket.write('POST /v1/payments HTTP/1.1\r\nHost: encore\r\nContent-Length: 9\r\n\r\n{');
    }
    await eventually(() => expect(held).toHaveLength(PLACES));
    isHolding = false;
    expect((await post('/v1/payments')).text).toBe('served');
    for (const socket of sockets) socket.destroy();
  });
});
