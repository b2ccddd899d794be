import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@encore/contracts';
import { Database, migrate, pendingMigrations } from '@encore/database';
import { Messaging, messagingMigrations, type MessagingLimits } from '@encore/messaging';
import { type DynamicModule, type INestMicroservice, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { ActorAssertions } from './actor-assertions.js';
import { type CommonConfig, loadConfig } from './config.js';
import { createLogger, NestLogger } from './logging.js';
import { bringUp, createRuntime, exitWithProcess, type Runtime } from './runtime.js';
import { ServiceKit } from './service-kit.module.js';

export interface ServiceOptions {
  readonly name: ServiceName;
  /** The service's parts: handlers, repositories, sweepers. */
  readonly module: Type | DynamicModule;
  readonly config: CommonConfig;
  /** Directories of the tables this service needs; the transport's own come by themselves. */
  readonly migrations: readonly (URL | string)[];
  /** Where the transport's own are not right for it. */
  readonly limits?: Pick<Partial<MessagingLimits>, 'relayPauseMs'>;
}

/** A service that is up: what tests look into, and what its end closes. */
export interface OpenService {
  readonly application: INestMicroservice;
  readonly database: Database;
  readonly messaging: Messaging;
}

const READY_TRY_MS = 2_000;
const OUTBOX_SWEEP_EVERY_MS = 2_000;
const INBOX_PRUNE_EVERY_MS = 60_000;
/** What closing pools and ports needs after the transport has drained. */
const CLOSING_RESERVE_MS = 1_000;

/** The whole life of a service's process, from its configuration to its exit code. */
export async function startService(options: ServiceOptions): Promise<void> {
  const runtime = await createRuntime({ name: options.name, config: options.config });
  exitWithProcess(runtime, options.config);
  await bringUp(runtime, () => openService(runtime, options));
}

/**
 * Brings a service up in the order it needs: database, schema, then handlers and broker. Each is
 * waited for as long as it takes. What was opened is closed in reverse by `runtime.stop()`.
 */
export async function openService(runtime: Runtime, options: ServiceOptions): Promise<OpenService> {
  const { name, config } = options;
  const database = openDatabase(runtime, config);
  await awaitSchema(runtime, database, directoriesOf(options.migrations));

  const messaging = openMessaging(runtime, options, database);
  const application = await NestFactory.createMicroservice(
    rootModule(options, runtime, database, messaging),
    { strategy: messaging.server, logger: new NestLogger(runtime.logger), abortOnError: false },
  );
  runtime.onStop('message handling', () => application.close());
  await Promise.all([
    application.listen(),
    runtime.waitFor('the broker', () => messaging.ready(READY_TRY_MS)),
  ]);
  housekeeping(runtime, name, messaging);
  return { application, database, messaging };
}

function openDatabase(runtime: Runtime, config: CommonConfig): Database {
  const database = Database.open({
    url: config.DATABASE_URL,
    applicationName: `encore-${runtime.name}`,
    poolMax: config.DATABASE_POOL_MAX,
    statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
    lockTimeoutMs: config.DATABASE_LOCK_TIMEOUT_MS,
    connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
    onConnectionLost: (error) =>
      runtime.logger.warn({ reason: error.message }, 'an idle database connection was lost'),
  });
  runtime.onStop('database pool', () => database.close());
  runtime.readiness.require('database', () => database.ping());
  return database;
}

/** The schema must be at least what this code needs; once it is, it stays so. */
async function awaitSchema(
  runtime: Runtime,
  database: Database,
  directories: string[],
): Promise<void> {
  let current = false;
  const check = async () => {
    if (current) return;
    const pending = await pendingMigrations(database, directories);
    if (pending.length > 0)
      throw new Error(`${pending.length} migrations to come: ${pending[0]} …`);
    current = true;
  };
  runtime.readiness.require('schema', check);
  await runtime.waitFor('the database', () => database.ping());
  await runtime.waitFor('the schema', check);
}

function openMessaging(
  runtime: Runtime,
  { name, config, limits }: ServiceOptions,
  database: Database,
): Messaging {
  const messaging = Messaging.open({
    url: config.AMQP_URL,
    prefix: config.AMQP_PREFIX,
    service: name,
    database,
    logger: runtime.logger,
    observer: runtime.metrics,
    actors: new ActorAssertions(config.ACTOR_VERIFICATION_KEYS),
    limits: {
      ...limits,
      drainGraceMs: Math.max(config.SHUTDOWN_GRACE_MS - CLOSING_RESERVE_MS, 1),
    },
  });
  runtime.onStop('broker connections', () => messaging.close());
  runtime.readiness.require('broker', () => {
    const missing = messaging.waitingFor();
    if (missing.length > 0) throw new Error(missing.join(', '));
  });
  return messaging;
}

/** What every service does now and then, and what its metrics read. */
function housekeeping(runtime: Runtime, name: ServiceName, messaging: Messaging): void {
  const { outbox, inbox, inspector } = messaging;
  runtime.periodicWork.runPeriodically({
    name: 'sweep-outbox',
    everyMs: OUTBOX_SWEEP_EVERY_MS,
    work: async () => {
      await outbox.sweep();
    },
  });
  runtime.periodicWork.runPeriodically({
    name: 'prune-inbox',
    everyMs: INBOX_PRUNE_EVERY_MS,
    work: async () => {
      await inbox.prune();
    },
  });
  runtime.metrics.watchOutbox(() => outbox.oldestAgeSeconds());
  inspector.start();
  runtime.metrics.watchQueues(async () => {
    const queues = await inspector.inspect();
    return queues.filter(({ queue }) => queue.includes(`${name}.`));
  });
}

@Module({})
class ServiceRoot {}

function rootModule(
  options: ServiceOptions,
  runtime: Runtime,
  database: Database,
  messaging: Messaging,
): DynamicModule {
  const { name, config } = options;
  const kit = ServiceKit.with({
    name,
    version: config.SERVICE_VERSION,
    runtime,
    database,
    messaging,
  });
  return { module: ServiceRoot, imports: [kit, options.module] };
}

const migrationConfig = z.object({
  MIGRATION_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
});

/** Brings a service's schema up to date, as the role that owns it, and ends: its `migrate.ts`. */
export async function migrateService(
  options: Pick<ServiceOptions, 'name' | 'migrations'>,
): Promise<void> {
  const config = loadConfig(migrationConfig);
  const logger = createLogger({ name: options.name, level: config.LOG_LEVEL });
  const done = await migrate({
    url: config.MIGRATION_DATABASE_URL,
    directories: directoriesOf(options.migrations),
  });
  logger.info({ migrations: done }, `${options.name}'s schema is current`);
}

/** Directories as paths, the transport's tables first: every service has them. */
function directoriesOf(migrations: readonly (URL | string)[]): string[] {
  const own = migrations.map((one) => (typeof one === 'string' ? one : fileURLToPath(one)));
  return [messagingMigrations, ...own.filter((one) => one !== messagingMigrations)];
}
