import type { ServerResponse } from 'node:http';

interface Answer extends Pick<ServerResponse, 'writableLength'> {
  destroy(): unknown;
}

/**
 * Finds clients that ask and do not read: their answers stay in our memory. A client that is behind
 * every time one looks, for as long as the limit, is cut off, also when it reads a byte now and
 * then. One look over all answers costs less than a timer for each.
 */
export class SlowReaders {
  private readonly behindSinceMs = new WeakMap<Answer, number>();

  constructor(private readonly limitMs: number) {}

  /** Says how many were cut off. */
  cutOff(answers: Iterable<Answer>, nowMs: number): number {
    let count = 0;
    for (const answer of answers) {
      if (!this.isTooLate(answer, nowMs)) continue;
      answer.destroy();
      count += 1;
    }
    return count;
  }

  private isTooLate(answer: Answer, nowMs: number): boolean {
    if (answer.writableLength === 0) {
      this.behindSinceMs.delete(answer);
      return false;
    }
    const since = this.behindSinceMs.get(answer) ?? nowMs;
    this.behindSinceMs.set(answer, since);
    return nowMs - since >= this.limitMs;
  }
}
