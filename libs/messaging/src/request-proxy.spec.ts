import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { ConsumerWatch } from './consumer-watch.js';
import type { Declarer } from './declaring.js';
import { OutcomeUnknownError, ServiceUnavailableError } from './errors.js';
import { connectionWith, SilentChannel } from './fake-channel.fixture.js';
import { silentLogger } from './logger.js';
import { messageIdOf } from './message-id.js';
import { silentObserver } from './observer.js';
import { DEFAULT_LIMITS } from './options.js';
import type { Publisher } from './publisher.js';
import { RequestProxy, type Question } from './request-proxy.js';
import { Topology } from './topology.js';

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A proxy whose looks for consumers of the wallet never end; those of other services find one. */
async function openProxy() {
  const channel = new SilentChannel();
  channel.close = async () => void channel.emit('close');
  const proxy = new RequestProxy({
    instance: 'test',
    connection: connectionWith(channel),
    publisher: { open: true, publish: async () => undefined } as unknown as Publisher,
    declarer: {} as Declarer,
    watch: {
      consumersOf: (service: string) =>
        service === 'wallet' ? new Promise(() => undefined) : Promise.resolve(1),
    } as unknown as ConsumerWatch,
    topology: new Topology({ prefix: '', retryDelaysMs: [] }),
    limits: DEFAULT_LIMITS,
    logger: silentLogger,
    observer: silentObserver,
    voucher: undefined,
  });
  proxy.start();
  await turn();
  const ask = (service: string) => {
    const id = messageIdOf('test', service);
    const deadline = Date.now() + 3_600_000;
    const type = `${service}.do`;
    return firstValueFrom(
      proxy.send<unknown, Question>(type, {
        ...{ service, type, id, body: {}, correlationId: 'test', deadline },
      }),
    );
  };
  return { proxy, ask };
}

describe('a proxy that is closed', () => {
  it('tells every caller what became of its request', async () => {
    const { proxy, ask } = await openProxy();
    const unsent = expect(ask('wallet')).rejects.toThrow(ServiceUnavailableError);
    const sent = expect(ask('concert')).rejects.toThrow(OutcomeUnknownError);
    await turn();
    await proxy.close();
    await unsent;
    await sent;
  });
});
