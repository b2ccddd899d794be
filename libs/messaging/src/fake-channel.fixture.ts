import { EventEmitter } from 'node:events';
import type { Channel, ChannelModel } from 'amqplib';
import type { BrokerConnection } from './connection.js';

/** A channel whose broker falls silent at the end: closing it is never answered. */
export class SilentChannel extends EventEmitter {
  prefetch = async () => undefined;
  assertQueue = async () => undefined;
  consume = async () => ({ consumerTag: 'tag' });
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
