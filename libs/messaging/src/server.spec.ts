import { event } from '@encore/contracts';
import { eventually } from '@encore/testing';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { BatchProcessor } from './batch-processor.js';
import { connectionWith, SilentChannel } from './fake-channel.fixture.js';
import { silentLogger } from './logger.js';
import { messageIdOf } from './message-id.js';
import { silentObserver } from './observer.js';
import { DEFAULT_LIMITS } from './options.js';
import { MessagingServer } from './server.js';
import { Topology } from './topology.js';
import { Underway } from './underway.js';

const contract = event('concert', 'SchedulePublished', { summary: 'For tests.', payload: z.any() });

/** The reservation service, which listened to rumours in an earlier version. */
async function openServer() {
  const channel = new SilentChannel();
  const rejected: string[] = [];
  const dropped: string[] = [];
  const server = new MessagingServer({
    service: 'reservation',
    connection: connectionWith(channel),
    topology: new Topology({
      prefix: '',
      retryDelaysMs: [],
      formerSubscriptions: { reservation: ['concert.rumour'] },
    }),
    processor: {
      reject: async ({ message }: { message: { type: string } }) => {
        rejected.push(message.type);
      },
    } as unknown as BatchProcessor,
    limits: DEFAULT_LIMITS,
    logger: silentLogger,
    observer: { ...silentObserver, unsubscribedDropped: (type) => void dropped.push(type) },
    actors: { verify: () => undefined },
    underway: new Underway(),
    giveUp: new AbortController(),
  });
  const extras = { role: 'listens', each: false, contract };
  server.addHandler(contract.wireName, async () => undefined, false, extras);
  server.listen(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.notConsuming()).toEqual([]);
  const deliver = (type: string) => {
    const headers = { correlationId: 'test', sentAt: 1, attempt: 1 };
    channel.deliver({ id: messageIdOf('test', type), type, body: {}, headers });
  };
  return { channel, deliver, rejected, dropped };
}

describe('an event a service is not subscribed to any more', () => {
  it('is unbound from its queue', async () => {
    const { channel } = await openServer();
    expect(channel.unbound).toEqual([['reservation.events', 'encore.events', 'concert.rumour']]);
  });

  it('is dropped and counted when it still comes, and climbs no ladder', async () => {
    const { channel, deliver, dropped, rejected } = await openServer();
    deliver('concert.rumour');
    expect(dropped).toEqual(['concert.rumour']);
    expect(rejected).toEqual([]);
    await eventually(() => expect(channel.acked).toEqual(['up to 1']));
  });
});

describe('an event this version knows nothing of', () => {
  it('climbs the ladder, because a newer version may have subscribed to it', async () => {
    const { channel, deliver, dropped, rejected } = await openServer();
    deliver('concert.news');
    expect(dropped).toEqual([]);
    expect(rejected).toEqual(['concert.news']);
    deliver('concert.rumour');
    await eventually(() => expect(channel.acked).toEqual(['2']));
  });
});
