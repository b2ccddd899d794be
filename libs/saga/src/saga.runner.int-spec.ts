import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { accepted, refused, type AskableContract, type Outcome } from '@encore/contracts';
import type { BatchContext, OutgoingCommand, ReceivedReply } from '@encore/messaging';
import { testDatabase, type TestDatabase } from '@encore/testing';
import { buyTicket, QUOTE, START } from './example.saga.fixture.js';
import { foldLog } from './fold-log.js';
import { DEFAULT_TIMINGS, reasonOf } from './instance.js';
import { sagaMigrations } from './migrations.js';
import { newSagaId } from './saga-id.js';
import { SagaReader } from './saga.reader.js';
import { SagaRunner, type SagaMilestones } from './saga.runner.js';

let server: TestDatabase;
let reader: SagaReader;
let now: Date;
let sent: OutgoingCommand[];
let resent: string[];
let milestones: string[];
let warnings: string[];
let requests = 0;

beforeAll(async () => {
  server = await testDatabase({ service: 'saga', migrations: [sagaMigrations] });
  reader = new SagaReader(server.database);
});

afterAll(() => server.drop());

beforeEach(async () => {
  await server.database.run(server.database.sql('sagas').delete());
  now = new Date('2026-11-20T10:00:00.000Z');
  sent = [];
  resent = [];
  milestones = [];
  warnings = [];
});

const told = (name: string): SagaMilestones<typeof START> => ({
  [name]: async (sagas) => void milestones.push(`${name}: ${sagas.length}`),
});

function runner(hooks: SagaMilestones<typeof START> = {}) {
  return new SagaRunner({
    database: server.database,
    commands: { send: async (commands) => void sent.push(...commands) },
    answers: { resend: async (ids) => void resent.push(...ids) },
    sagas: [
      {
        definition: buyTicket,
        milestones: {
          ...told('pin the seat'),
          ...told('sell the seat'),
          ...told('completed'),
          ...told('compensated'),
          ...hooks,
        },
      },
    ],
    timings: DEFAULT_TIMINGS,
    logger: { warn: (_fields, text) => void warnings.push(text) },
    now: () => now,
  });
}

/** As the transport does it: everything in one transaction, then what it promised. */
async function inBatch<T>(work: (context: BatchContext) => Promise<T>): Promise<T> {
  const promised: (() => Promise<void>)[] = [];
  const result = await server.database.transaction((tx) =>
    work({ tx, beforeAck: (promise) => void promised.push(promise) }),
  );
  for (const promise of promised) await promise();
  return result;
}

/** Ids of new sagas, in order; what they asked is in `sent`. */
async function start(count = 1): Promise<string[]> {
  const starts = Array.from({ length: count }, () => {
    requests += 1;
    return {
      data: START,
      origin: {
        requestMessageId: newSagaId(),
        correlationId: `http-${requests}`,
        traceparent: null,
        paymentId: requests,
        refundId: null,
        reservationId: requests,
        userId: 7,
      },
    };
  });
  return inBatch((context) => runner().start(buyTicket, starts, context));
}

function replyTo(
  command: OutgoingCommand | undefined,
  outcome: Outcome<AskableContract>,
): ReceivedReply {
  if (command === undefined) throw new Error('nothing was asked');
  const { id, contract, correlationId } = command;
  return { id: newSagaId(), inReplyTo: id, type: contract.wireName, outcome, correlationId };
}

async function hear(...replies: ReceivedReply[]): Promise<void> {
  await inBatch((context) => runner().handleReplies(replies, context));
}

const names = () => sent.map((command) => command.contract.name);

/** The saga's row, after checking that its log tells the same. */
async function saga(id: string | undefined) {
  const stored = await reader.read(id ?? '');
  if (stored === undefined) throw new Error('no such saga');
  const { state, step, attempt } = stored.saga;
  const timeline = await reader.timeline(stored);
  expect(foldLog(timeline)).toEqual({ state, step, attempt, reason: reasonOf(stored.saga) });
  return { ...stored.saga, events: timeline.map((entry) => entry.event) };
}

describe('the runner', () => {
  it('carries a whole batch of sagas to their ends, each its own way', async () => {
    const [happy, poor, lapsed] = await start(3);
    const pins = [...sent];
    sent = [];
    await hear(
      replyTo(pins[0], accepted(QUOTE)),
      replyTo(pins[1], accepted(QUOTE)),
      replyTo(pins[2], refused('RESERVATION_EXPIRED', { since: 'noon' })),
    );
    expect(names()).toEqual(['DebitWallet', 'DebitWallet']);
    const debits = [...sent];
    await hear(
      replyTo(debits[0], accepted({ userId: 7, balanceKrw: 0 })),
      replyTo(debits[1], refused('WALLET_INSUFFICIENT_BALANCE')),
    );
    expect(names().slice(2)).toEqual(['ConfirmReservation', 'UnpinReservation']);
    await hear(replyTo(sent[2], accepted({ confirmedAt: QUOTE.startsAt })));
    await hear(replyTo(sent[3], accepted({})));
    await hear(replyTo(sent[4], accepted({})));
    await hear(replyTo(sent[5], accepted({ userId: 7, balanceKrw: 0 })));
    expect(await saga(happy)).toMatchObject({ state: 'COMPLETED', refusal: null });
    expect(await saga(poor)).toMatchObject({
      state: 'COMPENSATED',
      refusal: { code: 'WALLET_INSUFFICIENT_BALANCE', detail: null },
    });
    expect(await saga(lapsed)).toMatchObject({
      state: 'COMPENSATED',
      refusal: { code: 'RESERVATION_EXPIRED', detail: { since: 'noon' } },
    });
    expect(milestones).toEqual([
      'pin the seat: 2',
      'compensated: 1',
      'sell the seat: 1',
      'compensated: 1',
      'completed: 1',
    ]);
  });

  it('advances one saga several times within one batch', async () => {
    const [id] = await start();
    const pin = replyTo(sent[0], accepted(QUOTE));
    await hear(pin, pin);
    expect(await saga(id)).toMatchObject({ step: 'take the money', attempt: 1, logLength: 4 });
    expect(names()).toEqual(['PinReservation', 'DebitWallet']);
  });

  it('says again what it said last when an answer comes again', async () => {
    const [id] = await start();
    const pin = replyTo(sent[0], accepted(QUOTE));
    await hear(pin);
    const before = await saga(id);
    await hear(pin);
    expect(await saga(id)).toEqual(before);
    expect(sent[2]).toEqual(sent[1]);
    expect(resent).toEqual([(await reader.read(id ?? ''))?.origin.requestMessageId]);
  });

  it('leaves no trace of a batch whose milestone fails', async () => {
    const [id] = await start();
    const broken = runner({
      'pin the seat': async () => {
        throw new Error('the disk is full');
      },
    });
    const reply = replyTo(sent[0], accepted(QUOTE));
    await expect(inBatch((context) => broken.handleReplies([reply], context))).rejects.toThrow(
      'the disk is full',
    );
    expect(await saga(id)).toMatchObject({ step: 'pin the seat', logLength: 2 });
    expect(sent).toHaveLength(1);
  });

  it('passes over replies that belong to no saga', async () => {
    const [id] = await start();
    const stray = { ...replyTo(sent[0], accepted(QUOTE)), inReplyTo: newSagaId() };
    await hear(stray, replyTo(sent[0], accepted(QUOTE)));
    expect(warnings).toEqual(['a reply belongs to no saga']);
    expect(await saga(id)).toMatchObject({ step: 'take the money' });
  });

  it('refuses to start with a milestone that no step reaches', () => {
    expect(() => runner(told('fly to the moon'))).toThrow('never reaches fly to the moon');
  });
});

describe('the sweeper', () => {
  it('asks again, under the same id, only what is overdue', async () => {
    const [late] = await start();
    now = new Date(now.getTime() + 2_000);
    const [fresh] = await start();
    const untouched = await saga(fresh);
    now = new Date(now.getTime() + 1_000);
    expect(await runner().sweep(10)).toBe(1);
    expect(await saga(late)).toMatchObject({ attempt: 2 });
    expect(await saga(fresh)).toEqual(untouched);
    expect(sent[2]).toEqual(sent[0]);
  });

  it('takes at most as many as it is told', async () => {
    await start(5);
    now = new Date(now.getTime() + 3_000);
    expect([await runner().sweep(3), await runner().sweep(3), await runner().sweep(3)]).toEqual([
      3, 2, 0,
    ]);
  });

  it('shares the work between instances that sweep at once', async () => {
    await start(40);
    now = new Date(now.getTime() + 3_000);
    sent = [];
    await Promise.all([1, 2, 3, 4].map(() => runner().sweep(40)));
    expect(new Set(sent.map((command) => command.id)).size).toBe(40);
    expect(sent).toHaveLength(40);
  });

  it('gives up what stayed unanswered and undoes it', async () => {
    const [id] = await start();
    for (let passed = 0; passed <= DEFAULT_TIMINGS.giveUpAfterMs; passed += 1_000) {
      now = new Date(now.getTime() + 1_000);
      await runner().sweep(10);
    }
    await runner().sweep(10);
    expect(await saga(id)).toMatchObject({
      state: 'COMPENSATING',
      refusal: { code: 'TICKET_ABANDONED' },
    });
    expect(names().at(-1)).toBe('UnpinReservation');
  });
});

describe('a runner that comes up', () => {
  it('asks again at once for everything outstanding, in portions, and for nothing else', async () => {
    const ids = await start(7);
    const done = replyTo(sent[0], refused('RESERVATION_EXPIRED'));
    await hear(done);
    now = new Date(now.getTime() + 1);
    sent = [];
    expect(await runner().sweepAtStart(3)).toBe(6);
    expect(new Set(sent.map((command) => command.id)).size).toBe(6);
    expect((await saga(ids[0])).state).toBe('COMPENSATED');
    expect(await saga(ids[1])).toMatchObject({ attempt: 2, state: 'RUNNING' });
  });
});

describe('the reader', () => {
  it('finds sagas by any id, newest first, page by page', async () => {
    const ids = await start(5);
    now = new Date(now.getTime() + 1);
    const [newest] = await start();
    const page = await reader.find({ userId: 7 }, { limit: 4 });
    expect(page[0]?.saga.id).toBe(newest);
    const rest = await reader.find({ userId: 7 }, { limit: 4, below: page.at(-1)?.number ?? 0 });
    expect([...page, ...rest].map((one) => one.saga.id).sort()).toEqual([...ids, newest].sort());
    const correlationId = page[0]?.origin.correlationId ?? '';
    expect(await reader.find({ requestId: correlationId }, { limit: 4 })).toEqual([page[0]]);
    expect(await reader.find({ state: 'COMPLETED' }, { limit: 4 })).toEqual([]);
  });

  it('counts what is open, with the age of the oldest', async () => {
    await start(2);
    expect(await reader.countOpen()).toEqual([
      { saga: 'buy-ticket', state: 'RUNNING', count: 2, oldestAgeSeconds: expect.any(Number) },
    ]);
  });
});
