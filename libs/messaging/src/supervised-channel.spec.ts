import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connectionWith, SilentChannel } from './fake-channel.fixture.js';
import { silentLogger } from './logger.js';
import { silentObserver } from './observer.js';
import { DEFAULT_LIMITS } from './options.js';
import { plainChannel, SupervisedChannel } from './supervised-channel.js';

let channel: SilentChannel;
let supervised: SupervisedChannel;

beforeEach(async () => {
  jest.useFakeTimers();
  channel = new SilentChannel();
  supervised = new SupervisedChannel(connectionWith(channel), {
    name: 'test',
    create: plainChannel,
    setup: async () => undefined,
    limits: DEFAULT_LIMITS,
    logger: silentLogger,
    observer: silentObserver,
  });
  supervised.start();
  await supervised.whenOpen(1_000);
});

afterEach(() => {
  jest.useRealTimers();
});

function closing(): { readonly closed: () => boolean } {
  let isClosed = false;
  void supervised.close().then(() => (isClosed = true));
  return { closed: () => isClosed };
}

describe('closing a channel', () => {
  it('ends when its connection is lost before the broker has answered', async () => {
    const { closed } = closing();
    await jest.advanceTimersByTimeAsync(0);
    expect(closed()).toBe(false);
    channel.emit('close');
    await jest.advanceTimersByTimeAsync(0);
    expect(closed()).toBe(true);
  });

  it('ends when the broker never answers', async () => {
    const { closed } = closing();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(closed()).toBe(true);
  });
});
