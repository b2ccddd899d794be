import { CONTRACTS } from '@encore/contracts';
import { describe, expect, it } from '@jest/globals';
import { meaningOf, REFUSALS, type RefusalCode } from './refusal-statuses.js';

describe('the table of refusals', () => {
  it('knows exactly the refusals of the contracts', () => {
    const declared = new Set(CONTRACTS.flatMap(({ refusals }) => refusals));
    expect(Object.keys(REFUSALS).sort()).toEqual([...declared].sort());
  });

  it('does not compile when a refusal is missing', () => {
    // @ts-expect-error this table knows one refusal only: the compiler must say so
    const incomplete: Record<RefusalCode, number> = { WALLET_CAP_REACHED: 409 };
    expect(Object.keys(incomplete)).toHaveLength(1);
  });

  it('does not compile when it names what no contract refuses', () => {
    // @ts-expect-error there is no such refusal: the compiler must say so
    const code: RefusalCode = 'WALLET_ON_FIRE';
    expect(meaningOf(code).status).toBe(409);
  });

  it('takes the refusal of a newer service for a conflict', () => {
    expect(meaningOf('WALLET_FROZEN')).toMatchObject({ status: 409 });
    expect(meaningOf('toString')).toMatchObject({ status: 409 });
  });
});
