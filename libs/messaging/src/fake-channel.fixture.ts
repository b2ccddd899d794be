import { EventEmitter } from 'node:events';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import type { WireMessage } from './envelope.js';

/** A channel whose broker falls silent at the end: closing it is never answered. */
export class SilentChannel extends EventEmitter {
  /** Bindings taken away. */
  readonly unbound: string[][] = [];
  /** Tags, counted from 1 in the order of delivery; `up to 3` for an ack of everything before. */
  readonly acked: string[] = [];
  #delivered = 0;
  #deliver: (raw: ConsumeMessage) => void = () => undefined;

  prefetch = async () => undefined;
  assertExchange = async () => undefined;
  assertQueue = async () => undefined;
  bindQueue = async () => undefined;
  unbindQueue = async (...binding: string[]) => void this.unbound.push(binding);
  cancel = async () => undefined;
  ack = ({ fields }: ConsumeMessage, withEarlier: boolean) => {
    this.acked.push(`${withEarlier ? 'up to ' : ''}${fields.deliveryTag}`);
  };
  consume = async (_queue: string, deliver: (raw: ConsumeMessage) => void) => {
    this.#deliver = deliver;
    return { consumerTag: 'tag' };
  };

  deliver(message: WireMessage): void {
    const content = Buffer.from(JSON.stringify({ v: 1, messages: [message] }));
    this.#delivered += 1;
    const fields = { deliveryTag: this.#delivered };
    this.#deliver({ content, fields, properties: {} } as ConsumeMessage);
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
