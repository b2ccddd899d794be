import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@encore/service-kit';
import { testActors } from '@encore/testing';
import { paymentConfig } from './config.js';

const needed = {
  AMQP_URL: 'amqp://broker',
  DATABASE_URL: 'postgres://database/payment',
  ...testActors.environment,
};

function refundPolicy(text?: string) {
  const given = text === undefined ? {} : { REFUND_POLICY: text };
  return parseConfig(paymentConfig, { ...needed, ...given }).REFUND_POLICY;
}

describe('the refund policy in the environment', () => {
  it('is full until the start when nothing is said', () => {
    expect(refundPolicy()).toEqual([{ hoursBefore: 0, percent: 100 }]);
  });

  it('is read from JSON', () => {
    const tiers = [
      { hoursBefore: 24, percent: 100 },
      { hoursBefore: 0, percent: 50 },
    ];
    expect(refundPolicy(JSON.stringify(tiers))).toEqual(tiers);
  });

  it.each([
    ['no JSON', '24h: 50%'],
    ['no tiers', '[]'],
    ['an unknown field', '[{"hoursBefore":0,"percent":50,"extra":1}]'],
    ['more than everything', '[{"hoursBefore":0,"percent":101}]'],
    ['two tiers for one time', '[{"hoursBefore":1,"percent":1},{"hoursBefore":1,"percent":2}]'],
  ])('is refused with %s', (_what, text) => {
    expect(() => refundPolicy(text)).toThrow('REFUND_POLICY');
  });
});
