import { randomUUID } from 'node:crypto';
import {
  accepted,
  CancelForRefund,
  ConfirmReservation,
  CreditRefund,
  DebitWallet,
  ExpireQueueEntry,
  MarkReservationRefunded,
  PinReservation,
  PinUnderLease,
  ReturnDebit,
  UnpinReservation,
  type Contract,
  type ReplyOf,
} from '@encore/contracts';
import { Messaging, messagingMigrations, type Answer, type ServiceClient } from '@encore/messaging';
import { foldLog, SagaReader, reasonOf } from '@encore/saga';
import { createRuntime, openService, parseConfig, type Runtime } from '@encore/service-kit';
import {
  eventually,
  testActors,
  testBroker,
  testDatabase,
  type TestBroker,
  type TestDatabase,
} from '@encore/testing';
import { expect } from '@jest/globals';
import type { z } from 'zod';
import { paymentConfig } from './config.js';
import { paymentMigrations } from './migrations.js';
import { PaymentModule } from './payment.module.js';
import { PlayedServices } from './played-services.fixture.js';

const READY_MS = 50_000;
const ANSWER_MS = 50_000;
const STARTS_AT = new Date(Date.now() + 10 * 24 * 3_600_000).toISOString();

export const USER = 7;
export const QUOTE: ReplyOf<typeof PinReservation> = {
  amountKrw: 30_000,
  scheduleId: 4,
  concertId: 1,
  startsAt: STARTS_AT,
  seats: [1, 2, 3].map((seatNumber) => ({ seatNumber, priceKrw: 10_000 })),
};

/** Asks again so late that no test sees it. */
export const PATIENT = { SAGA_ASK_AGAIN_AFTER_MS: '60000', SAGA_GIVE_UP_AFTER_MS: '120000' };

/** The payment service on a real broker and database, between a caller and played services. */
export class BootedPayment {
  readonly reader: SagaReader;
  private readonly client: ServiceClient;
  private runtime: Runtime | undefined;

  private constructor(
    readonly server: TestDatabase,
    readonly broker: TestBroker,
    readonly played: PlayedServices,
    private readonly caller: Messaging,
    private environment: Readonly<Record<string, string>>,
  ) {
    this.reader = new SagaReader(server.database);
    this.client = caller.client;
  }

  static async boot(environment: Readonly<Record<string, string>>): Promise<BootedPayment> {
    const broker = testBroker();
    const migrations = [messagingMigrations, ...paymentMigrations];
    const [server, played] = await Promise.all([
      testDatabase({ service: 'payment', migrations }),
      PlayedServices.open(broker),
    ]);
    const { url, prefix } = broker;
    const caller = Messaging.open({ url, prefix, service: 'api-gateway' });
    const booted = new BootedPayment(server, broker, played, caller, environment);
    booted.everybodySaysYes();
    await booted.start();
    await caller.ready(READY_MS);
    return booted;
  }

  everybodySaysYes(): void {
    const { played } = this;
    const wallet = { userId: USER, balanceKrw: 0 };
    played.on(PinUnderLease, () => accepted(QUOTE));
    played.on(PinReservation, () => accepted(QUOTE));
    played.on(UnpinReservation, () => accepted({}));
    played.on(DebitWallet, () => accepted(wallet));
    played.on(ReturnDebit, () => accepted({ returnedKrw: QUOTE.amountKrw }));
    played.on(ConfirmReservation, () => accepted({ confirmedAt: new Date().toISOString() }));
    played.on(ExpireQueueEntry, () => accepted({}));
    played.on(CancelForRefund, () => accepted({ amountKrw: 1, state: 'CANCELLED' }));
    played.on(CreditRefund, () => accepted(wallet));
    played.on(MarkReservationRefunded, () => accepted({}));
  }

  async start(environment = this.environment): Promise<void> {
    this.environment = environment;
    const config = parseConfig(paymentConfig, {
      NODE_ENV: 'test',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal',
      AMQP_URL: this.broker.url,
      AMQP_PREFIX: this.broker.prefix,
      DATABASE_URL: this.server.url,
      ...testActors.environment,
      SAGA_SWEEP_EVERY_MS: '25',
      ...this.environment,
    });
    const runtime = await createRuntime({ name: 'payment', config });
    await openService(runtime, {
      name: 'payment',
      module: PaymentModule.register(config),
      config,
      migrations: paymentMigrations,
    });
    runtime.started();
    this.runtime = runtime;
  }

  /** As if a payment had been asking in vain for an hour: it is to be given up at the next look. */
  async letAnHourPass(paymentId: number): Promise<void> {
    const { database } = this.server;
    const anHourEarlier = (column: string) => database.sql.raw(`${column} - interval '1 hour'`);
    const asked = database.sql('sagas').where({ payment_id: paymentId }).returning('id');
    void asked.update({
      first_asked_at: anHourEarlier('first_asked_at'),
      next_ask_at: anHourEarlier('next_ask_at'),
    });
    expect(await database.run(asked)).toHaveLength(1);
  }

  /**
   * Waits until the sweeper has run twice more. Runs never overlap, so the second one began after
   * this was called, and whatever an earlier one had decided is done.
   */
  async sweepsAgain(): Promise<void> {
    const before = await this.sweeps();
    await eventually(async () => {
      expect(await this.sweeps()).toBeGreaterThanOrEqual(before + 2);
    });
  }

  private async sweeps(): Promise<number> {
    const body = (await this.runtime?.metrics.registry.metrics()) ?? '';
    const counted = body.matchAll(/^encore_periodic_run_duration_seconds_count\{(.*)\} (\d+)$/gm);
    return [...counted]
      .filter(([, labels]) => labels?.includes('name="sweep-sagas"'))
      .reduce((sum, [, , count]) => sum + Number(count), 0);
  }

  async stop(): Promise<void> {
    await this.runtime?.stop();
    this.runtime = undefined;
  }

  ask<C extends Contract<'request' | 'query'>>(
    contract: C,
    payload: z.input<C['payload']>,
    options: { messageId?: string; timeoutMs?: number } = {},
  ): Promise<Answer<C>> {
    const { messageId = randomUUID(), timeoutMs = ANSWER_MS } = options;
    return this.client.ask(contract, payload, {
      messageId,
      timeoutMs,
      correlationId: `http-${messageId}`,
      actor: testActors.signFor(contract, payload),
    });
  }

  /** The saga of a payment or refund, after checking that its log tells the same as its row. */
  async saga(of: { paymentId: number; definition?: string }) {
    const definition = of.definition ?? 'pay-for-reservation';
    const [stored] = await this.reader.find({ ...of, definition }, { limit: 1 });
    if (stored === undefined) throw new Error(`payment ${of.paymentId} has no ${definition} saga`);
    const timeline = await this.reader.timeline(stored);
    const folded = foldLog(timeline);
    const { state, step, attempt } = stored.saga;
    const row = { state, step, attempt, reason: reasonOf(stored.saga) };
    if (JSON.stringify(folded) !== JSON.stringify(row)) {
      throw new Error(`log ${JSON.stringify(folded)} and row ${JSON.stringify(row)} differ`);
    }
    return { ...row, timeline, events: timeline.map(({ event }) => event) };
  }

  async close(): Promise<void> {
    await this.stop();
    await this.caller.close();
    await this.played.close();
    await this.broker.cleanup();
    await this.server.drop();
  }
}
