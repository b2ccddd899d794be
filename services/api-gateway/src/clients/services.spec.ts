import { accepted, ChargeWallet, ReadWallet, refused, RequestPayment } from '@encore/contracts';
import {
  ForbiddenActorError,
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
  ServiceFaultError,
  ServiceUnavailableError,
} from '@encore/messaging';
import { createLogger } from '@encore/service-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { payment } from '../testing/samples.js';
import { ScriptedServices } from '../testing/scripted-services.js';
import { actorsOnStage, servicesOptions } from '../testing/services-options.js';
import { RefusalError } from './refusal-error.js';
import { Services } from './services.js';

const origin = { requestId: 'r-1', traceparent: 't-1' };
const change = { ...origin, messageId: '5b0c8f1e-3b1f-4a52-9a52-1d2f3a4b5c6d', fingerprint: 'f' };
const CALLS = 10;

describe('asking the services', () => {
  let scripted: ScriptedServices;
  let services: Services;

  beforeEach(() => {
    scripted = new ScriptedServices();
    const logger = createLogger({ name: 't', level: 'fatal' });
    services = new Services(scripted, servicesOptions, logger, actorsOnStage);
  });
  afterEach(() => services.close());

  const read = () => services.query(ReadWallet, { userId: 7 }, origin);
  const charge = () => services.request(ChargeWallet, { userId: 7, amountKrw: 1 }, change);
  const pay = () =>
    services.request(
      RequestPayment,
      { userId: 7, reservationId: 30, expectedAmountKrw: null, entryId: 70, roomId: 'default' },
      change,
      'waiting',
    );
  const failWith = (error: Error) => {
    const fail = () => {
      throw error;
    };
    scripted.on(ReadWallet, fail).on(ChargeWallet, fail).on(RequestPayment, fail);
  };
  /** How each of many calls, one after the other, ended. */
  async function namesOf(call: () => Promise<unknown>): Promise<string[]> {
    const names: string[] = [];
    for (let count = 0; count < CALLS; count += 1) {
      names.push(
        await call().then(
          () => 'answered',
          (error: unknown) => (error instanceof Error ? error.name : String(error)),
        ),
      );
    }
    return names;
  }

  it('gives each kind of call its deadline and the ids of the request', async () => {
    await Promise.all([read(), charge(), pay()]);
    const options = scripted.asked.map((question) => question.options);
    expect(options.map(({ timeoutMs }) => timeoutMs)).toEqual([1_000, 2_000, 3_000]);
    expect(options[0]).toMatchObject({ correlationId: 'r-1', traceparent: 't-1' });
    expect(options[1]).toMatchObject({ messageId: change.messageId, fingerprint: 'f' });
  });

  it('says who calls, in words the service can check, and nothing when nobody is known', async () => {
    const identity = { userId: 7, roles: ['operator'] as const };
    await services.query(ReadWallet, { userId: 7 }, { ...origin, identity });
    await services.request(ChargeWallet, { userId: 7, amountKrw: 1 }, { ...change, identity });
    await read();
    const actors = scripted.asked.map(({ options }) => options.actor);
    const said = actorsOnStage.sign(identity);
    expect(actors).toEqual([said, said, undefined]);
  });

  it('throws a refusal with its facts', async () => {
    scripted.on(ReadWallet, () => refused('WALLET_USER_NOT_FOUND', { userId: 7 }));
    await expect(read()).rejects.toEqual(new RefusalError('WALLET_USER_NOT_FOUND', { userId: 7 }));
  });

  it('calls a read that was not answered unavailable, and a change unknown', async () => {
    failWith(new OutcomeUnknownError('wallet', 'late'));
    await expect(read()).rejects.toBeInstanceOf(ServiceUnavailableError);
    await expect(charge()).rejects.toBeInstanceOf(OutcomeUnknownError);
  });

  it('stops asking a service that is away', async () => {
    failWith(new ServiceUnavailableError('wallet', 'away'));
    expect(new Set(await namesOf(read))).toEqual(new Set(['ServiceUnavailableError']));
    expect(scripted.asked.length).toBeLessThan(CALLS);
  });

  it.each([
    new ServiceFaultError('wallet', 'a bug'),
    new KeyReusedError('m'),
    new ForbiddenActorError('wallet', 'not yours'),
    new InProgressError('m'),
  ])('goes on asking a service that answers with %s', async (error) => {
    failWith(error);
    await namesOf(charge);
    expect(scripted.asked).toHaveLength(CALLS);
  });

  it('goes on asking a service that refuses', async () => {
    scripted.on(ReadWallet, () => refused('WALLET_USER_NOT_FOUND'));
    await namesOf(read);
    expect(scripted.asked).toHaveLength(CALLS);
  });

  it('takes payments that wait long for no sign of a failing service', async () => {
    failWith(new OutcomeUnknownError('payment', 'late'));
    await namesOf(pay);
    expect(scripted.of(RequestPayment)).toHaveLength(CALLS);
  });

  it('refuses at once what is more than a service may be asked at the same time', async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    scripted.on(ReadWallet, async () => {
      await opened;
      return accepted({ userId: 7, balanceKrw: 0 });
    });
    const running = [read(), read(), read()];
    await expect(read()).rejects.toBeInstanceOf(ServiceUnavailableError);
    // Payments are asked for in a lane of their own, whatever reads are doing.
    expect((await pay()).value).toEqual(payment());
    open();
    expect(await Promise.all(running)).toHaveLength(3);
  });

  it('recalls the answer to a request, and makes no change', async () => {
    const { value } = await charge();
    expect(await services.recall(ChargeWallet, change)).toEqual({ value, replayed: true });
    expect(scripted.of(ChargeWallet)).toHaveLength(1);
  });

  it('recalls a refusal as a refusal and nothing of what was never asked', async () => {
    expect(await services.recall(ChargeWallet, change)).toBeUndefined();
    scripted.on(ChargeWallet, () => refused('WALLET_CAP_REACHED'));
    await expect(charge()).rejects.toBeInstanceOf(RefusalError);
    await expect(services.recall(ChargeWallet, change)).rejects.toBeInstanceOf(RefusalError);
  });

  it('recalls nothing to who asks something else under the same id', async () => {
    await charge();
    const other = { ...change, fingerprint: 'g' };
    await expect(services.recall(ChargeWallet, other)).rejects.toBeInstanceOf(KeyReusedError);
  });
});
