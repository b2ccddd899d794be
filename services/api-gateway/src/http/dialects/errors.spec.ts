import { describe, expect, it } from '@jest/globals';
import { problem, type Problem, type ProblemCode } from '../problem.js';
import { meaningOf, REFUSALS } from '../refusal-statuses.js';
import { DIALECTS, type Dialect } from './dialect.js';
import { allOf, dialectAnswerOf } from './errors.js';

function refusal(code: string, members?: Problem['members']): Problem {
  return { code, ...meaningOf(code), ...(members === undefined ? {} : { members }) };
}

function said(dialect: Dialect, what: Problem): [number, unknown] {
  const { status, body } = dialectAnswerOf({ dialects: [dialect] }, what, 'r-1');
  return [status, body['error'] ?? body['message']];
}

describe('an error in a published document', () => {
  it.each(['booking', 'booking-draft'] as const)('%s: is { error, requestId }', (dialect) => {
    const { status, body } = dialectAnswerOf(
      { dialects: [dialect] },
      problem('TOKEN_INVALID'),
      'r',
    );
    const reason = 'TOKEN_INVALID';
    expect([status, body]).toEqual([
      401,
      { error: 'Unauthorized request', reason, requestId: 'r' },
    ]);
  });

  it.each(['user-token', 'waiting-queue', 'queue-token'] as const)(
    '%s: is { code, message, requestId }',
    (dialect) => {
      const answer = dialectAnswerOf({ dialects: [dialect] }, problem('TOKEN_INVALID'), 'r');
      const reason = 'TOKEN_INVALID';
      const body = { code: 401, message: 'invalid token', reason, requestId: 'r' };
      expect(answer).toEqual({ status: 401, body });
    },
  );

  it('on a shared route has the fields of all its documents', () => {
    const place = { dialects: ['booking', 'user-token'] as const };
    const { body } = dialectAnswerOf(place, refusal('RESERVATION_NOT_FOUND'), 'r');
    expect(body).toMatchObject({
      error: 'Reservation not found',
      code: 404,
      message: 'Reservation not found',
    });
  });

  it('has the endpoint’s own words first, and its status', () => {
    const errors = allOf(['RESERVATION_EXPIRED'], 'payment failed', 500);
    const place = { dialects: ['queue-token'] as const, errors };
    expect(dialectAnswerOf(place, refusal('RESERVATION_EXPIRED'), 'r').body).toMatchObject({
      code: 500,
      message: 'payment failed',
    });
  });

  const entry = (code: ProblemCode) => problem(code, { members: { position: 12 } });

  it('calls a token that has ended a bad one, and says the position of one that waits', () => {
    for (const dialect of DIALECTS) {
      expect(said(dialect, entry('ENTRY_USED'))[0]).toBe(401);
      expect(said(dialect, entry('ENTRY_EXPIRED'))[0]).toBe(401);
      expect(said(dialect, entry('ENTRY_WAITING'))).toEqual([
        403,
        'It is not your turn yet: position 12.',
      ]);
    }
  });

  it('knows nobody without a token but in queue-token, where that is a token not found', () => {
    for (const code of ['ENTRY_REQUIRED', 'QUEUE_PASS_NOT_FOUND'] as const) {
      const what = code === 'ENTRY_REQUIRED' ? problem(code) : refusal(code);
      for (const dialect of DIALECTS.slice(0, 4)) expect(said(dialect, what)[0]).toBe(401);
      expect(said('queue-token', what)).toEqual([404, 'token not found']);
    }
  });

  it('has the documented statuses for money and seats', () => {
    const poor = refusal('WALLET_INSUFFICIENT_BALANCE');
    expect(said('booking', poor)).toEqual([402, 'Insufficient balance']);
    expect(said('queue-token', poor)).toEqual([400, 'Insufficient balance']);
    const taken = refusal('RESERVATION_SEATS_TAKEN', { details: { seatNumbers: [2, 5] } });
    expect(said('booking', taken)).toEqual([409, 'Seat is not available']);
    expect(said('waiting-queue', taken)).toEqual([409, 'seats not available: 2, 5']);
    expect(said('queue-token', taken)).toEqual([400, 'reservation failed']);
    for (const dialect of DIALECTS) {
      expect(said(dialect, refusal('WALLET_AMOUNT_OUT_OF_RANGE'))[0]).toBe(400);
      expect(said(dialect, refusal('WALLET_USER_NOT_FOUND'))).toEqual([404, 'user not found']);
    }
  });

  it('has a text for every refusal, and carries its facts', () => {
    for (const dialect of DIALECTS) {
      for (const code of Object.keys(REFUSALS)) {
        const { status, body } = dialectAnswerOf({ dialects: [dialect] }, refusal(code), 'r');
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
        expect(String(body['error'] ?? body['message'])).toMatch(/\w/);
      }
    }
    const answer = dialectAnswerOf({ dialects: ['booking'] }, entry('ENTRY_WAITING'), 'r');
    expect(answer.body).toMatchObject({ position: 12 });
  });

  it('says a fault of ours without a word of what it was', () => {
    for (const dialect of DIALECTS) {
      expect(said(dialect, problem('INTERNAL'))).toEqual([
        500,
        'Something went wrong on our side.',
      ]);
    }
  });
});
