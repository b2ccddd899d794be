import { describe, expect, it } from '@jest/globals';
import type { SagaStep } from './define-saga.js';
import { buyTicket, QUOTE, START } from './example.saga.fixture.js';
import { explore } from './explore.js';

const replyTo = (step: string) => (step === 'pin the seat' ? QUOTE : {});

describe('exploring a saga', () => {
  it('reaches many more places than the saga has steps', () => {
    expect(explore(buyTicket, START, replyTo)).toBeGreaterThan(50);
  });

  it('finds a step that is undone although it lies behind the point of no return', () => {
    const [pin, debit, ...rest] = buyTicket.steps as [
      SagaStep<typeof START>,
      SagaStep<typeof START>,
      ...SagaStep<typeof START>[],
    ];
    const early = { ...debit, kind: 'pivot' as const };
    const broken = { ...buyTicket, steps: [pin, early, ...rest] };
    expect(() => explore(broken, START, replyTo)).toThrow();
  });

  it('finds a reply that is not kept', () => {
    const forgetful = {
      ...buyTicket,
      steps: buyTicket.steps.map((one) => ({
        ...one,
        keep: () => {
          throw new Error('forgotten');
        },
      })),
    };
    expect(() => explore(forgetful, START, replyTo)).toThrow('forgotten');
  });
});
