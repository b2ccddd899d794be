import { eventually, testBroker } from '@encore/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import type { Socket } from 'node:net';
import { BrokerConnection } from './connection.js';
import {
  InvalidMessageError,
  NotConnectedError,
  PublishRefusedError,
  UnconfirmedError,
  UnroutableError,
} from './errors.js';
import { silentLogger } from './logger.js';
import { silentObserver } from './observer.js';
import { DEFAULT_LIMITS } from './options.js';
import { Publisher, type Publication } from './publisher.js';
import { Wire } from './station.fixture.js';

const limits = {
  ...DEFAULT_LIMITS,
  reconnectFirstMs: 20,
  reconnectMaxMs: 100,
  publishTimeoutMs: 3_000,
  publishesInFlight: 10,
};
const { url, prefix } = testBroker();
const queue = `${prefix}published`;

let wire: Wire;
let connection: BrokerConnection;
let publisher: Publisher;
let other: ChannelModel;
let channel: Channel;

beforeAll(async () => {
  wire = await Wire.to(url);
  const settings = { limits, logger: silentLogger, observer: silentObserver };
  connection = new BrokerConnection({ url: wire.url, name: 'publisher test', ...settings });
  publisher = new Publisher(connection, settings);
  publisher.start();
  connection.start();
  other = await connect(url);
  channel = await other.createChannel();
  await eventually(() => expect(publisher.open).toBe(true));
});

beforeEach(async () => {
  await channel.deleteQueue(queue);
  await channel.assertQueue(queue, { durable: true });
});

afterAll(async () => {
  await channel.deleteQueue(queue);
  await other.close();
  await publisher.close();
  await connection.close();
  await wire.close();
});

function publication(text: string, changes: Partial<Publication> = {}): Publication {
  return {
    exchange: '',
    routingKey: queue,
    content: Buffer.from(text),
    persistent: true,
    mandatory: true,
    messages: 1,
    ...changes,
  };
}

async function drainQueue(): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) return texts;
    texts.push(message.content.toString());
  }
}

describe('publishing', () => {
  it('leaves with its head and its body in one piece', async () => {
    const { stream } = connection.model?.connection as unknown as { stream: Socket };
    const alone = jest.spyOn(stream, '_write');
    const together = jest.spyOn(stream as Required<Socket>, '_writev');
    await publisher.publish(publication('x'.repeat(10_000)));
    const heads = alone.mock.calls.filter(([piece]) => (piece as Buffer).includes(queue));
    expect(heads).toEqual([]);
    expect(together).toHaveBeenCalledTimes(1);
    jest.restoreAllMocks();
  });

  it('resolves when the broker has the message, and keeps the order beyond what may be in flight', async () => {
    const texts = Array.from({ length: 500 }, (_, number) => String(number));
    await Promise.all(texts.map((text) => publisher.publish(publication(text))));
    expect(await drainQueue()).toEqual(texts);
  });

  it('fails for exactly the messages no queue takes', async () => {
    const outcomes = await Promise.allSettled([
      publisher.publish(publication('one')),
      publisher.publish(publication('lost', { routingKey: `${prefix}nowhere` })),
      publisher.publish(publication('two')),
      publisher.publish(publication('shrug', { routingKey: `${prefix}nowhere`, mandatory: false })),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(UnroutableError) });
    expect(await drainQueue()).toEqual(['one', 'two']);
  });

  it('fails when a full queue rejects', async () => {
    await channel.deleteQueue(queue);
    await channel.assertQueue(queue, {
      durable: true,
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    });
    await publisher.publish(publication('fits'));
    await expect(publisher.publish(publication('too many'))).rejects.toThrow(PublishRefusedError);
  });

  it('calls invalid what AMQP cannot say, for that is so however often it is tried', async () => {
    const unspeakable = publication('unspeakable', { routingKey: 'x'.repeat(256) });
    await expect(publisher.publish(unspeakable)).rejects.toThrow(InvalidMessageError);
    await publisher.publish(publication('after'));
    expect(await drainQueue()).toEqual(['after']);
  });

  it('goes on after the broker closed the channel over a missing exchange', async () => {
    const astray = publication('astray', { exchange: `${prefix}missing` });
    await expect(publisher.publish(astray)).rejects.toThrow(UnconfirmedError);
    await publisher.publish(publication('after'));
    expect(await drainQueue()).toEqual(['after']);
  });

  it('says "unconfirmed" for what was in flight when the connection was cut, and goes on after', async () => {
    const outcomes = Promise.allSettled(
      Array.from({ length: 10 }, (_, number) => publisher.publish(publication(String(number)))),
    );
    wire.cut();
    const reasons = (await outcomes).flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toBeInstanceOf(UnconfirmedError);
    await publisher.publish(publication('after'));
  });

  it('waits for a connection no longer than the publish timeout', async () => {
    wire.break();
    await eventually(() => expect(publisher.open).toBe(false));
    await expect(publisher.publish(publication('waiting'))).rejects.toThrow(NotConnectedError);
    const patient = publisher.publish(publication('patient'));
    wire.mend();
    await patient;
    expect(await drainQueue()).toEqual(['patient']);
  });
});
