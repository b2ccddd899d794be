import type { Declarer } from './declaring.js';
import type { Logger } from './logger.js';
import type { Publisher } from './publisher.js';
import type { QueueConsumer } from './queue-consumer.js';
import type { Topology } from './topology.js';

/** What one instance says about the queues it consumes, every few seconds, to whoever listens. */
export interface Beacon {
  readonly instance: string;
  readonly at: number;
  readonly queues: readonly {
    readonly queue: string;
    readonly unacknowledged: number;
    /** When the oldest message in work was sent; null when there is none. */
    readonly oldestSentAt: number | null;
  }[];
}

export function isBeacon(value: unknown): value is Beacon {
  return (
    typeof value === 'object' &&
    value !== null &&
    'instance' in value &&
    typeof value.instance === 'string' &&
    'queues' in value &&
    Array.isArray(value.queues)
  );
}

export const BEACON_INTERVAL_MS = 2_000;

interface BeaconParts {
  readonly instance: string;
  readonly consumers: () => Iterable<QueueConsumer>;
  readonly publisher: Publisher;
  readonly declarer: Declarer;
  readonly topology: Topology;
  readonly logger: Logger;
}

/**
 * Nobody can ask the broker, without a plugin, how much is unacked and how old it is: so we say it.
 */
export class BeaconSender {
  readonly #parts: BeaconParts;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: BeaconParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#send(), BEACON_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #send(): Promise<void> {
    const { instance, consumers, publisher, declarer, topology, logger } = this.#parts;
    if (!publisher.open) return;
    const beacon: Beacon = {
      instance,
      at: Date.now(),
      queues: [...consumers()].map((consumer) => ({
        queue: consumer.queue,
        unacknowledged: consumer.unacknowledged,
        oldestSentAt: consumer.oldestSentAt ?? null,
      })),
    };
    try {
      await declarer.ensureExchanges([topology.beacons]);
      await publisher.publish({
        exchange: topology.beacons,
        routingKey: '',
        content: Buffer.from(JSON.stringify(beacon)),
        persistent: false,
        // Nobody has to be listening.
        mandatory: false,
        messages: 0,
      });
    } catch (error) {
      declarer.forget();
      logger.debug({ err: error }, 'a beacon was not sent; the next one says more anyway');
    }
  }
}
