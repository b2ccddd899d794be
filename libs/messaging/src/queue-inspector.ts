import type { Channel, ConsumeMessage } from 'amqplib';
import { BEACON_INTERVAL_MS, isBeacon, type Beacon } from './beacon.js';
import type { BrokerConnection } from './connection.js';
import { declareExchanges, type Declarer } from './declaring.js';
import { parkedMessages, Peeker, sentAtOf, type ParkedMessage } from './peeking.js';
import {
  plainChannel,
  SupervisedChannel,
  type ChannelSettings,
  type OpenChannel,
} from './supervised-channel.js';
import type { Topology } from './topology.js';

export interface QueueStatus {
  readonly queue: string;
  /** Envelopes ready to be handed out. */
  readonly depth: number;
  /** Envelopes handed out and not yet acked, as the consuming instances report. */
  readonly unacknowledged: number;
  readonly consumers: number;
  /** Age of the oldest message anybody knows of; null when the queue is empty or nobody knows. */
  readonly oldestAgeSeconds: number | null;
}

interface InspectorParts extends Pick<ChannelSettings<Channel>, 'limits' | 'logger' | 'observer'> {
  readonly instance: string;
  readonly connection: BrokerConnection;
  readonly declarer: Declarer;
  readonly topology: Topology;
}

/** An instance that was silent this long is gone, and what it held went back into its queues. */
const BEACON_VALID_MS = 3 * BEACON_INTERVAL_MS;
const BEACONS_MAX_INSTANCES = 1_000;

interface Head {
  depth: number;
  readonly sentAt: number | null;
  readonly lookAgainAt: number;
}

const LOOK_AGAIN_FIRST_MS = 5_000;
/** Each look waits this many times the age that was seen: about eight looks in a day. */
const LOOK_AGAIN_FACTOR = 3;

function lookAgainAfterMs(ageMs: number): number {
  return Math.max(LOOK_AGAIN_FIRST_MS, ageMs * LOOK_AGAIN_FACTOR);
}

/**
 * Without consumers only a shorter queue has another head. With consumers it may have moved on
 * whatever its length, unless they hang.
 */
function mayHaveMoved(
  seen: Head,
  { now, depth, consumers }: { now: number; depth: number; consumers: number },
): boolean {
  return consumers > 0 ? now >= seen.lookAgainAt : depth < seen.depth;
}

/**
 * Looks into every queue of the system without consuming anything and without a plugin of the
 * broker. Depth and consumers are the broker's; what is unacked and how old it is, the instances
 * tell.
 */
export class QueueInspector {
  readonly #parts: InspectorParts;
  readonly #beaconChannel: SupervisedChannel;
  readonly #checkChannel: SupervisedChannel;
  readonly #peeker: Peeker;
  readonly #beacons = new Map<string, { heardAt: number; beacon: Beacon }>();
  /** What was seen at the head of queues of which nobody reports any work. */
  readonly #heads = new Map<string, Head>();
  #inspecting: Promise<QueueStatus[]> | undefined;

  constructor(parts: InspectorParts) {
    this.#parts = parts;
    const { limits, logger, observer, connection } = parts;
    const settings = { limits, logger, observer, create: plainChannel };
    this.#beaconChannel = new SupervisedChannel(connection, {
      ...settings,
      name: 'hearing beacons',
      setup: (open) => this.#hearBeacons(open),
    });
    this.#checkChannel = new SupervisedChannel(connection, {
      ...settings,
      name: 'inspecting queues',
      setup: async () => undefined,
    });
    this.#peeker = new Peeker(connection, settings);
  }

  start(): void {
    this.#beaconChannel.start();
    this.#checkChannel.start();
    this.#peeker.start();
  }

  /** Every queue there is. Callers at the same time share one look. */
  async inspect(): Promise<QueueStatus[]> {
    this.#inspecting ??= this.#inspectAll().finally(() => (this.#inspecting = undefined));
    return this.#inspecting;
  }

  /** The oldest parked messages of a service, at most `limit`; they stay where they are. */
  async peekParked(service: string, limit: number): Promise<ParkedMessage[]> {
    const { topology, declarer } = this.#parts;
    const queue = topology.queueOf(service, 'parked');
    await declarer.ensureQueues([queue]);
    const envelopes = await this.#peeker.peek(queue, limit);
    return envelopes.flatMap((envelope) => parkedMessages(service, envelope)).slice(0, limit);
  }

  async close(): Promise<void> {
    const channels = [this.#beaconChannel, this.#checkChannel, this.#peeker];
    await Promise.all(channels.map((channel) => channel.close()));
  }

  async #inspectAll(): Promise<QueueStatus[]> {
    const { topology, declarer, limits } = this.#parts;
    const queues = [...topology.queues.keys()];
    // Asking for a queue that is not there would cost the channel.
    await declarer.ensureQueues(queues);
    const { channel } = await this.#checkChannel.whenOpen(limits.connectTimeoutMs);
    try {
      const statuses: QueueStatus[] = [];
      for (const queue of queues) statuses.push(await this.#inspectOne(channel, queue));
      return statuses;
    } catch (error) {
      declarer.forget();
      throw error;
    }
  }

  async #inspectOne(channel: Channel, queue: string): Promise<QueueStatus> {
    const { messageCount, consumerCount } = await channel.checkQueue(queue);
    const reported = this.#reported(queue);
    // What is in work will be gone from the head by the next time.
    if (reported.oldestSentAt !== null) this.#heads.delete(queue);
    const oldestSentAt =
      reported.oldestSentAt ?? (await this.#headOf(queue, messageCount, consumerCount));
    return {
      queue,
      depth: messageCount,
      unacknowledged: reported.unacknowledged,
      consumers: consumerCount,
      oldestAgeSeconds:
        oldestSentAt === null ? null : Math.max(0, (Date.now() - oldestSentAt) / 1_000),
    };
  }

  /** What is being worked on is older than what waits behind it. */
  #reported(queue: string): { unacknowledged: number; oldestSentAt: number | null } {
    const since = performance.now() - BEACON_VALID_MS;
    let unacknowledged = 0;
    let oldestSentAt: number | null = null;
    for (const [instance, { heardAt, beacon }] of this.#beacons) {
      if (heardAt < since) {
        this.#beacons.delete(instance);
        continue;
      }
      for (const told of beacon.queues) {
        if (told.queue !== queue) continue;
        unacknowledged += told.unacknowledged;
        if (told.oldestSentAt === null) continue;
        oldestSentAt = Math.min(oldestSentAt ?? told.oldestSentAt, told.oldestSentAt);
      }
    }
    return { unacknowledged, oldestSentAt };
  }

  /**
   * Looks seldom and remembers: each look counts as a delivery to the broker, and a message that
   * was delivered too often is parked.
   */
  async #headOf(queue: string, depth: number, consumers: number): Promise<number | null> {
    if (depth === 0) {
      this.#heads.delete(queue);
      return null;
    }
    const now = performance.now();
    const seen = this.#heads.get(queue);
    if (seen !== undefined && !mayHaveMoved(seen, { now, depth, consumers })) {
      seen.depth = depth;
      return seen.sentAt;
    }
    const [head] = await this.#peeker.peek(queue, 1);
    const sentAt = head === undefined ? null : sentAtOf(head);
    const ageMs = sentAt === null ? 0 : Math.max(0, Date.now() - sentAt);
    this.#heads.set(queue, { depth, sentAt, lookAgainAt: now + lookAgainAfterMs(ageMs) });
    return sentAt;
  }

  async #hearBeacons(open: OpenChannel): Promise<void> {
    const { topology, instance } = this.#parts;
    const { channel } = open;
    const queue = topology.beaconQueueOf(`${instance}.${open.epoch}`);
    await declareExchanges(channel, topology, [topology.beacons]);
    await channel.assertQueue(queue, {
      exclusive: true,
      autoDelete: true,
      durable: false,
      arguments: { 'x-max-length': BEACONS_MAX_INSTANCES },
    });
    await channel.bindQueue(queue, topology.beacons, '');
    await channel.consume(queue, (raw) => this.#hear(raw), { noAck: true });
  }

  #hear(raw: ConsumeMessage | null): void {
    if (raw === null) return;
    try {
      const beacon: unknown = JSON.parse(raw.content.toString('utf8'));
      if (!isBeacon(beacon)) return;
      if (this.#beacons.size >= BEACONS_MAX_INSTANCES && !this.#beacons.has(beacon.instance))
        return;
      this.#beacons.set(beacon.instance, { heardAt: performance.now(), beacon });
    } catch (error) {
      this.#parts.logger.debug({ err: error }, 'a beacon cannot be read');
    }
  }
}
