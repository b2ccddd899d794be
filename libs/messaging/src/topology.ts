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

/**
 * Which events a service was subscribed to in an earlier version. A broker keeps bindings until
 * somebody takes them away, and tells nobody which there are: so it is written here. They are
 * unbound wherever the queue is declared, and what still comes is dropped. An entry may go when no
 * version with that subscription runs any more. An event in neither table climbs the ladder: a
 * newer version may have subscribed to it.
 */
export const FORMER_SUBSCRIPTIONS: Subscriptions = {};

type Subscriptions = Readonly<Partial<Record<ServiceName, readonly string[]>>>;

export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout';
}

interface Binding {
  readonly exchange: string;
  readonly routingKey: string;
}

export interface QueueDeclaration {
  readonly name: string;
  readonly role: QueueRole | 'retry';
  readonly service: ServiceName | null;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly bindings: readonly Binding[];
  readonly formerBindings: readonly Binding[];
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
  /** Only tests say something else than `FORMER_SUBSCRIPTIONS`. */
  readonly formerSubscriptions?: Subscriptions;
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
  readonly #former: Subscriptions;

  constructor(settings: TopologySettings) {
    this.#prefix = settings.prefix;
    this.#former = settings.formerSubscriptions ?? FORMER_SUBSCRIPTIONS;
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

  /** Whether a service listened to an event in an earlier version, and does not any more. */
  wasUnsubscribed(service: string, eventType: string): boolean {
    const name = SERVICES.find((one) => one === service);
    return name !== undefined && this.#formerOf(name).includes(eventType);
  }

  retryQueues(): string[] {
    return [...this.retryLevels];
  }

  #formerOf(service: ServiceName): readonly string[] {
    const now = SUBSCRIPTIONS[service];
    return (this.#former[service] ?? []).filter((eventType) => !now.includes(eventType));
  }

  #queuesOf(service: ServiceName): QueueDeclaration[] {
    const toEvent = (routingKey: string) => ({ exchange: this.events, routingKey });
    const events = this.#durableQueue(service, 'events', SUBSCRIPTIONS[service].map(toEvent));
    const formerBindings = this.#formerOf(service).map(toEvent);
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
        formerBindings: [],
        needsQueues: [],
        needsExchanges: [],
      },
      this.#durableQueue(service, 'commands', []),
      this.#durableQueue(service, 'replies', []),
      { ...events, formerBindings },
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
        formerBindings: [],
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
      formerBindings: [],
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
      formerBindings: [],
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
