import { EventEmitter } from 'node:events';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import type { WireMessage } from './envelope.js';

/** A channel whose broker falls silent at the end: closing it is never answered. */
export class SilentChannel extends EventEmitter {
  /** Bindings taken away, and envelopes acked. */
  readonly unbound: string[][] = [];
  acked = 0;
  #deliver: (raw: ConsumeMessage) => void = () => undefined;

  prefetch = async () => undefined;
  assertExchange = async () => undefined;
  assertQueue = async () => undefined;
  bindQueue = async () => undefined;
  unbindQueue = async (...binding: string[]) => void this.unbound.push(binding);
  ack = () => void (this.acked += 1);
  consume = async (_queue: string, deliver: (raw: ConsumeMessage) => void) => {
    this.#deliver = deliver;
    return { consumerTag: 'tag' };
  };

  deliver(message: WireMessage): void {
    const content = Buffer.from(JSON.stringify({ v: 1, messages: [message] }));
    this.#deliver({ content, fields: {}, properties: {} } as ConsumeMessage);
  }

  close = () => new Promise<void>(() => undefined);
}

/** A connection with that one channel. */
export function connectionWith(channel: SilentChannel): BrokerConnection {
  const model = { createChannel: async () => channel as unknown as Channel };
  return {
    model: model as unknown as ChannelModel,
    accepting: true,
    onChange: () => undefined,
  } as unknown as BrokerConnection;
}
