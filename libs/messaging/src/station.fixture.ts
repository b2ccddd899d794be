import { command, event, query, request, type ServiceName } from '@encore/contracts';
import { statement, type Database, type Queryable } from '@encore/database';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { testBroker, testDatabase, type TestBroker, type TestDatabase } from '@encore/testing';
import { type INestMicroservice, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import type { ActorVerifier, EnvelopeVoucher } from './actor.js';
import type { ServiceClient } from './client.js';
import type { Logger } from './logger.js';
import { Messaging } from './messaging.js';
import { messagingMigrations } from './migrations.js';
import type { MessagingObserver } from './observer.js';
import type { MessagingLimits } from './options.js';

/** The messages the transport's own tests are written in. */
const payload = z.object({ what: z.string().min(1) });
const reply = z.object({ done: z.string() });
const askable = {
  summary: 'For tests.',
  payload,
  reply,
  refusals: ['WALLET_NOT_WILLING'],
} as const;
const ofAnyone = { ...askable, actor: 'anyone' } as const;
export const Do = request('wallet', 'Do', ofAnyone);
export const DoEach = request('wallet', 'DoEach', ofAnyone);
export const DoAnew = request('wallet', 'DoAnew', ofAnyone);
export const Later = request('wallet', 'Later', ofAnyone);
export const Look = query('wallet', 'Look', ofAnyone);
export const LookEach = query('wallet', 'LookEach', ofAnyone);
export const Order = command('wallet', 'Order', askable);
export const Unheard = command('wallet', 'Unheard', askable);
/** Has the wire name of a real event, because queues are bound to those. */
export const Happened = event('concert', 'SchedulePublished', { summary: 'For tests.', payload });
export const Rumour = event('concert', 'Rumour', { summary: 'Nobody subscribed.', payload });

/** Short waits, so that a whole ladder is climbed within a test. */
const LIMITS: Partial<MessagingLimits> = {
  reconnectFirstMs: 20,
  reconnectMaxMs: 100,
  holdFirstMs: 20,
  holdMaxMs: 100,
  publishTimeoutMs: 5_000,
  outboxSweepAfterMs: 0,
  retryDelaysMs: [30, 60],
  maxAttempts: 3,
};

export interface Observed {
  readonly counts: Map<string, number>;
  readonly batches: { type: string; size: number; outcome: string }[];
  count(what: string): number;
}

export interface Station {
  readonly messaging: Messaging;
  readonly client: ServiceClient;
  readonly observed: Observed;
  readonly log: string[];
  close(): Promise<void>;
}

/** A process of a service: its transport and its handlers, without the service kit. */
export async function openStation(options: {
  service: ServiceName | 'api-gateway';
  url: string;
  prefix: string;
  database?: Database;
  controllers?: Type[];
  limits?: Partial<MessagingLimits>;
  actors?: ActorVerifier;
  voucher?: EnvelopeVoucher;
}): Promise<Station> {
  const { observed, observer } = observing();
  const log: string[] = [];
  const messaging = Messaging.open({
    url: options.url,
    service: options.service,
    prefix: options.prefix,
    observer,
    logger: loggingTo(log),
    limits: { ...LIMITS, ...options.limits },
    ...(options.database === undefined ? {} : { database: options.database }),
    ...(options.actors === undefined ? {} : { actors: options.actors }),
    ...(options.voucher === undefined ? {} : { voucher: options.voucher }),
  });
  const application =
    options.controllers === undefined ? undefined : await serve(messaging, options.controllers);
  // Asked for before waiting, so that being ready includes being able to ask.
  const { client } = messaging;
  await messaging.ready(20_000);
  return {
    messaging,
    client,
    observed,
    log,
    async close() {
      await application?.close();
      await messaging.close();
    },
  };
}

@Module({})
class StationModule {}

async function serve(messaging: Messaging, controllers: Type[]): Promise<INestMicroservice> {
  try {
    const application = await NestFactory.createMicroservice(
      { module: StationModule, controllers },
      { strategy: messaging.server, logger: false, abortOnError: false },
    );
    await application.listen();
    return application;
  } catch (error) {
    await messaging.close();
    throw error;
  }
}

function observing(): { observed: Observed; observer: MessagingObserver } {
  const counts = new Map<string, number>();
  const batches: Observed['batches'] = [];
  const add = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const observer: MessagingObserver = {
    batchHandled: ({ type, size, outcome }) => void batches.push({ type, size, outcome }),
    storedReplySent: () => add('stored reply'),
    messageRetried: () => add('retried'),
    messageParked: () => add('parked'),
    expiredDropped: () => add('expired'),
    unsubscribedDropped: () => add('unsubscribed'),
    envelopePublished: () => add('published'),
    envelopeReturned: () => add('returned'),
    answerUndeliverable: () => add('undeliverable'),
    reconnected: () => add('reconnected'),
    channelReopened: () => add('channel reopened'),
  };
  return { observed: { counts, batches, count: (what) => counts.get(what) ?? 0 }, observer };
}

function loggingTo(lines: string[]): Logger {
  const write = (level: string) => (facts: object, text: string) => {
    const error: unknown = 'err' in facts ? facts.err : undefined;
    lines.push(`${level}: ${text}${error instanceof Error ? ` (${error.message})` : ''}`);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

const recordEffect = statement(
  'test-record-effect',
  'insert into effects (message_id, what) select * from unnest($1::uuid[], $2::text[])',
);
const listEffects = statement('test-list-effects', 'select what from effects order by effect_id');

export async function record(
  on: Queryable,
  messages: readonly { id: string; payload: { what: string } }[],
): Promise<void> {
  await on.query(recordEffect, [
    messages.map((message) => message.id),
    messages.map((message) => message.payload.what),
  ]);
}

/** What was done for good, in the order of doing. */
export async function effects(database: Database): Promise<string[]> {
  return (await database.query<{ what: string }>(listEffects)).map((row) => row.what);
}

export interface Ground {
  readonly broker: TestBroker;
  readonly store: TestDatabase;
  close(): Promise<void>;
}

/** A corner of the broker and a database with the transport's tables and `effects`. */
export async function openGround(): Promise<Ground> {
  const store = await testDatabase({
    service: 'messaging',
    migrations: [messagingMigrations, new URL('./test-migrations', import.meta.url)],
  });
  const broker = testBroker();
  return {
    broker,
    store,
    async close() {
      await broker.cleanup();
      await store.drop();
    },
  };
}

/** Something to wait for that the test lets happen. */
export function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Runs once, at the next of these instants in the life of a batch. */
export function atNext(moment: 'received' | 'committed' | 'published', act: () => void): void {
  const name = `encore.transport.${moment}`;
  const once = () => {
    unsubscribe(name, once);
    act();
  };
  subscribe(name, once);
}

/** A wire to the broker that can be cut: every connection through it ends without a goodbye. */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #broken = false;

  private constructor(readonly target: URL) {
    this.#server = createServer((socket) => this.#join(socket));
  }

  static async to(url: string): Promise<Wire> {
    const wire = new Wire(new URL(url));
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get url(): string {
    const through = new URL(this.target);
    through.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return through.href;
  }

  /** Ends what is connected now; new connections pass. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends what is connected and lets nobody through until mended. */
  break(): void {
    this.#broken = true;
    this.cut();
  }

  mend(): void {
    this.#broken = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(socket: Socket): void {
    if (this.#broken) {
      socket.destroy();
      return;
    }
    const beyond = connect(Number(this.target.port || '5672'), this.target.hostname);
    for (const [one, other] of [
      [socket, beyond],
      [beyond, socket],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
