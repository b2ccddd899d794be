import { eventually, testBroker } from '@encore/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { BrokerConnection } from './connection.js';
import type { Delivery } from './delivery.js';
import { silentLogger } from './logger.js';
import { silentObserver } from './observer.js';
import { DEFAULT_LIMITS } from './options.js';
import { QueueConsumer } from './queue-consumer.js';
import { Wire } from './station.fixture.js';
import { Topology } from './topology.js';

const limits = {
  ...DEFAULT_LIMITS,
  reconnectFirstMs: 20,
  reconnectMaxMs: 100,
  retryDelaysMs: [50],
};

let broker: ReturnType<typeof testBroker>;
let wire: Wire;
let connection: BrokerConnection;
let consumer: QueueConsumer;
let other: ChannelModel;
let channel: Channel;
let deliveries: Delivery[];
let texts: string[];
let settleAtOnce: boolean;
/** Runs while the consumer declares its queue. */
let whileDeclaring: () => void;
let onDelivery: (delivery: Delivery) => void;

class WatchedTopology extends Topology {
  override retryQueues(): string[] {
    whileDeclaring();
    return super.retryQueues();
  }
}

beforeEach(async () => {
  broker = testBroker();
  wire = await Wire.to(broker.url);
  deliveries = [];
  texts = [];
  settleAtOnce = true;
  whileDeclaring = () => undefined;
  onDelivery = () => undefined;
  const settings = { limits, logger: silentLogger, observer: silentObserver };
  connection = new BrokerConnection({ url: wire.url, name: 'consumer test', ...settings });
  consumer = new QueueConsumer(connection, {
    ...settings,
    topology: new WatchedTopology({ prefix: broker.prefix, retryDelaysMs: limits.retryDelaysMs }),
    service: 'wallet',
    role: 'commands',
    prefetchEnvelopes: limits.prefetchEnvelopes,
    onDelivery: (delivery) => {
      deliveries.push(delivery);
      texts.push(delivery.content.toString());
      onDelivery(delivery);
      if (settleAtOnce) delivery.settleOne();
    },
  });
  consumer.start();
  connection.start();
  other = await connect(broker.url);
  channel = await other.createChannel();
  await eventually(() => expect(consumer.consuming).toBe(true));
});

afterEach(async () => {
  await consumer.close();
  await connection.close();
  await other.close();
  await wire.close();
  await broker.cleanup();
});

function put(text: string): void {
  channel.sendToQueue(consumer.queue, Buffer.from(text));
}

const arrived = (...expected: string[]) => eventually(() => expect(texts).toEqual(expected));
const depth = async () => (await channel.checkQueue(consumer.queue)).messageCount;

describe('a consumer', () => {
  it('goes on after the broker closed its channel', async () => {
    put('one');
    await arrived('one');
    // The consumer's own ack is the second, an offence for which the broker closes the channel.
    deliveries[0]?.ack();
    await eventually(() => expect(deliveries[0]?.stale).toBe(true));
    put('two');
    await arrived('one', 'two');
  });

  it('goes on after its connection was cut, and gets what was not acked again', async () => {
    settleAtOnce = false;
    put('one');
    await arrived('one');
    settleAtOnce = true;
    wire.cut();
    await arrived('one', 'one');
    put('two');
    await arrived('one', 'one', 'two');
  });

  it('never acks a delivery on another channel than it came on', async () => {
    settleAtOnce = false;
    put('one');
    await arrived('one');
    wire.cut();
    await arrived('one', 'one');
    // Both have the tag 1; were the old one acked now, the new one would be settled by mistake.
    deliveries[0]?.settleOne();
    expect(consumer.unacknowledged).toBe(1);
    put('two');
    await arrived('one', 'one', 'two');
    expect(consumer.consuming).toBe(true);
    settleAtOnce = true;
    wire.cut();
    await eventually(() => expect(texts.slice(3).sort()).toEqual(['one', 'two']));
  });

  it('declares its queue again when it was deleted, and consumes on', async () => {
    await channel.deleteQueue(consumer.queue);
    await eventually(async () => {
      const { consumerCount } = await other.createChannel().then(async (probe) => {
        // The probe dies when the queue is not there yet.
        probe.on('error', () => undefined);
        return probe.checkQueue(consumer.queue);
      });
      expect(consumerCount).toBe(1);
    });
    put('after');
    await arrived('after');
  });

  it('takes nothing new once it was told to stop, and keeps what it has until settled', async () => {
    settleAtOnce = false;
    put('one');
    await arrived('one');
    await consumer.stopTaking();
    put('two');
    await eventually(async () => expect(await depth()).toBe(1));
    expect(texts).toEqual(['one']);
    const idle = consumer.idle();
    deliveries[0]?.settleOne();
    await idle;
    expect(consumer.unacknowledged).toBe(0);
  });

  it('told to stop while its channel opens takes nothing at all', async () => {
    const stopped = new Promise<void>((resolve) => {
      whileDeclaring = () => resolve(consumer.stopTaking());
    });
    wire.cut();
    await stopped;
    put('one');
    await consumer.close();
    expect(texts).toEqual([]);
    expect(await depth()).toBe(1);
  });

  it('told to stop before the broker has confirmed that it consumes takes no more', async () => {
    settleAtOnce = false;
    put('one');
    await arrived('one');
    const stopped = new Promise<void>((resolve) => {
      onDelivery = () => resolve(consumer.stopTaking());
    });
    // What was not acked comes again together with the confirmation of the new consumer.
    wire.cut();
    await stopped;
    // The broker counts a consumer it has cancelled as long as that has something to ack.
    deliveries.at(-1)?.settleOne();
    await eventually(async () => {
      expect((await channel.checkQueue(consumer.queue)).consumerCount).toBe(0);
    });
  });
});
