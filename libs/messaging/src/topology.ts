import { SERVICES, type ServiceName } from '@encore/contracts';

/** What a queue of a service is for. */
export const QUEUE_ROLES = ['requests', 'commands', 'replies', 'events', 'parked'] as const;
export type QueueRole = (typeof QUEUE_ROLES)[number];

/**
 * Which events each service keeps a place for. Announcers declare these queues too: an event waits
 * for a service that has never been started.
 */
export const SUBSCRIPTIONS: Readonly<Record<ServiceName, readonly string[]>> = {
  queue: ['reservation.seats-changed', 'concert.schedule-published'],
  concert: ['reservation.seats-changed'],
  reservation: ['concert.schedule-published'],
  wallet: [],
  payment: [],
};

export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout';
}

export interface QueueDeclaration {
  readonly name: string;
  readonly role: QueueRole | 'retry';
  readonly service: ServiceName | null;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly bindings: readonly { readonly exchange: string; readonly routingKey: string }[];
  /** Queues and exchanges that must be there first, because this one dead-letters into them. */
  readonly needsQueues: readonly string[];
  readonly needsExchanges: readonly string[];
}

/** Past this many requests waiting, more would only be answered after their callers gave up. */
const REQUESTS_MAX_LENGTH = 20_000;
/** Longer than any caller waits; the deadline of each request is exact, this only cleans up. */
const REQUESTS_TTL_MS = 30_000;
const DURABLE_MAX_LENGTH = 2_000_000;
/**
 * A crash counts once for everything unacked, and rolling deploys are crashes to the broker: the
 * transport's own attempt header decides long before. This only stops what kills every process.
 */
const DELIVERY_LIMIT = 200;
/** Looking at a queue's head counts as a delivery on RabbitMQ up to 4.2. */
const DELIVERY_LIMIT_OF_PEEKED = 1_000_000_000;

export interface TopologySettings {
  readonly prefix: string;
  readonly retryDelaysMs: readonly number[];
}

/**
 * Every exchange and queue there is, as data. Works alike on RabbitMQ 3.10 and 4.x, without
 * plugins.
 */
export class Topology {
  readonly events: string;
  readonly beacons: string;
  readonly retryReturn: string;
  /** The exchange of each level of the ladder, first level first. */
  readonly retryLevels: readonly string[];
  readonly exchanges: ReadonlyMap<string, ExchangeDeclaration>;
  readonly queues: ReadonlyMap<string, QueueDeclaration>;
  readonly #prefix: string;

  constructor(settings: TopologySettings) {
    this.#prefix = settings.prefix;
    this.events = `${settings.prefix}encore.events`;
    this.beacons = `${settings.prefix}encore.beacons`;
    this.retryReturn = `${settings.prefix}encore.retry-return`;
    this.retryLevels = settings.retryDelaysMs.map(
      (_delay, index) => `${settings.prefix}encore.retry.${index + 1}`,
    );
    this.exchanges = byName([
      { name: this.events, type: 'topic' },
      { name: this.beacons, type: 'fanout' },
      { name: this.retryReturn, type: 'direct' },
      // A fanout keeps the routing key, which says where the message belongs when its time is up.
      ...this.retryLevels.map((name) => ({ name, type: 'fanout' as const })),
    ]);
    this.queues = byName([
      ...SERVICES.flatMap((service) => this.#queuesOf(service)),
      ...settings.retryDelaysMs.map((delayMs, index) => this.#retryQueue(index, delayMs)),
    ]);
  }

  queueOf(service: string, role: QueueRole): string {
    return `${this.#prefix}${service}.${role}`;
  }

  answersQueueOf(instance: string): string {
    return `${this.#prefix}answers.${instance}`;
  }

  broadcastQueueOf(instance: string): string {
    return `${this.#prefix}broadcast.${instance}`;
  }

  beaconQueueOf(instance: string): string {
    return `${this.#prefix}beacons.${instance}`;
  }

  /** The durable queues an event goes to. */
  subscribersOf(eventType: string): string[] {
    return SERVICES.filter((service) => SUBSCRIPTIONS[service].includes(eventType)).map((service) =>
      this.queueOf(service, 'events'),
    );
  }

  retryQueues(): string[] {
    return [...this.retryLevels];
  }

  #queuesOf(service: ServiceName): QueueDeclaration[] {
    const subscriptions = SUBSCRIPTIONS[service].map((routingKey) => ({
      exchange: this.events,
      routingKey,
    }));
    return [
      {
        name: this.queueOf(service, 'requests'),
        role: 'requests',
        service,
        arguments: {
          'x-message-ttl': REQUESTS_TTL_MS,
          'x-max-length': REQUESTS_MAX_LENGTH,
          'x-overflow': 'reject-publish',
        },
        bindings: [],
        needsQueues: [],
        needsExchanges: [],
      },
      this.#durableQueue(service, 'commands', []),
      this.#durableQueue(service, 'replies', []),
      this.#durableQueue(service, 'events', subscriptions),
      {
        name: this.queueOf(service, 'parked'),
        role: 'parked',
        service,
        arguments: {
          'x-queue-type': 'quorum',
          'x-delivery-limit': DELIVERY_LIMIT_OF_PEEKED,
          'x-max-length': DURABLE_MAX_LENGTH,
          'x-overflow': 'reject-publish',
        },
        bindings: [],
        needsQueues: [],
        needsExchanges: [],
      },
    ];
  }

  #durableQueue(
    service: ServiceName,
    role: 'commands' | 'replies' | 'events',
    bindings: QueueDeclaration['bindings'],
  ): QueueDeclaration {
    const name = this.queueOf(service, role);
    const parked = this.queueOf(service, 'parked');
    return {
      name,
      role,
      service,
      arguments: {
        'x-queue-type': 'quorum',
        'x-delivery-limit': DELIVERY_LIMIT,
        'x-max-length': DURABLE_MAX_LENGTH,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': parked,
        ...NOTHING_LOST_ON_DEAD_LETTERING,
      },
      bindings: [...bindings, { exchange: this.retryReturn, routingKey: name }],
      needsQueues: [parked],
      needsExchanges: [],
    };
  }

  #retryQueue(index: number, delayMs: number): QueueDeclaration {
    const name = `${this.#prefix}encore.retry.${index + 1}`;
    return {
      name,
      role: 'retry',
      service: null,
      arguments: {
        'x-queue-type': 'quorum',
        'x-delivery-limit': DELIVERY_LIMIT_OF_PEEKED,
        'x-max-length': DURABLE_MAX_LENGTH,
        'x-message-ttl': delayMs,
        'x-dead-letter-exchange': this.retryReturn,
        ...NOTHING_LOST_ON_DEAD_LETTERING,
      },
      bindings: [{ exchange: name, routingKey: '' }],
      needsQueues: [],
      needsExchanges: [this.retryReturn],
    };
  }
}

/**
 * Dead-lettering is at-most-once unless told otherwise, and that needs publishes to be rejected.
 */
const NOTHING_LOST_ON_DEAD_LETTERING = {
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const;

function byName<Declaration extends { readonly name: string }>(
  declarations: readonly Declaration[],
): ReadonlyMap<string, Declaration> {
  return new Map(declarations.map((declaration) => [declaration.name, declaration]));
}
