import { request } from 'node:http';
import { connect } from 'node:net';
import {
  ChargeWallet,
  HoldSeats,
  ReadRequestedPayment,
  ReadReservation,
  ReadWallet,
  refused,
  RequestPayment,
} from '@encore/contracts';
import {
  ForbiddenActorError,
  InProgressError,
  OutcomeUnknownError,
  ServiceFaultError,
  ServiceUnavailableError,
} from '@encore/messaging';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../testing/gateway-under-test.js';
import * as samples from '../testing/samples.js';

describe('what goes wrong', () => {
  let gateway: GatewayUnderTest;
  let token: string;
  let userId: number;
  const charge = { json: { amountKrw: 1_000 } };
  const pay = { json: { reservationId: 30 } };

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
  });
  afterAll(() => gateway.close());
  beforeEach(async () => {
    gateway.services.reset();
    ({ token, userId } = await gateway.somebody());
  });

  it('is a 404 where nothing is', async () => {
    for (const path of [
      '/',
      '/v2/concerts',
      '/v1/concert',
      '/v1/concerts/1/2/3',
      '/docs/assets/no',
    ]) {
      const answer = await gateway.call('GET', path, { token });
      expect([path, answer.status, answer.body['code']]).toEqual([path, 404, 'NOT_FOUND']);
    }
  });

  it('is never an expectation that nobody knows, nor a condition where nothing has a tag', async () => {
    const { port } = new URL(gateway.url);
    const asked = {
      expect: 'the unexpected',
      'if-none-match': '*',
      authorization: `Bearer ${token}`,
    };
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request({ port, path: '/v1/wallet', headers: asked }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode));
      });
      sending.once('error', reject).end();
    });
    expect(status).toBe(200);
  });

  it('is a 405 with the methods allowed where only the method is wrong', async () => {
    const answer = await gateway.call('PUT', '/v1/reservations/30', { token, json: {} });
    expect([answer.status, answer.body['code']]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD');
  });

  it('is the status of the refusal, with its facts', async () => {
    gateway.services.on(HoldSeats, () => refused('RESERVATION_SEATS_TAKEN', { seatNumbers: [2] }));
    const json = { scheduleId: 4, seatNumbers: [1, 2] };
    const answer = await gateway.call('POST', '/v1/reservations', { token, json });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      type: 'urn:encore:problem:reservation-seats-taken',
      code: 'RESERVATION_SEATS_TAKEN',
      details: { seatNumbers: [2] },
      requestId: answer.headers.get('request-id'),
    });
  });

  it('is a repeated refusal for a repeated key', async () => {
    gateway.services.on(RequestPayment, () => refused('WALLET_INSUFFICIENT_BALANCE'));
    const asking = { token, key: 'poor', ...pay };
    const first = await gateway.call('POST', '/v1/payments', asking);
    gateway.services.accept(RequestPayment, samples.payment());
    const second = await gateway.call('POST', '/v1/payments', asking);
    expect([first.status, second.status]).toEqual([402, 402]);
    expect(second.body['code']).toBe('WALLET_INSUFFICIENT_BALANCE');
  });

  it('is a 422 for the same key with another body', async () => {
    await gateway.call('POST', '/v1/wallet/charges', { token, key: 'k', ...charge });
    const json = { amountKrw: 2_000 };
    const answer = await gateway.call('POST', '/v1/wallet/charges', { token, key: 'k', json });
    expect([answer.status, answer.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('is no conflict when another user, route or path takes the same key', async () => {
    const other = await gateway.tokenOf(8);
    await gateway.call('POST', '/v1/wallet/charges', { token, key: 'k', ...charge });
    await gateway.call('POST', '/v1/wallet/charges', { token: other, key: 'k', ...charge });
    await gateway.call('POST', '/v1/payments', { token, key: 'k', ...pay });
    await gateway.call('POST', '/v1/reservations/30/extension', { token, key: 'k' });
    await gateway.call('POST', '/v1/reservations/31/extension', { token, key: 'k' });
    const ids = gateway.services.changes().map(({ options }) => options.messageId);
    expect(new Set(ids).size).toBe(5);
  });

  it('is a 409 with Retry-After while the same key is still running', async () => {
    gateway.services.on(ChargeWallet, (_payload, { messageId }) => {
      throw new InProgressError(messageId ?? '');
    });
    const answer = await gateway.call('POST', '/v1/wallet/charges', { token, key: 'k', ...charge });
    expect([answer.status, answer.body['code']]).toEqual([409, 'IDEMPOTENCY_IN_PROGRESS']);
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('is a 503 with Retry-After when a service is away', async () => {
    gateway.services.on(ChargeWallet, () => {
      throw new ServiceUnavailableError('wallet', 'nobody consumes');
    });
    const answer = await gateway.call('POST', '/v1/wallet/charges', { token, ...charge });
    expect([answer.status, answer.body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.body['service']).toBe('wallet');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is a 403 without a word more when a service refuses who asks', async () => {
    gateway.services.on(ReadWallet, () => {
      throw new ForbiddenActorError('wallet', 'ReadWallet is not for the one it is from: owner');
    });
    const answer = await gateway.call('GET', '/v1/wallet', { token });
    expect([answer.status, answer.body['code']]).toEqual([403, 'FORBIDDEN']);
    expect(JSON.stringify(answer.body)).not.toContain('ReadWallet');
  });

  it('is a 503 for a read whose answer does not come, because nothing was changed', async () => {
    gateway.services.on(ReadWallet, () => {
      throw new OutcomeUnknownError('wallet', 'late');
    });
    const answer = await gateway.call('GET', '/v1/wallet', { token });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is a 504 for a change whose answer does not come, saying how to learn it', async () => {
    gateway.services.on(ChargeWallet, () => {
      throw new OutcomeUnknownError('wallet', 'late');
    });
    const answer = await gateway.call('POST', '/v1/wallet/charges', { token, ...charge });
    expect([answer.status, answer.body['code']]).toEqual([504, 'OUTCOME_UNKNOWN']);
    expect(answer.body['detail']).toContain('Idempotency-Key');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is a 500 that says nothing of what happened when a handler failed', async () => {
    gateway.services.on(ChargeWallet, () => {
      throw new ServiceFaultError('wallet', 'relation "movements" does not exist');
    });
    const answer = await gateway.call('POST', '/v1/wallet/charges', { token, ...charge });
    expect([answer.status, answer.body['code']]).toEqual([500, 'INTERNAL']);
    expect(JSON.stringify(answer.body)).not.toContain('movements');
  });

  it('is a 404 for the payment of a reservation that does not exist', async () => {
    gateway.services.on(ReadReservation, () => refused('RESERVATION_NOT_FOUND'));
    const answer = await gateway.call('POST', '/v1/payments', { token, ...pay });
    expect([answer.status, answer.body['code']]).toEqual([404, 'RESERVATION_NOT_FOUND']);
    expect(gateway.services.changes()).toEqual([]);
  });

  describe('with a payment that takes longer than the wait', () => {
    beforeEach(() => {
      gateway.services.on(RequestPayment, () => {
        throw new OutcomeUnknownError('payment', 'late');
      });
    });

    it('is a 202 with its Location while it is under way', async () => {
      gateway.services.accept(ReadRequestedPayment, samples.payment({ state: 'PENDING' }));
      const answer = await gateway.call('POST', '/v1/payments', { token, ...pay });
      expect([answer.status, answer.body['state']]).toEqual([202, 'PENDING']);
      expect(answer.headers.get('location')).toBe('/v1/payments/50');
      const [asked] = gateway.services.of(RequestPayment);
      expect(gateway.services.of(ReadRequestedPayment)[0]?.payload).toEqual({
        userId,
        requestMessageId: asked?.options.messageId,
      });
    });

    it('is a 201 when it ended meanwhile', async () => {
      gateway.services.accept(ReadRequestedPayment, samples.payment());
      const answer = await gateway.call('POST', '/v1/payments', { token, ...pay });
      expect([answer.status, answer.body['state']]).toEqual([201, 'COMPLETED']);
    });

    it('is the refusal that failed it', async () => {
      const failed = samples.payment({ state: 'FAILED', failure: 'RESERVATION_EXPIRED' });
      gateway.services.accept(ReadRequestedPayment, failed);
      const answer = await gateway.call('POST', '/v1/payments', { token, ...pay });
      expect([answer.status, answer.body['code']]).toEqual([409, 'RESERVATION_EXPIRED']);
      expect(answer.body['details']).toEqual({ paymentId: 50 });
    });

    it('is a 504 when nobody knows', async () => {
      gateway.services.on(ReadRequestedPayment, () => refused('PAYMENT_NOT_FOUND'));
      const answer = await gateway.call('POST', '/v1/payments', { token, ...pay });
      expect([answer.status, answer.body['code']]).toEqual([504, 'OUTCOME_UNKNOWN']);
    });
  });

  it('is a 503 at once after a service failed to be there again and again', async () => {
    const away = await openGatewayUnderTest({ BREAKER_VOLUME_CALLS: '5' });
    const reader = { token: await away.tokenOf(7) };
    away.services.on(ReadWallet, () => {
      throw new ServiceUnavailableError('wallet', 'not connected');
    });
    for (let call = 0; call < 12; call += 1) {
      expect((await away.call('GET', '/v1/wallet', reader)).status).toBe(503);
    }
    expect(away.services.of(ReadWallet).length).toBeLessThan(12);
    // The others have breakers of their own.
    expect((await away.call('GET', '/v1/concerts', reader)).status).toBe(200);
    await away.close();
  });
});

describe('a request Node cannot read', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
  });
  afterAll(() => gateway.close());

  /** Sends bytes as they are and returns everything that comes back. */
  function raw(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write(bytes));
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => (answer += chunk));
      socket.on('end', () => resolve(answer));
      socket.on('error', reject);
    });
  }

  it('is answered with a problem', async () => {
    const answer = await raw('NONSENSE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"MALFORMED_REQUEST"');
  });

  it('is a 431 when its headers are too large', async () => {
    const large = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(large)).toMatch(/^HTTP\/1\.1 431 [^]*HEADERS_TOO_LARGE/);
  });
});
