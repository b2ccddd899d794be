import { expect } from '@jest/globals';
import type { AskableContract, Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import type { BatchContext, OutgoingCommand, ReceivedReply } from '@encore/messaging';
import { testDatabase, type TestDatabase } from '@encore/testing';
import { buyTicket, START } from './example.saga.fixture.js';
import { foldLog } from './fold-log.js';
import { DEFAULT_TIMINGS, reasonOf } from './instance.js';
import { sagaMigrations } from './migrations.js';
import { newSagaId } from './saga-id.js';
import { SagaReader } from './saga.reader.js';
import { SagaRunner, type SagaMilestones } from './saga.runner.js';

/** Longer than any test: what waits for its time leaves when a runner closes. */
const UNHURRIED_PACE_MS = 60_000;

export const told = (stage: Stage, name: string): SagaMilestones<typeof START> => ({
  [name]: async (sagas) => void stage.milestones.push(`${name}: ${sagas.length}`),
});

/** Runners on a real database, with a clock and a broker that the test plays. */
export class Stage {
  readonly reader: SagaReader;
  now = new Date();
  /** Whether commands go out and replies come in. */
  connected = true;
  databaseIsUp = true;
  sent: OutgoingCommand[] = [];
  resent: string[] = [];
  milestones: string[] = [];
  warnings: string[] = [];
  errors: string[] = [];
  private requests = 0;

  private constructor(readonly server: TestDatabase) {
    this.reader = new SagaReader(server.database);
  }

  static async open(): Promise<Stage> {
    return new Stage(await testDatabase({ service: 'saga', migrations: [sagaMigrations] }));
  }

  async clear(): Promise<void> {
    const { database } = this.server;
    await database.run(database.sql('sagas').delete());
    this.now = new Date('2026-11-20T10:00:00.000Z');
    this.connected = true;
    this.databaseIsUp = true;
    this.sent = [];
    this.resent = [];
    this.milestones = [];
    this.warnings = [];
    this.errors = [];
  }

  /** A process that has just come up. */
  runner(hooks: SagaMilestones<typeof START> = {}): SagaRunner {
    return new SagaRunner({
      database: { transaction: (work) => this.transaction(work) },
      commands: { send: (commands) => this.send(commands) },
      answers: { resend: async (ids) => void this.resent.push(...ids) },
      canAsk: async () => this.connected,
      sagas: [
        {
          definition: buyTicket,
          milestones: {
            ...told(this, 'pin the seat'),
            ...told(this, 'sell the seat'),
            ...told(this, 'completed'),
            ...told(this, 'compensated'),
            ...hooks,
          },
        },
      ],
      timings: DEFAULT_TIMINGS,
      unhurriedPaceMs: UNHURRIED_PACE_MS,
      logger: {
        warn: (_fields, text) => void this.warnings.push(text),
        error: (_fields, text) => void this.errors.push(text),
      },
      now: () => this.now,
    });
  }

  /** A process that came up while there was nothing to ask for. */
  async sweeper(): Promise<SagaRunner> {
    const runner = this.runner();
    await runner.sweep(1);
    return runner;
  }

  /** As the transport does it: everything in one transaction, then what it promised. */
  async inBatch<T>(work: (context: BatchContext) => Promise<T> | T): Promise<T> {
    let promised: (() => Promise<void>)[] = [];
    const result = await this.server.database.transaction((tx) => {
      promised = [];
      return work({ tx, beforeAck: (promise) => void promised.push(promise) });
    });
    for (const promise of promised) await promise();
    return result;
  }

  /** Ids of new sagas, in order; what they asked is in `sent`. */
  async start(count = 1, runner = this.runner()): Promise<string[]> {
    return this.startHearing(
      Array.from({ length: count }, () => undefined),
      runner,
    );
  }

  /** Likewise, one for each answer that its first step has had already. */
  async startHearing(
    answers: readonly (Outcome<AskableContract> | undefined)[],
    runner = this.runner(),
  ): Promise<string[]> {
    const starts = answers.map((heard) => {
      this.requests += 1;
      return {
        data: START,
        heard,
        origin: {
          requestMessageId: newSagaId(),
          correlationId: `http-${this.requests}`,
          traceparent: null,
          paymentId: this.requests,
          refundId: null,
          reservationId: this.requests,
          userId: 7,
        },
      };
    });
    return this.inBatch((context) =>
      runner.start(buyTicket, starts, context).map(({ saga }) => saga.id),
    );
  }

  /** Heard by a process that has just come up. */
  async hear(...replies: ReceivedReply[]): Promise<void> {
    await this.hearAs(this.runner(), ...replies);
  }

  /** Heard by a process that has been up for a while; returns how often it read anything. */
  async hearAs(runner: SagaRunner, ...replies: ReceivedReply[]): Promise<number> {
    let reads = 0;
    await this.inBatch(({ tx, beforeAck }) => {
      const query: typeof tx.query = (...asked) => {
        reads += 1;
        return tx.query(...asked);
      };
      return runner.handleReplies(replies, { tx: { ...tx, query }, beforeAck });
    });
    return reads;
  }

  passes(milliseconds: number): void {
    this.now = new Date(this.now.getTime() + milliseconds);
  }

  names(): string[] {
    return this.sent.map((command) => command.contract.name);
  }

  /** The saga's row, after checking that its log tells the same. */
  async saga(id: string | undefined) {
    const stored = await this.reader.read(id ?? '');
    if (stored === undefined) throw new Error('no such saga');
    const { state, step, attempt } = stored.saga;
    const timeline = await this.reader.timeline(stored);
    expect(foldLog(timeline)).toEqual({ state, step, attempt, reason: reasonOf(stored.saga) });
    return { ...stored.saga, events: timeline.map((entry) => entry.event) };
  }

  private async transaction<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    if (!this.databaseIsUp) {
      throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    }
    return this.server.database.transaction(work);
  }

  private async send(commands: readonly OutgoingCommand[]): Promise<void> {
    if (!this.connected) throw new Error('not connected');
    this.sent.push(...commands);
  }
}

export function replyTo(
  command: OutgoingCommand | undefined,
  outcome: Outcome<AskableContract>,
): ReceivedReply {
  if (command === undefined) throw new Error('nothing was asked');
  const { id, contract, correlationId } = command;
  return { id: newSagaId(), inReplyTo: id, type: contract.wireName, outcome, correlationId };
}
