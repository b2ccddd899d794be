import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailableError, isUnavailable, violatedConstraint } from './errors.js';

function coded(code: string, more: object = {}): Error {
  return Object.assign(new Error('from the driver'), { code }, more);
}

describe('isUnavailable', () => {
  it.each(['57P01', '57P02', '57P03', '08006', '08001', '53300', 'ECONNREFUSED', 'ECONNRESET'])(
    'blames the database for %s',
    (code) => {
      expect(isUnavailable(coded(code))).toBe(true);
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Query read timeout',
  ])('knows the driver’s words "%s"', (message) => {
    expect(isUnavailable(new Error(message))).toBe(true);
  });

  it.each(['23505', '40001', '42P01', '57014', '55P03', '0A000'])(
    'blames the statement for %s',
    (code) => {
      expect(isUnavailable(coded(code))).toBe(false);
    },
  );

  it('does not take any other thrown thing for an outage', () => {
    expect(isUnavailable(new Error('Connection of ideas'))).toBe(false);
    expect(isUnavailable('ECONNREFUSED')).toBe(false);
    expect(isUnavailable(undefined)).toBe(false);
  });

  it('takes a connection that could not be had for an outage, and says why', () => {
    const refused = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    const error = new DatabaseUnavailableError(refused);
    expect(isUnavailable(error)).toBe(true);
    expect(error.message).toBe('The database is unavailable: ECONNREFUSED');
  });
});

describe('violatedConstraint', () => {
  it('names the constraint of an integrity violation', () => {
    const violation = coded('23514', { constraint: 'balance_is_not_negative' });
    expect(violatedConstraint(violation)).toBe('balance_is_not_negative');
  });

  it('has no name for other errors', () => {
    expect(violatedConstraint(coded('42P01', { constraint: 'x' }))).toBeUndefined();
    expect(violatedConstraint(coded('23502'))).toBeUndefined();
    expect(violatedConstraint(new Error('no code'))).toBeUndefined();
    expect(violatedConstraint(null)).toBeUndefined();
  });
});
