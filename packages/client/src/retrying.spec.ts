import { describe, expect, it } from '@jest/globals';
import { DEFAULT_RETRIES, delayMsBeforeRetry, NO_RETRIES, retryAfterMsOf } from './retrying.js';

const policy = { attemptsMax: 5, firstDelayMs: 100, delayMaxMs: 1_000, retryAfterMaxMs: 10_000 };
const answer = (status: number, code = 'ANY', retryAfterMs?: number) => ({
  status,
  code,
  retryAfterMs,
});

describe('the rest before another try', () => {
  it('doubles up to its limit, and a random half of it is left out', () => {
    const longest = [1, 2, 3, 4].map((attempt) => delayMsBeforeRetry({ attempt }, policy, 1));
    expect(longest).toEqual([100, 200, 400, 800]);
    const shortest = [1, 2, 3, 4].map((attempt) => delayMsBeforeRetry({ attempt }, policy, 0));
    expect(shortest).toEqual([50, 100, 200, 400]);
    const patient = { ...policy, attemptsMax: 50 };
    expect(delayMsBeforeRetry({ attempt: 49 }, patient, 1)).toBe(1_000);
  });

  it('is never shorter than the gateway asked for', () => {
    const failed = { attempt: 1, answer: answer(503, 'SERVICE_UNAVAILABLE', 2_000) };
    expect(delayMsBeforeRetry(failed, policy, 0)).toBe(2_000);
    expect(delayMsBeforeRetry(failed, policy, 0.5)).toBe(2_050);
  });

  it('does not come when the gateway asks for more patience than there is', () => {
    const failed = { attempt: 1, answer: answer(429, 'RATE_LIMITED', 10_001) };
    expect(delayMsBeforeRetry(failed, policy, 0)).toBeUndefined();
  });

  it('does not come after the last try', () => {
    expect(delayMsBeforeRetry({ attempt: 5 }, policy, 0)).toBeUndefined();
    expect(delayMsBeforeRetry({ attempt: 1 }, NO_RETRIES, 0)).toBeUndefined();
    expect(delayMsBeforeRetry({ attempt: 5 }, DEFAULT_RETRIES, 0)).toBeDefined();
  });

  it.each([429, 502, 503, 504])('comes after a %d', (status) => {
    expect(delayMsBeforeRetry({ attempt: 1, answer: answer(status) }, policy, 0)).toBe(50);
  });

  it.each([200, 400, 401, 402, 403, 404, 409, 422, 500])('does not come after a %d', (status) => {
    expect(delayMsBeforeRetry({ attempt: 1, answer: answer(status) }, policy, 0)).toBeUndefined();
  });

  it('comes after the one conflict that is no decision: the same call still running', () => {
    const failed = { attempt: 1, answer: answer(409, 'IDEMPOTENCY_IN_PROGRESS') };
    expect(delayMsBeforeRetry(failed, policy, 0)).toBe(50);
  });
});

describe('a Retry-After', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  const read = (text?: string) =>
    retryAfterMsOf(new Headers(text === undefined ? {} : { 'retry-after': text }), now);

  it.each([
    ['0', 0],
    ['7', 7_000],
    ['Fri, 20 Nov 2026 10:00:03 GMT', 3_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
  ])('of %s is %d ms', (text, ms) => {
    expect(read(text)).toBe(ms);
  });

  it.each([undefined, '', 'soon', '-1x'])('of %s is none', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
