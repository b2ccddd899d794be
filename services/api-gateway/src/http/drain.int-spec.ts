import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { accepted, ReadWallet, refused, RequestPayment } from '@encore/contracts';
import { eventually } from '@encore/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../testing/gateway-under-test.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('the end of the gateway', () => {
  let gateway: GatewayUnderTest;
  let token: string;
  let answerWallet: () => void;

  beforeEach(async () => {
    gateway = await openGatewayUnderTest({ HTTP_DRAIN_DELAY_MS: '0' });
    token = await gateway.tokenOf(7);
    const asked = new Promise<void>((resolve) => (answerWallet = resolve));
    gateway.services.on(ReadWallet, async () => {
      await asked;
      return accepted({ userId: 7, balanceKrw: 5 });
    });
  });

  function get(path: string, agent: Agent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      const options = { host: '127.0.0.1', port: gateway.port, path, agent, headers };
      request(options, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      })
        .on('error', reject)
        .end();
    });
  }

  const walletAsked = () =>
    eventually(() => expect(gateway.services.of(ReadWallet)).toHaveLength(1));

  const listensNoMore = () =>
    eventually(() => expect(get('/healthz', new Agent())).rejects.toThrow('ECONNREFUSED'));

  it('waits for requests that are running and hangs up after them', async () => {
    const agent = new Agent({ keepAlive: true });
    const running = get('/v1/wallet', agent);
    await walletAsked();
    const closed = gateway.close();
    await listensNoMore();
    answerWallet();
    const answer = await running;
    expect([answer.status, answer.body]).toEqual([200, '{"userId":7,"balanceKrw":5}']);
    expect(answer.headers.connection).toBe('close');
    await closed;
    agent.destroy();
  });

  it('takes no new connection', async () => {
    await gateway.close();
    const agent = new Agent();
    await expect(get('/healthz', agent)).rejects.toThrow('ECONNREFUSED');
    answerWallet();
  });

  it('sends what still comes on an open connection elsewhere', async () => {
    const idle = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await get('/healthz', idle)).status).toBe(200);
    const busy = new Agent({ keepAlive: true });
    const running = get('/v1/wallet', busy);
    await walletAsked();
    const closed = gateway.close();
    await listensNoMore();
    const late = await get('/v1/wallet', idle);
    expect(late.status).toBe(503);
    expect(late.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
    expect(JSON.parse(late.body)).toMatchObject({ code: 'SHUTTING_DOWN', status: 503 });
    answerWallet();
    expect((await running).status).toBe(200);
    await closed;
    expect(gateway.services.of(ReadWallet)).toHaveLength(1);
    idle.destroy();
    busy.destroy();
  });

  it('tells those who wait for their refusal before it hangs up', async () => {
    const full = await openGatewayUnderTest({
      BULKHEAD_WAITING_CALLS: '1',
      BULKHEAD_REFUSALS_PER_SECOND: '1',
      HTTP_DRAIN_DELAY_MS: '0',
    });
    const { token: payer } = await full.somebody();
    let endPayment: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (endPayment = resolve));
    full.services.on(RequestPayment, () => ended.then(() => refused('RESERVATION_EXPIRED')));
    const pay = full.call('POST', '/v1/payments', { token: payer, json: { reservationId: 5 } });
    await eventually(() => expect(full.services.of(RequestPayment)).toHaveLength(1));

    const socket = connect(full.port, '127.0.0.1').setEncoding('utf8');
    let heard = '';
    socket.on('data', (chunk: string) => (heard += chunk));
    // The first is refused at once, so the second, which came with it, is waiting by then.
    const another = 'POST /v1/payments HTTP/1.1\r\nHost: encore\r\nContent-Length: 0\r\n\r\n';
    socket.write(another + another);
    await eventually(() => expect(heard).toContain('SERVICE_UNAVAILABLE'));
    expect(heard.match(/HTTP\/1\.1 503/g)).toHaveLength(1);
    const closed = full.close();
    endPayment();
    expect((await pay).status).toBe(409);
    await closed;
    await eventually(() => expect(heard.match(/"code":"SERVICE_UNAVAILABLE"/g)).toHaveLength(2));
    await gateway.close();
  });

  it('is not put off by a request that never ends', async () => {
    const hurried = await openGatewayUnderTest({ SHUTDOWN_GRACE_MS: '100' });
    const agent = new Agent();
    const never = new Promise<never>(() => undefined);
    hurried.services.on(ReadWallet, () => never);
    const cut = hurried.call('GET', '/v1/wallet', { token: await hurried.tokenOf(7) });
    const failure = expect(cut).rejects.toThrow();
    await eventually(() => expect(hurried.services.of(ReadWallet)).toHaveLength(1));
    await hurried.close();
    await failure;
    agent.destroy();
    answerWallet();
    await gateway.close();
  });
});
