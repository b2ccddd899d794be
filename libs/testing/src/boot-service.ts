import { randomUUID } from 'node:crypto';
import type { Contract, Outcome, PayloadOf, ServiceName } from '@encore/contracts';
import type { Database } from '@encore/database';
import {
  type Actor,
  type Answer,
  type CommandSender,
  messagingMigrations,
  type ServiceClient,
} from '@encore/messaging';
import {
  commonConfig,
  createRuntime,
  openService,
  parseConfig,
  type OpenService,
  type Runtime,
} from '@encore/service-kit';
import type { DynamicModule, Type } from '@nestjs/common';
import { z } from 'zod';
import { testActors } from './actors.js';
import { testBroker, type TestBroker } from './broker.js';
import { CallerModule, Replies } from './caller.js';
import { testDatabase, type TestDatabase } from './database.js';

const ANSWER_TIMEOUT_MS = 15_000;
const commonSchema = z.object(commonConfig);

type Question = Contract<'request' | 'query'>;

export interface BootedService {
  /** The service's database, as the service may use it. */
  readonly database: Database;
  /** The same database as the superuser. */
  readonly adminUrl: string;
  readonly broker: TestBroker;
  /** What another service would talk to it with; `replies` has what came back for `sender`. */
  readonly client: ServiceClient;
  readonly sender: CommandSender;
  readonly replies: Replies;
  /**
   * Asks like a gateway, for the one whose word the contract asks for unless `as` says for whom.
   * The same `messageId` is the same request.
   */
  ask<C extends Question>(
    contract: C,
    payload: z.input<C['payload']>,
    options?: { messageId?: string; timeoutMs?: number; as?: Actor },
  ): Promise<Answer<C>>;
  /** Sends a durable command like a saga and waits for its reply. */
  order<C extends Contract<'command'>>(
    contract: C,
    payload: PayloadOf<C>,
    options?: { id?: string },
  ): Promise<Outcome<C>>;
  /** Stops the service in order and starts it again, on the same database and broker. */
  restart(): Promise<void>;
  /** Ends everything and leaves neither database nor queue behind. */
  close(): Promise<void>;
}

/**
 * The service in this process, on a real broker and database, and beside it a second one that plays
 * the rest of the system: it asks, sends commands and collects the replies.
 */
export async function bootService(options: {
  name: ServiceName;
  module: Type | DynamicModule;
  migrations: readonly (string | URL)[];
  /** Controllers with what the service asks of others. */
  othersAnswer?: readonly Type[];
}): Promise<BootedService> {
  const broker = testBroker();
  const callerName: ServiceName = options.name === 'payment' ? 'queue' : 'payment';
  const [own, callers] = await Promise.all([
    testDatabase({
      service: options.name,
      migrations: [messagingMigrations, ...options.migrations],
    }),
    testDatabase({ service: 'caller', migrations: [messagingMigrations] }),
  ]);
  const replies = new Replies();
  const callerModule = CallerModule.with(replies, options.othersAnswer);
  const callerOptions = { name: callerName, module: callerModule, migrations: [] };
  const [first, caller] = await Promise.all([
    start(options, own, broker),
    start(callerOptions, callers, broker),
  ]);
  let service = first;
  return {
    database: own.database,
    adminUrl: own.adminUrl,
    broker,
    client: caller.messaging.client,
    sender: caller.messaging.commands,
    replies,
    ask: (contract, payload, { messageId, timeoutMs = ANSWER_TIMEOUT_MS, as } = {}) =>
      caller.messaging.client.ask(contract, payload, {
        timeoutMs,
        correlationId: 'test',
        actor: as === undefined ? testActors.signFor(contract, payload) : testActors.sign(as),
        ...(messageId === undefined ? {} : { messageId }),
      }),
    order: (contract, payload, { id = randomUUID() } = {}) =>
      order(caller.messaging.commands, replies, { id, contract, payload, correlationId: 'test' }),
    async restart() {
      await service.runtime.stop();
      service = await start(options, own, broker);
    },
    async close() {
      await caller.runtime.stop();
      await service.runtime.stop();
      await broker.cleanup();
      await Promise.all([own.drop(), callers.drop()]);
    },
  };
}

async function order<C extends Contract<'command'>>(
  sender: CommandSender,
  replies: Replies,
  command: { id: string; contract: C; payload: PayloadOf<C>; correlationId: string },
): Promise<Outcome<C>> {
  const { length } = replies.to(command.id);
  await sender.send([command]);
  const reply = await replies.next(command.id, length);
  return reply.outcome as Outcome<C>;
}

async function start(
  options: {
    name: ServiceName;
    module: Type | DynamicModule;
    migrations: readonly (string | URL)[];
  },
  { url }: TestDatabase,
  broker: TestBroker,
): Promise<OpenService & { runtime: Runtime }> {
  const config = parseConfig(commonSchema, {
    NODE_ENV: 'test',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal',
    AMQP_URL: broker.url,
    AMQP_PREFIX: broker.prefix,
    DATABASE_URL: url,
    ...testActors.environment,
  });
  const runtime = await createRuntime({ name: options.name, config });
  const opened = await openService(runtime, { ...options, config });
  runtime.started();
  return { ...opened, runtime };
}
