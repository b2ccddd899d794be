import { describe, expect, it } from '@jest/globals';
import { ConfirmReservation, UnpinReservation, PinReservation } from '@encore/contracts';
import { defineSaga, message, pivot, step, type SagaDefinition } from './define-saga.js';
import { buyTicket, QUOTE, START } from './example.saga.fixture.js';
import { foldLog } from './fold-log.js';
import { sagaLaws } from './laws.js';

const examples = { start: START, replies: { 'pin the seat': QUOTE } };

describe('the example saga', () => {
  it.each(sagaLaws(buyTicket, examples))('$title', ({ check }) => {
    expect(check).not.toThrow();
  });
});

describe('a saga whose pivot cannot be withdrawn', () => {
  const steps = buyTicket.steps.map(({ ...one }) => {
    if ('withdraw' in one) delete one.withdraw;
    return one;
  });
  it.each(sagaLaws({ ...buyTicket, steps }, examples))('$title', ({ check }) => {
    expect(check).not.toThrow();
  });
});

/** The titles of the laws a definition breaks. */
function brokenBy(definition: SagaDefinition<typeof START>): string[] {
  return sagaLaws(definition, examples).flatMap(({ title, check }) => {
    try {
      check();
      return [];
    } catch (error) {
      return [`${title}: ${(error as Error).name}`];
    }
  });
}

describe('the laws', () => {
  it('catch a saga that forgets what its pin said', () => {
    const forgetful = {
      ...buyTicket,
      steps: buyTicket.steps.map((one) => ({ ...one, keep: () => START })),
    };
    expect(brokenBy(forgetful)).toContain('completes when every step says yes: ZodError');
  });

  it('catch an undo that breaks its contract', () => {
    const careless = {
      ...buyTicket,
      steps: buyTicket.steps.map((one) =>
        one.kind === 'undoable'
          ? { ...one, undo: () => message(UnpinReservation, { reservationId: 0, paymentId: 9 }) }
          : one,
      ),
    };
    expect(brokenBy(careless).join()).toContain('gives up an unanswered "pin the seat"');
  });

  it('catch a step before a withdrawable pivot whose yes is more than a yes', () => {
    const keep = (ticket: typeof START, reply: unknown) => {
      if (reply === undefined) throw new Error('nothing to keep');
      return ticket;
    };
    const steps = buyTicket.steps.map((one) =>
      one.name === 'take the money' ? { ...one, keep } : one,
    );
    expect(brokenBy({ ...buyTicket, steps }).join()).toContain(
      'also before it has stored what led',
    );
  });

  it('catch steps in an order that could not have been written', () => {
    const reversed = { ...buyTicket, steps: [...buyTicket.steps].reverse() };
    expect(brokenBy(reversed)).not.toEqual([]);
  });
});

describe('a definition', () => {
  const sell = pivot<typeof START, typeof ConfirmReservation>('sell', {
    ask: () => message(ConfirmReservation, { reservationId: 5, paymentId: 9, amountKrw: 1 }),
  });
  const pin = step<typeof START, typeof PinReservation>('pin', {
    ask: ({ buyer }) =>
      message(PinReservation, {
        userId: buyer,
        reservationId: 5,
        paymentId: 9,
        expectedAmountKrw: null,
      }),
    undo: () => message(UnpinReservation, { reservationId: 5, paymentId: 9 }),
  });

  it('must say what the caller hears when it is given up', () => {
    expect(() =>
      defineSaga<typeof START>('silent', {
        undoable: [pin],
        pointOfNoReturn: sell,
        finishing: [],
      }),
    ).toThrow('must say what its caller hears');
  });

  it('refuses two steps of one name', () => {
    expect(() =>
      defineSaga<typeof START>('twice', {
        undoable: [pin, pin],
        pointOfNoReturn: sell,
        finishing: [],
        abandonedAs: 'X',
      }),
    ).toThrow('would share an id');
  });
});

describe('folding a log', () => {
  const line = { step: null, attempt: 0, reason: null };

  it('finds a gap', () => {
    const log = [
      { ...line, sequence: 1, event: 'STARTED' as const },
      { ...line, sequence: 3, event: 'COMPLETED' as const },
    ];
    expect(() => foldLog(log)).toThrow('log entry 2 is missing');
  });

  it('finds a missing beginning', () => {
    const log = [{ ...line, sequence: 1, event: 'COMPLETED' as const }];
    expect(() => foldLog(log)).toThrow('a log starts once');
  });
});
