import type { BroadcastListener } from './broadcast.js';
import type { ServiceClient } from './client.js';
import type { CommandSender } from './command-sender.js';
import type { DeferredAnswers } from './deferred-answers.js';
import type { Inbox } from './inbox.js';
import type { MessagingOptions } from './options.js';
import type { Outbox } from './outbox.js';
import type { QueueInspector } from './queue-inspector.js';
import type { MessagingServer } from './server.js';

/**
 * Everything one process needs to talk: its connections and the parts built on them. Opens at once and
 * connects in the background, again and again. Parts are made when first asked for.
 */
export class Messaging {
  static open(_options: MessagingOptions): Messaging {
    throw new Error('not built yet');
  }
  get client(): ServiceClient {
    throw new Error('not built yet');
  }
  /** Without a database, the following five throw. */
  get commands(): CommandSender {
    throw new Error('not built yet');
  }
  get outbox(): Outbox {
    throw new Error('not built yet');
  }
  get inbox(): Inbox {
    throw new Error('not built yet');
  }
  get deferredAnswers(): DeferredAnswers {
    throw new Error('not built yet');
  }
  get server(): MessagingServer {
    throw new Error('not built yet');
  }
  get broadcasts(): BroadcastListener {
    throw new Error('not built yet');
  }
  get inspector(): QueueInspector {
    throw new Error('not built yet');
  }
  /** What is still missing before the parts in use can work; empty when everything is up. */
  waitingFor(): string[] {
    throw new Error('not built yet');
  }
  /** Resolves when `waitingFor` is empty; rejects after the time. */
  ready(_timeoutMs: number): Promise<void> {
    throw new Error('not built yet');
  }
  /** Drains the server if there is one, publishes what is left, closes the connections. */
  close(): Promise<void> {
    throw new Error('not built yet');
  }
}
