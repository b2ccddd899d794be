import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EncoreConnectionError, EncoreProblem } from './errors.js';
import { clientOf, PlayedGateway, problem, RecordedTime } from './played-gateway.fixture.js';
import { createEncoreClient } from './client.js';
import { REAL_SURROUNDINGS } from './surroundings.js';

const WALLET = { status: 201, body: { userId: 7, balanceKrw: 100 } };
const AWAY = problem(503, 'SERVICE_UNAVAILABLE', { 'retry-after': '2' });

describe('a call of the client', () => {
  let gateway: PlayedGateway;
  let time: RecordedTime;

  beforeAll(async () => {
    gateway = await PlayedGateway.open();
  });
  afterAll(() => gateway.close());
  beforeEach(() => {
    gateway.reset();
    time = new RecordedTime();
  });

  const keys = () => gateway.received.map(({ headers }) => headers['idempotency-key']);

  it('sends the token, the body as JSON and a key of its own', async () => {
    gateway.answers(WALLET, WALLET);
    const client = clientOf(gateway, time);
    expect(await client.wallet.charge(100)).toEqual(WALLET.body);
    await client.wallet.charge(100);
    const [first] = gateway.received;
    expect(first).toMatchObject({ call: 'POST /v1/wallet/charges', body: '{"amountKrw":100}' });
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'content-type': 'application/json',
    });
    expect(keys()[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys()[1]).not.toBe(keys()[0]);
  });

  it('sends no body, type or key with a read', async () => {
    gateway.answers({ status: 200, body: { items: [], nextCursor: null } });
    await clientOf(gateway, time).concerts.list({ limit: 2 });
    const [read] = gateway.received;
    expect(read).toMatchObject({ call: 'GET /v1/concerts?limit=2', body: '' });
    expect(read?.headers).not.toHaveProperty('idempotency-key');
    expect(read?.headers).not.toHaveProperty('content-type');
  });

  it('finds a gateway below a path', async () => {
    gateway.answers(WALLET);
    await clientOf(gateway, time, { baseUrl: `${gateway.url}/api/` }).wallet.read();
    expect(gateway.received[0]?.call).toBe('GET /api/v1/wallet');
  });

  it('asks for the token again for each try', async () => {
    gateway.answers(AWAY, WALLET);
    const tokens = ['old', 'new'];
    const token = () => Promise.resolve(tokens.shift() ?? 'none');
    await clientOf(gateway, time, { token }).wallet.read();
    expect(gateway.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });

  it.each([
    ['a part that is away', AWAY, 2_000],
    ['an unknown outcome', problem(504, 'OUTCOME_UNKNOWN', { 'retry-after': '2' }), 2_000],
    ['too many requests', problem(429, 'RATE_LIMITED', { 'retry-after': '7' }), 7_000],
    [
      'the same call still running',
      problem(409, 'IDEMPOTENCY_IN_PROGRESS', { 'retry-after': '1' }),
      1_000,
    ],
    ['a proxy without a gateway', { status: 502, body: '<html>' }, 100],
    ['a broken connection', 'broken' as const, 100],
    ['an answer that broke off', 'broken half-way' as const, 100],
  ])('is tried again under the same key after %s', async (_what, trouble, rest) => {
    gateway.answers(trouble, WALLET);
    expect(await clientOf(gateway, time).wallet.charge(100)).toEqual(WALLET.body);
    expect(time.pauses).toEqual([rest]);
    expect(keys()).toHaveLength(2);
    expect(keys()[1]).toBe(keys()[0]);
  });

  it('keeps the key it was given', async () => {
    gateway.answers(AWAY, WALLET);
    await clientOf(gateway, time).wallet.charge(100, { idempotencyKey: 'order-17' });
    expect(keys()).toEqual(['order-17', 'order-17']);
  });

  it('ends after its last try with the last answer', async () => {
    gateway.answers(AWAY, AWAY, AWAY, WALLET);
    const client = clientOf(gateway, time, { retries: { attemptsMax: 3 } });
    await expect(client.wallet.charge(100)).rejects.toMatchObject({
      name: 'EncoreProblem',
      code: 'SERVICE_UNAVAILABLE',
    });
    expect(gateway.received).toHaveLength(3);
    expect(time.pauses).toEqual([2_000, 2_000]);
  });

  it('ends without an answer after its last try, and says with which key to find out', async () => {
    gateway.answers('broken', 'broken');
    const client = clientOf(gateway, time, { retries: { attemptsMax: 2 } });
    const error: unknown = await client.wallet.charge(100).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EncoreConnectionError);
    expect(error).toMatchObject({ attempts: 2, idempotencyKey: keys()[0] });
    expect((error as Error).cause).toBeDefined();
  });

  it('is tried once when retries are off', async () => {
    gateway.answers(AWAY, WALLET);
    await expect(clientOf(gateway, time, { retries: false }).wallet.read()).rejects.toThrow();
    expect(gateway.received).toHaveLength(1);
  });

  it('ends at once when the gateway asks for more patience than there is', async () => {
    gateway.answers(problem(429, 'RATE_LIMITED', { 'retry-after': '3600' }), WALLET);
    await expect(clientOf(gateway, time).wallet.read()).rejects.toMatchObject({ status: 429 });
    expect(gateway.received).toHaveLength(1);
  });

  it('ends at once with a refusal, which carries code, status, request and facts', async () => {
    const { body } = problem(409, 'RESERVATION_SEATS_TAKEN');
    const taken = { ...(body as object), detail: 'Seat 7.', details: { seatNumbers: [7] } };
    gateway.answers({ status: 409, body: taken }, WALLET);
    const held = clientOf(gateway, time).reservations.hold({ scheduleId: 1, seatNumbers: [7] });
    const error: unknown = await held.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EncoreProblem);
    expect(error).toMatchObject({
      message: 'Seat 7.',
      code: 'RESERVATION_SEATS_TAKEN',
      status: 409,
      requestId: 'r-1',
      problem: { details: { seatNumbers: [7] } },
    });
    expect(gateway.received).toHaveLength(1);
  });

  it.each([
    [404, '<html>not here</html>'],
    [200, '<html>sign in</html>'],
    [400, 'null'],
  ])('says of a %d that is not the gateway’s that it is not', async (status, body) => {
    gateway.answers({ status, body });
    await expect(clientOf(gateway, time).wallet.read()).rejects.toMatchObject({
      code: 'UNREADABLE_ANSWER',
      status,
      requestId: 'request-1',
    });
  });

  it('counts a try without an answer in time as broken', async () => {
    gateway.answers('silence', WALLET);
    const client = clientOf(gateway, time, { timeoutMs: 1_000 });
    expect(await client.wallet.charge(100)).toEqual(WALLET.body);
    expect(keys()[1]).toBe(keys()[0]);
  });

  it('ends with the reason of a signal, in the middle of a try', async () => {
    gateway.answers('silence');
    const stop = new AbortController();
    gateway.onceReceived(1, () => stop.abort(new Error('the page was closed')));
    const reading = clientOf(gateway, time).wallet.read({ signal: stop.signal });
    await expect(reading).rejects.toThrow('the page was closed');
    expect(time.pauses).toEqual([]);
  });

  it('ends with the reason of a signal, in the middle of a rest', async () => {
    gateway.answers(problem(503, 'SERVICE_UNAVAILABLE', { 'retry-after': '50' }), WALLET);
    const stop = new AbortController();
    const resting = {
      ...REAL_SURROUNDINGS,
      pause: (ms: number, signal: AbortSignal | undefined) => {
        const rest = REAL_SURROUNDINGS.pause(ms, signal);
        stop.abort(new Error('the page was closed'));
        return rest;
      },
    };
    const reading = clientOf(gateway, resting).wallet.read({ signal: stop.signal });
    await expect(reading).rejects.toThrow('the page was closed');
    expect(gateway.received).toHaveLength(1);
  });

  it('does not begin when the signal has ended it already', async () => {
    const client = createEncoreClient({ baseUrl: gateway.url });
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(client.wallet.read({ signal })).rejects.toThrow('too late');
    expect(gateway.received).toEqual([]);
  });

  it('goes through the fetch it was given', async () => {
    gateway.answers(WALLET);
    const seen: (string | undefined)[] = [];
    const client = createEncoreClient({
      baseUrl: gateway.url,
      fetch: (input, init) => {
        seen.push(typeof input === 'string' ? input : undefined);
        return fetch(input, init);
      },
    });
    await client.withToken('token-2').wallet.read();
    expect(seen).toEqual([`${gateway.url}/v1/wallet`]);
    expect(gateway.received[0]?.headers.authorization).toBe('Bearer token-2');
  });
});
