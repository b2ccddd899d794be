import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONTROLLERS } from './controllers.js';
import { endpointsOf } from './endpoint.js';
import { LoadShedder } from './load-shedder.js';

let isFull = true;
const counted: { route: string; status: number }[] = [];
let server: Server;
let url = '';

beforeAll(async () => {
  const shedder = new LoadShedder(
    endpointsOf(CONTROLLERS),
    (service) => isFull && service === 'payment',
    { httpRequest: ({ route, status }) => void counted.push({ route, status }) },
  );
  server = createServer((request, response) => {
    if (!shedder.refuses(request, response)) response.end('served');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  isFull = true;
  counted.length = 0;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function post(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, { method: 'POST', headers, body: '{}' });
  return { response, text: await response.text() };
}

describe('when as many payments wait as may', () => {
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

  it.each(['/v1/reservations', '/v1/wallet/charges', '/nowhere'])('serves %s', async (path) => {
    expect((await post(path)).text).toBe('served');
  });

  it('serves reads of payments', async () => {
    expect(await (await fetch(`${url}/v1/payments`)).text()).toBe('served');
  });
});

describe('when there is room', () => {
  it('serves every payment', async () => {
    isFull = false;
    expect((await post('/v1/payments')).text).toBe('served');
    expect(counted).toEqual([]);
  });
});
