import {
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
  ServiceFaultError,
  ServiceUnavailableError,
} from '@encore/messaging';
import { describe, expect, it } from '@jest/globals';
import { NotFoundException } from '@nestjs/common';
import { RefusalError } from '../clients/refusal-error.js';
import { foreseenProblemOf } from './problem-of.js';
import { problem, problemBody, ProblemError } from './problem.js';

describe('the problem of an error', () => {
  const cases: [error: Error, status: number, code: string, retries: boolean][] = [
    [new ProblemError('ENTRY_USED'), 403, 'ENTRY_USED', false],
    [new RefusalError('RESERVATION_NOT_YOURS'), 403, 'RESERVATION_NOT_YOURS', false],
    [new RefusalError('WALLET_INSUFFICIENT_BALANCE'), 402, 'WALLET_INSUFFICIENT_BALANCE', false],
    [new ServiceUnavailableError('wallet', 'away'), 503, 'SERVICE_UNAVAILABLE', true],
    [new OutcomeUnknownError('wallet', 'late'), 504, 'OUTCOME_UNKNOWN', true],
    [new KeyReusedError('m'), 422, 'IDEMPOTENCY_KEY_REUSED', false],
    [new InProgressError('m'), 409, 'IDEMPOTENCY_IN_PROGRESS', true],
    [new NotFoundException(), 404, 'NOT_FOUND', false],
  ];

  it.each(cases)('%s is %i %s', (error, status, code, retries) => {
    const said = foreseenProblemOf(error);
    expect(said).toMatchObject({ status, code });
    expect(said?.headers?.['retry-after'] !== undefined).toBe(retries);
  });

  it.each([new ServiceFaultError('wallet', 'secret'), new TypeError('secret'), 'secret', null])(
    'is unforeseen for %s',
    (error) => expect(foreseenProblemOf(error)).toBeUndefined(),
  );

  it('carries the facts of a refusal', () => {
    const said = foreseenProblemOf(
      new RefusalError('RESERVATION_SEATS_TAKEN', { seatNumbers: [3] }),
    );
    expect(said?.members).toEqual({ details: { seatNumbers: [3] } });
  });

  it('is written with the standard members, which nothing can replace', () => {
    const said = problem('VALIDATION_FAILED', { detail: 'so', members: { status: 1, errors: [] } });
    expect(problemBody(said, 'r-1')).toEqual({
      type: 'urn:encore:problem:validation-failed',
      title: 'The request is not valid.',
      status: 400,
      detail: 'so',
      code: 'VALIDATION_FAILED',
      requestId: 'r-1',
      errors: [],
    });
  });
});
