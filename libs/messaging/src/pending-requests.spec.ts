import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PendingRequests, type PendingRequest } from './pending-requests.js';

let late: { key: string; at: number }[];
let pending: PendingRequests;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_003 });
  late = [];
  pending = new PendingRequests(({ key }) => void late.push({ key, at: Date.now() }));
});

afterEach(() => {
  jest.useRealTimers();
});

function request(key: string, waitMs: number): PendingRequest {
  return {
    key,
    service: 'wallet',
    fingerprint: undefined,
    deadline: Date.now() + waitMs,
    sent: true,
    resolve: () => undefined,
    reject: () => undefined,
  };
}

describe('a pending request', () => {
  it('is given up after its deadline, never before, and soon', () => {
    const requests = Array.from({ length: 60 }, (_, wait) => request(String(wait), wait));
    for (const one of requests) pending.add(one);
    jest.advanceTimersByTime(200);
    expect(late).toHaveLength(60);
    for (const { key, at } of late) {
      const deadline = 1_000_003 + Number(key);
      expect(at).toBeGreaterThanOrEqual(deadline);
      expect(at - deadline).toBeLessThanOrEqual(50);
    }
    expect(pending.size).toBe(0);
  });

  it('that was answered is not given up', () => {
    pending.add(request('answered', 10));
    pending.add(request('removed', 10));
    expect(pending.take('answered')?.key).toBe('answered');
    expect(pending.take('answered')).toBeUndefined();
    const removed = pending.get('removed');
    expect(removed !== undefined && pending.remove(removed)).toBe(true);
    jest.advanceTimersByTime(1_000);
    expect(late).toEqual([]);
  });

  it('is what a timer runs for, and for nothing else', () => {
    expect(jest.getTimerCount()).toBe(0);
    for (const key of ['answered', 'late']) pending.add(request(key, 100));
    expect(jest.getTimerCount()).toBe(1);
    pending.take('answered');
    jest.advanceTimersByTime(200);
    expect(late.map(({ key }) => key)).toEqual(['late']);
    expect(jest.getTimerCount()).toBe(0);
    pending.add(request('later', 10));
    jest.advanceTimersByTime(60);
    expect(late.map(({ key }) => key)).toEqual(['late', 'later']);
  });

  it('whose deadline is over already is given up at the next tick', () => {
    pending.add(request('hopeless', -5_000));
    jest.advanceTimersByTime(60);
    expect(late.map(({ key }) => key)).toEqual(['hopeless']);
  });

  it('is given up also when the process was paused for long', () => {
    pending.add(request('paused', 100));
    const resumedAt = performance.now() + 3_600_000;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(resumedAt);
    jest.advanceTimersByTime(30);
    clock.mockRestore();
    expect(late.map(({ key }) => key)).toEqual(['paused']);
  });

  it('is given up in time, and no earlier, whatever happens to the time of day', () => {
    pending.add(request('set back', 100));
    jest.setSystemTime(Date.now() - 3_600_000);
    jest.advanceTimersByTime(75);
    expect(late).toEqual([]);
    jest.advanceTimersByTime(75);
    expect(late.map(({ key }) => key)).toEqual(['set back']);
    pending.add(request('set forward', 100));
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(75);
    expect(late).toHaveLength(1);
    jest.advanceTimersByTime(75);
    expect(late).toHaveLength(2);
  });

  it('that took the place of another is not given up in its stead', () => {
    pending.add(request('same', 10));
    const first = pending.get('same');
    if (first !== undefined) pending.remove(first);
    pending.add(request('same', 500));
    jest.advanceTimersByTime(100);
    expect(late).toEqual([]);
    jest.advanceTimersByTime(500);
    expect(late.map(({ key }) => key)).toEqual(['same']);
  });
});
