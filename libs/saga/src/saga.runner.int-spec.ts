import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { accepted, refused } from '@encore/contracts';
import { QUOTE } from './example.saga.fixture.js';
import { DEFAULT_TIMINGS } from './instance.js';
import { newSagaId } from './saga-id.js';
import type { SagaRunner } from './saga.runner.js';
import { replyTo, Stage, told } from './stage.fixture.js';

const BALANCE = { userId: 7, balanceKrw: 0 };

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.server.drop());

beforeEach(() => stage.clear());

/** So many sagas that wait for a command nobody waits for; `sent` holds what was sent of those. */
async function confirmed(count: number, runner: SagaRunner): Promise<string[]> {
  const started = await stage.start(count, runner);
  const pins = [...stage.sent];
  stage.sent = [];
  await stage.hearAs(runner, ...pins.map((pin) => replyTo(pin, accepted(QUOTE))));
  const debits = [...stage.sent];
  await stage.hearAs(runner, ...debits.map((debit) => replyTo(debit, accepted(BALANCE))));
  const confirmations = stage.sent.slice(debits.length);
  stage.sent = [];
  for (const confirmation of confirmations) {
    await stage.hearAs(runner, replyTo(confirmation, accepted({ confirmedAt: QUOTE.startsAt })));
  }
  return started;
}

describe('the runner', () => {
  it('carries a whole batch of sagas to their ends, each its own way', async () => {
    const [happy, poor, lapsed] = await stage.start(3);
    const pins = [...stage.sent];
    stage.sent = [];
    await stage.hear(
      replyTo(pins[0], accepted(QUOTE)),
      replyTo(pins[1], accepted(QUOTE)),
      replyTo(pins[2], refused('RESERVATION_EXPIRED', { since: 'noon' })),
    );
    expect(stage.names()).toEqual(['DebitWallet', 'DebitWallet']);
    const debits = [...stage.sent];
    await stage.hear(
      replyTo(debits[0], accepted(BALANCE)),
      replyTo(debits[1], refused('WALLET_INSUFFICIENT_BALANCE')),
    );
    expect(stage.names().slice(2)).toEqual(['ConfirmReservation', 'UnpinReservation']);
    await stage.hear(replyTo(stage.sent[2], accepted({ confirmedAt: QUOTE.startsAt })));
    await stage.hear(replyTo(stage.sent[3], accepted({})));
    await stage.hear(replyTo(stage.sent[4], accepted({})));
    await stage.hear(replyTo(stage.sent[5], accepted(BALANCE)));
    expect(await stage.saga(happy)).toMatchObject({ state: 'COMPLETED', refusal: null });
    expect(await stage.saga(poor)).toMatchObject({
      state: 'COMPENSATED',
      refusal: { code: 'WALLET_INSUFFICIENT_BALANCE', detail: null },
    });
    expect(await stage.saga(lapsed)).toMatchObject({
      state: 'COMPENSATED',
      refusal: { code: 'RESERVATION_EXPIRED', detail: { since: 'noon' } },
    });
    expect(stage.milestones).toEqual([
      'pin the seat: 2',
      'compensated: 1',
      'sell the seat: 1',
      'compensated: 1',
      'completed: 1',
    ]);
  });

  it('advances one saga several times within one batch', async () => {
    const [id] = await stage.start();
    const pin = replyTo(stage.sent[0], accepted(QUOTE));
    await stage.hear(pin, pin);
    expect(await stage.saga(id)).toMatchObject({
      step: 'take the money',
      attempt: 1,
      logLength: 4,
    });
    expect(stage.names()).toEqual(['PinReservation', 'DebitWallet']);
  });

  it('begins where an answer that was heard before has brought it', async () => {
    const quoted = accepted(QUOTE);
    const [yes, no] = await stage.startHearing([quoted, refused('RESERVATION_EXPIRED')]);
    expect(await stage.saga(yes)).toMatchObject({
      step: 'take the money',
      data: { pinned: QUOTE },
      events: ['STARTED', 'ASKED', 'ACCEPTED', 'ASKED'],
    });
    expect(await stage.saga(no)).toMatchObject({
      state: 'COMPENSATED',
      refusal: { code: 'RESERVATION_EXPIRED' },
      events: ['STARTED', 'ASKED', 'REFUSED', 'COMPENSATED'],
    });
    expect(stage.names()).toEqual(['DebitWallet']);
    await stage.hear(replyTo(stage.sent[0], accepted(BALANCE)));
    expect(await stage.saga(yes)).toMatchObject({ step: 'sell the seat' });
  });

  it('says again what it said last when an answer comes again', async () => {
    const [id] = await stage.start();
    const pin = replyTo(stage.sent[0], accepted(QUOTE));
    await stage.hear(pin);
    const before = await stage.saga(id);
    await stage.hear(pin);
    expect(await stage.saga(id)).toEqual(before);
    expect(stage.sent[2]).toEqual(stage.sent[1]);
    expect(stage.resent).toEqual([(await stage.reader.read(id ?? ''))?.origin.requestMessageId]);
  });

  it('reads nothing of what it brought there itself', async () => {
    const runner = stage.runner();
    const [happy, poor] = await stage.start(2, runner);
    const [pin, otherPin] = stage.sent;
    expect(
      await stage.hearAs(runner, replyTo(pin, accepted(QUOTE)), replyTo(otherPin, accepted(QUOTE))),
    ).toBe(0);
    const [, , debit, otherDebit] = stage.sent;
    const no = replyTo(otherDebit, refused('WALLET_INSUFFICIENT_BALANCE'));
    expect(await stage.hearAs(runner, no, replyTo(debit, accepted(BALANCE)))).toBe(0);
    expect(await stage.saga(happy)).toMatchObject({ step: 'take the money', logLength: 4 });
    expect(await stage.saga(poor)).toMatchObject({ state: 'COMPENSATING', logLength: 6 });
    expect(await stage.hearAs(runner, replyTo(debit, accepted(BALANCE)))).toBe(1);
    expect(await stage.saga(happy)).toMatchObject({ step: 'sell the seat', logLength: 6 });
  });

  it('goes by the rows when another process has moved on what it remembers', async () => {
    const runner = stage.runner();
    const [id, other] = await stage.start(2, runner);
    const [pin, otherPin] = stage.sent;
    await stage.hear(replyTo(pin, accepted(QUOTE)));
    const before = await stage.saga(id);
    const reads = await stage.hearAs(
      runner,
      replyTo(pin, accepted(QUOTE)),
      replyTo(otherPin, accepted(QUOTE)),
    );
    expect(reads).toBe(1);
    expect(await stage.saga(id)).toEqual(before);
    expect(await stage.saga(other)).toMatchObject({ step: 'take the money', logLength: 4 });
    expect(stage.names().slice(2)).toEqual(['DebitWallet', 'DebitWallet', 'DebitWallet']);
    expect(stage.sent[3]).toEqual(stage.sent[2]);
  });

  it('goes by the rows when another process has asked again for what it remembers', async () => {
    const runner = stage.runner();
    const [id] = await stage.start(1, runner);
    const sweeper = await stage.sweeper();
    stage.passes(DEFAULT_TIMINGS.askAgainAfterMs);
    expect(await sweeper.sweep(10)).toBe(1);
    expect(await stage.hearAs(runner, replyTo(stage.sent[0], accepted(QUOTE)))).toBe(1);
    expect(await stage.saga(id)).toMatchObject({ step: 'take the money', logLength: 5 });
  });

  it('remembers what it asked for again', async () => {
    const runner = stage.runner();
    const [id] = await stage.start(1, runner);
    await runner.sweep(10);
    stage.passes(DEFAULT_TIMINGS.askAgainAfterMs);
    expect(await runner.sweep(10)).toBe(1);
    expect(await stage.hearAs(runner, replyTo(stage.sent[0], accepted(QUOTE)))).toBe(0);
    expect(await stage.saga(id)).toMatchObject({ step: 'take the money', logLength: 5 });
  });

  it('sends what nobody waits for together: the first at once, the others when their time comes', async () => {
    const runner = stage.runner();
    const started = await confirmed(3, runner);
    expect(stage.names()).toEqual(['ExpireQueueEntry']);
    for (const id of started) {
      expect(await stage.saga(id)).toMatchObject({ step: 'print the ticket' });
    }
    await runner.close();
    expect(stage.names()).toEqual(['ExpireQueueEntry', 'ExpireQueueEntry', 'ExpireQueueEntry']);
  });

  it('asks for what a process that died had kept for its time', async () => {
    const dying = stage.runner();
    await confirmed(3, dying);
    expect(stage.sent).toHaveLength(1);
    stage.sent = [];
    stage.passes(1);
    await stage.runner().sweep(10);
    expect(new Set(stage.sent.map(({ id }) => id)).size).toBe(3);
    // Only now, so that nothing of it outlives the test.
    await dying.close();
  });

  it('leaves no trace of a batch whose milestone fails', async () => {
    const [id] = await stage.start();
    const broken = stage.runner({
      'pin the seat': async () => {
        throw new Error('the disk is full');
      },
    });
    const reply = replyTo(stage.sent[0], accepted(QUOTE));
    await expect(
      stage.inBatch((context) => broken.handleReplies([reply], context)),
    ).rejects.toThrow('the disk is full');
    expect(await stage.saga(id)).toMatchObject({ step: 'pin the seat', logLength: 2 });
    expect(stage.sent).toHaveLength(1);
  });

  it('passes over replies that belong to no saga', async () => {
    const [id] = await stage.start();
    const stray = { ...replyTo(stage.sent[0], accepted(QUOTE)), inReplyTo: newSagaId() };
    await stage.hear(stray, replyTo(stage.sent[0], accepted(QUOTE)));
    expect(stage.warnings).toEqual(['a reply belongs to no saga']);
    expect(await stage.saga(id)).toMatchObject({ step: 'take the money' });
  });

  it('refuses to start with a milestone that no step reaches', () => {
    expect(() => stage.runner(told(stage, 'fly to the moon'))).toThrow(
      'never reaches fly to the moon',
    );
  });
});

describe('a pivot that can be withdrawn', () => {
  const SOLD = accepted({ confirmedAt: QUOTE.startsAt });

  /** A saga whose money was taken a second ago, as one process heard it; what it asked then. */
  async function paidFor(runner: SagaRunner) {
    const [id] = await stage.startHearing([accepted(QUOTE)], runner);
    const [debit] = stage.sent;
    stage.passes(1_000);
    await stage.hearAs(runner, replyTo(debit, accepted(BALANCE)));
    const [, confirmation] = stage.sent;
    expect(confirmation?.contract.name).toBe('ConfirmReservation');
    stage.passes(1_000);
    return { id, debit, confirmation };
  }

  it('is asked before what led to it is written, which is written with its answer', async () => {
    const runner = stage.runner();
    const { id, confirmation } = await paidFor(runner);
    expect(await stage.saga(id)).toMatchObject({ step: 'take the money', logLength: 4 });
    expect(await stage.hearAs(runner, replyTo(confirmation, SOLD))).toBe(0);
    const saga = await stage.saga(id);
    expect(saga).toMatchObject({ step: 'print the ticket', logLength: 8 });
    const stored = await stage.reader.read(id ?? '');
    if (stored === undefined) throw new Error('no such saga');
    const lines = await stage.reader.timeline(stored);
    const begun = stored.startedAt.getTime();
    expect(
      lines.slice(4).map(({ event, step, at }) => [event, step, Date.parse(at) - begun]),
    ).toEqual([
      ['ACCEPTED', 'take the money', 1_000],
      ['ASKED', 'sell the seat', 1_000],
      ['ACCEPTED', 'sell the seat', 2_000],
      ['ASKED', 'print the ticket', 2_000],
    ]);
  });

  it('may be answered to a process that knows nothing of what led to it', async () => {
    const { id, confirmation } = await paidFor(stage.runner());
    await stage.hear(replyTo(confirmation, SOLD));
    expect(await stage.saga(id)).toMatchObject({ step: 'print the ticket', logLength: 8 });
    expect(stage.milestones).toEqual(['sell the seat: 1']);
  });

  it('is asked once more, as the same, when whoever asked it has died', async () => {
    const { id, debit, confirmation } = await paidFor(stage.runner());
    stage.sent = [];
    const next = stage.runner();
    await next.sweep(10);
    expect(stage.sent).toEqual([debit]);
    await stage.hearAs(next, replyTo(debit, accepted(BALANCE)));
    expect(stage.sent.slice(1)).toEqual([confirmation]);
    expect(await stage.saga(id)).toMatchObject({ step: 'sell the seat', attempt: 1 });
    await stage.hearAs(next, replyTo(confirmation, SOLD));
    expect(await stage.saga(id)).toMatchObject({ step: 'print the ticket', logLength: 9 });
  });

  it('is told of by the row once something was asked again', async () => {
    const runner = stage.runner();
    await runner.sweep(10);
    const { id, debit, confirmation } = await paidFor(runner);
    stage.passes(DEFAULT_TIMINGS.askAgainAfterMs);
    expect(await runner.sweep(10)).toBe(1);
    expect(stage.sent.at(-1)).toEqual(debit);
    await stage.hearAs(runner, replyTo(debit, accepted(BALANCE)));
    expect(await stage.saga(id)).toMatchObject({ step: 'sell the seat', logLength: 7 });
    await stage.hearAs(runner, replyTo(confirmation, SOLD));
    expect(await stage.saga(id)).toMatchObject({ step: 'print the ticket', logLength: 9 });
  });

  it('is withdrawn before the money is given back that nobody said was taken', async () => {
    const { id } = await paidFor(stage.runner());
    stage.sent = [];
    const sweeper = await stage.sweeper();
    while (!stage.names().includes('UnpinReservation')) {
      stage.passes(DEFAULT_TIMINGS.askAgainAfterMs);
      await sweeper.sweep(10);
      expect(stage.names()).not.toContain('ReturnDebit');
    }
    const sold = refused('RESERVATION_ALREADY_PAID');
    await stage.hearAs(sweeper, replyTo(stage.sent.at(-1), sold));
    expect(stage.names().at(-1)).toBe('ConfirmReservation');
    await stage.hearAs(sweeper, replyTo(stage.sent.at(-1), SOLD));
    expect(await stage.saga(id)).toMatchObject({ state: 'RUNNING', step: 'print the ticket' });
    expect(stage.names()).not.toContain('ReturnDebit');
  });

  it('leaves no milestone to the step before it, whose yes may never be stored', () => {
    expect(() => stage.runner(told(stage, 'take the money'))).toThrow('no milestone');
  });
});

describe('the reader', () => {
  it('shows lines, of rows that hold a turn and of those an earlier version wrote', async () => {
    const [id] = await stage.start();
    await stage.hear(replyTo(stage.sent[0], accepted(QUOTE)));
    const told = (await stage.saga(id)).events;
    expect(told).toEqual(['STARTED', 'ASKED', 'ACCEPTED', 'ASKED']);
    const { database } = stage.server;
    const { sql } = database;
    expect(await database.run(sql('saga_log').where({ saga_id: id }))).toHaveLength(2);
    await database.transaction(async (tx) => {
      const lines = await tx.run<object>(sql('saga_timeline').where({ saga_id: id }));
      await tx.run(sql('saga_log').where({ saga_id: id }).delete());
      await tx.run(sql('saga_log').insert(lines));
    });
    expect((await stage.saga(id)).events).toEqual(told);
  });

  it('finds sagas by any id, newest first, page by page', async () => {
    const ids = await stage.start(5);
    stage.passes(1);
    const [newest] = await stage.start();
    const page = await stage.reader.find({ userId: 7 }, { limit: 4 });
    expect(page[0]?.saga.id).toBe(newest);
    const rest = await stage.reader.find(
      { userId: 7 },
      { limit: 4, below: page.at(-1)?.number ?? 0 },
    );
    expect([...page, ...rest].map((one) => one.saga.id).sort()).toEqual([...ids, newest].sort());
    const correlationId = page[0]?.origin.correlationId ?? '';
    expect(await stage.reader.find({ requestId: correlationId }, { limit: 4 })).toEqual([page[0]]);
    expect(await stage.reader.find({ state: 'COMPLETED' }, { limit: 4 })).toEqual([]);
  });

  it('counts what is open, with the age of the oldest', async () => {
    await stage.start(2);
    expect(await stage.reader.countOpen()).toEqual([
      { saga: 'buy-ticket', state: 'RUNNING', count: 2, oldestAgeSeconds: expect.any(Number) },
    ]);
  });
});
