import { describe, expect, it } from '@jest/globals';
import { CONTRACTS, SERVICES } from '@encore/contracts';
import { DEFAULT_LIMITS } from './options.js';
import { SUBSCRIPTIONS, Topology } from './topology.js';

const topology = new Topology({ prefix: '', retryDelaysMs: DEFAULT_LIMITS.retryDelaysMs });
const queues = [...topology.queues.values()];
const quorum = queues.filter((queue) => queue.arguments['x-queue-type'] === 'quorum');

describe('the topology', () => {
  it('gives every service its five queues and everybody one ladder of six levels', () => {
    const roles = ['requests', 'commands', 'replies', 'events', 'parked'];
    const expected = [
      ...SERVICES.flatMap((service) => roles.map((role) => `${service}.${role}`)),
      ...[1, 2, 3, 4, 5, 6].map((level) => `encore.retry.${level}`),
    ];
    expect(queues.map((queue) => queue.name).sort()).toEqual(expected.sort());
  });

  it('puts the prefix before every name', () => {
    const prefixed = new Topology({ prefix: 'p.', retryDelaysMs: [1] });
    const names = [...prefixed.queues.keys(), ...prefixed.exchanges.keys()];
    expect(names.filter((name) => !name.startsWith('p.'))).toEqual([]);
  });

  it('limits the length of every queue and rejects instead of dropping', () => {
    for (const queue of queues) {
      expect(queue.arguments['x-max-length']).toBeGreaterThan(0);
      expect(queue.arguments['x-overflow']).toBe('reject-publish');
    }
  });

  it('keeps requests in classic queues that forget them', () => {
    const requests = queues.filter((queue) => queue.role === 'requests');
    expect(requests).toHaveLength(SERVICES.length);
    for (const queue of requests) {
      expect(queue.arguments['x-queue-type']).toBeUndefined();
      expect(queue.arguments['x-message-ttl']).toBeGreaterThan(0);
    }
  });

  it('states a delivery limit on every quorum queue, because versions have different ones', () => {
    expect(quorum).toHaveLength(SERVICES.length * 4 + 6);
    for (const queue of quorum) expect(queue.arguments['x-delivery-limit']).toBeGreaterThan(20);
  });

  it('loses nothing on dead-lettering, and has the target declared first', () => {
    const dying = quorum.filter((queue) => 'x-dead-letter-exchange' in queue.arguments);
    expect(dying).toHaveLength(SERVICES.length * 3 + 6);
    for (const queue of dying) {
      expect(queue.arguments['x-dead-letter-strategy']).toBe('at-least-once');
      const exchange = queue.arguments['x-dead-letter-exchange'];
      const target = queue.arguments['x-dead-letter-routing-key'];
      if (exchange === '') expect(queue.needsQueues).toContain(target);
      else expect(queue.needsExchanges).toContain(exchange);
    }
  });

  it('brings a message from the ladder back to where it came from, and only there', () => {
    const durable = queues.filter((queue) =>
      ['commands', 'replies', 'events'].includes(queue.role),
    );
    for (const queue of durable) {
      const returns = queue.bindings.filter((bound) => bound.exchange === topology.retryReturn);
      expect(returns).toEqual([{ exchange: topology.retryReturn, routingKey: queue.name }]);
    }
  });

  it('has one delay per level, growing', () => {
    const delays = topology
      .retryQueues()
      .map((name) => topology.queues.get(name)?.arguments['x-message-ttl']);
    expect(delays).toEqual([1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000]);
  });

  it('never unbinds what a service is subscribed to again', () => {
    const again = new Topology({
      prefix: '',
      retryDelaysMs: [],
      formerSubscriptions: { reservation: ['concert.schedule-published', 'concert.rumour'] },
    });
    const { formerBindings } = again.queues.get('reservation.events') ?? {};
    expect(formerBindings).toEqual([{ exchange: again.events, routingKey: 'concert.rumour' }]);
    expect(again.wasUnsubscribed('reservation', 'concert.schedule-published')).toBe(false);
  });

  it('subscribes only to events that exist', () => {
    const events = CONTRACTS.filter(({ kind }) => kind === 'event').map(({ wireName }) => wireName);
    const subscribed = SERVICES.flatMap((service) => SUBSCRIPTIONS[service]);
    expect(subscribed.filter((type) => !events.includes(type))).toEqual([]);
    expect(topology.subscribersOf('concert.schedule-published')).toContain('reservation.events');
    expect(topology.subscribersOf('queue.entry-admitted')).toEqual([]);
  });
});
