import { describe, expect, it } from '@jest/globals';
import { advance } from './advance.js';
import { Conversation } from './conversation.js';
import { buyTicket, START, QUOTE } from './example.saga.fixture.js';

function conversation() {
  return new Conversation(buyTicket, START);
}

describe('a saga', () => {
  it('asks its steps one after the other and completes', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.accept();
    talk.accept();
    talk.accept();
    talk.accept();
    expect(talk.lines).toEqual([
      '→ pin the seat',
      '← yes',
      '→ take the money',
      '← yes',
      '→ sell the seat',
      '← yes',
      '→ print the ticket',
      '← yes',
      '→ tell the usher',
      '← yes',
    ]);
    expect(talk.saga).toMatchObject({ state: 'COMPLETED', step: null, messageId: null });
  });

  it('keeps what a reply says and tells it to later steps', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    expect(talk.saga.data.pinned).toEqual(QUOTE);
    expect(talk.asks.at(-1)?.payload).toMatchObject({ amountKrw: QUOTE.amountKrw });
  });

  it('treats a reply that breaks its contract as a fault and stays where it was', () => {
    const talk = conversation();
    const before = talk.saga;
    expect(() => talk.accept({ amountKrw: 'a lot' })).toThrow();
    expect(talk.saga).toBe(before);
  });

  it('undoes in reverse what was done when a step says no', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.accept();
    talk.refuse('RESERVATION_NOT_PINNED');
    talk.accept();
    talk.accept();
    expect(talk.lines.slice(4)).toEqual([
      '→ sell the seat',
      '← RESERVATION_NOT_PINNED',
      '→ undo take the money',
      '← yes',
      '→ undo pin the seat',
      '← yes',
    ]);
    expect(talk.saga.state).toBe('COMPENSATED');
    expect(talk.reached.at(-1)).toEqual({ kind: 'compensated' });
  });

  it('does not undo the step that said no', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.refuse('WALLET_INSUFFICIENT_BALANCE', { balanceKrw: 0 });
    expect(talk.lines.at(-1)).toBe('→ undo pin the seat');
    expect(talk.saga.refusal).toEqual({
      code: 'WALLET_INSUFFICIENT_BALANCE',
      detail: { balanceKrw: 0 },
    });
  });

  it('is compensated at once when its first step says no', () => {
    const talk = conversation();
    talk.refuse('RESERVATION_EXPIRED');
    expect(talk.saga.state).toBe('COMPENSATED');
    expect(talk.asks).toHaveLength(1);
  });
});

describe('a saga that hears nothing', () => {
  it('asks again under the same id, with pauses that double until it gives up', () => {
    const talk = conversation();
    const pauses: number[] = [];
    while (talk.saga.state === 'RUNNING') {
      const before = talk.now;
      talk.hearNothing();
      pauses.push(talk.now.getTime() - before.getTime());
    }
    expect(pauses).toEqual([3_000, 6_000, 12_000, 24_000, 15_000]);
    const [first, ...again] = talk.asks.slice(0, -1).map((ask) => ask.id);
    expect(new Set(again)).toEqual(new Set([first]));
  });

  it('asks nothing before its deadline', () => {
    const talk = conversation();
    const before = talk.saga;
    const now = new Date(talk.now.getTime() + talk.timings.askAgainAfterMs - 1);
    const clock = { now, timings: talk.timings };
    const early = advance(buyTicket, talk.saga, { kind: 'deadline' }, clock);
    expect(early).toMatchObject({ next: before, asks: [], log: [] });
  });

  it('gives up an undoable step, undoes it too, and tells why', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.hearNothingUntilItActs();
    talk.accept();
    talk.accept();
    talk.accept();
    expect(talk.lines.slice(-6)).toEqual([
      '→ undo sell the seat',
      '← yes',
      '→ undo take the money',
      '← yes',
      '→ undo pin the seat',
      '← yes',
    ]);
    expect(talk.saga.refusal?.code).toBe('TICKET_ABANDONED');
    expect(talk.log.map((entry) => entry.event)).toContain('GAVE_UP_WAITING');
  });

  it('does not hold the silence of its own absence against anybody', () => {
    const talk = conversation();
    talk.now = new Date(talk.now.getTime() + 3_600_000);
    talk.restart();
    expect(talk.saga.state).toBe('RUNNING');
    talk.hearNothing();
    expect(talk.saga.state).toBe('RUNNING');
  });

  it('asks a person when the point of no return stays unanswered, and still goes on asking', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.accept();
    talk.hearNothingUntilItActs();
    expect(talk.saga).toMatchObject({ state: 'NEEDS_ATTENTION', attention: 'unanswered' });
    expect(talk.saga.attempt).toBe(talk.timings.maxAttempts + 1);
    talk.accept();
    expect(talk.saga).toMatchObject({ state: 'RUNNING', attention: null });
    expect(talk.log.slice(-3).map((entry) => entry.event)).toEqual([
      'RESUMED',
      'ACCEPTED',
      'ASKED',
    ]);
  });
});

describe('a saga that may not give up', () => {
  it('asks again with pauses that double up to a limit', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.accept();
    const pauses: number[] = [];
    while (talk.saga.state === 'RUNNING') {
      const before = talk.now;
      talk.hearNothing();
      pauses.push(talk.now.getTime() - before.getTime());
    }
    expect(pauses.slice(0, 6)).toEqual([3_000, 6_000, 12_000, 24_000, 30_000, 30_000]);
    expect(pauses).toHaveLength(talk.timings.maxAttempts);
  });
});

describe('a saga that needs attention', () => {
  const HOUR_MS = 3_600_000;

  function pausesOf(talk: ReturnType<typeof conversation>, count: number): number[] {
    return Array.from({ length: count }, () => {
      const before = talk.now;
      talk.hearNothing();
      return talk.now.getTime() - before.getTime();
    });
  }

  it('goes on asking with pauses that double up to an hour', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.accept();
    talk.hearNothingUntilItActs();
    const pauses = pausesOf(talk, 9);
    expect(pauses.slice(0, 4)).toEqual([60_000, 120_000, 240_000, 480_000]);
    expect(pauses.slice(-2)).toEqual([HOUR_MS, HOUR_MS]);
  });

  it('asks as patiently when it was refused', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.refuse('WALLET_INSUFFICIENT_BALANCE');
    talk.refuse('RESERVATION_NOT_PINNED');
    const pauses = pausesOf(talk, 40);
    expect(pauses[0]).toBe(60_000);
    expect(pauses.slice(-2)).toEqual([HOUR_MS, HOUR_MS]);
  });

  it('asks its next step as soon as any other once it has resumed', () => {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.accept();
    talk.hearNothingUntilItActs();
    pausesOf(talk, 9);
    talk.accept();
    expect(pausesOf(talk, 2)).toEqual([3_000, 6_000]);
  });
});

describe('a saga past its point of no return', () => {
  function sold() {
    const talk = conversation();
    talk.accept(QUOTE);
    talk.accept();
    talk.accept();
    return talk;
  }

  it('logs a refusal of a step that may fail and goes on', () => {
    const talk = sold();
    talk.refuse('QUEUE_ENTRY_NOT_FOUND');
    expect(talk.saga).toMatchObject({ state: 'RUNNING', step: 'tell the usher', refusal: null });
    expect(talk.log.at(-2)).toMatchObject({ event: 'REFUSED', reason: 'QUEUE_ENTRY_NOT_FOUND' });
    expect(talk.reached).not.toContainEqual({ kind: 'passed', step: 'print the ticket' });
  });

  it('asks a person when a step that must succeed is refused', () => {
    const talk = sold();
    talk.accept();
    talk.refuse('WALLET_USER_NOT_FOUND');
    expect(talk.saga).toMatchObject({
      state: 'NEEDS_ATTENTION',
      step: 'tell the usher',
      attention: 'WALLET_USER_NOT_FOUND',
    });
  });
});

describe('a stale answer', () => {
  it('changes nothing and repeats what the saga last asked', () => {
    const talk = conversation();
    const pinId = talk.awaitedId();
    talk.accept(QUOTE);
    const before = talk.saga;
    const stale = talk.answer(pinId, { ok: false, refusal: 'RESERVATION_EXPIRED' });
    expect(stale).toMatchObject({ stale: true, next: before, log: [], reached: [] });
    expect(stale.asks.map((ask) => ask.id)).toEqual([before.messageId]);
  });

  it('finds nothing to repeat when the saga has ended', () => {
    const talk = conversation();
    const pinId = talk.awaitedId();
    talk.refuse('RESERVATION_EXPIRED');
    const stale = talk.answer(pinId, { ok: false, refusal: 'RESERVATION_EXPIRED' });
    expect(stale).toMatchObject({ stale: true, asks: [] });
  });
});
