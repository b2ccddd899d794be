import { WaitingLine } from '@encore/messaging';

/** Nobody waits longer for a refusal, however many are to be refused. */
const WAIT_MAX_MS = 3_000;
/** More than there are connections: who sends request after request without waiting for answers. */
const WAITING_MAX = 20_000;
/** As many as belong to so much time are refused at once after a pause. */
const BURST_MS = 50;
const LOOK_EVERY_MS = 10;

interface Waiting {
  readonly dueMs: number;
  readonly refuse: () => void;
}

/**
 * Refuses at a pace. Whoever is refused at once asks again at once, and it is those who are served
 * whose time this takes. So only so many are refused in a second: the others wait for their turn,
 * in the order in which they came.
 */
export class RefusalPace {
  private readonly intervalMs: number;
  private readonly waiting = new WaitingLine<Waiting>();
  private nextDueMs = -Infinity;
  private looking: NodeJS.Timeout | undefined;

  constructor(refusalsPerSecond: number) {
    this.intervalMs = 1_000 / refusalsPerSecond;
  }

  /** Calls `refuse` when it is its turn, which is now where few are refused. */
  add(refuse: () => void): void {
    const nowMs = performance.now();
    const turnMs = Math.max(this.nextDueMs, nowMs - BURST_MS);
    const dueMs = Math.min(turnMs, nowMs + WAIT_MAX_MS);
    this.nextDueMs = dueMs + this.intervalMs;
    if (dueMs <= nowMs || this.waiting.size >= WAITING_MAX) {
      refuse();
      return;
    }
    this.waiting.push({ dueMs, refuse });
    this.looking ??= setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  private look(): void {
    const nowMs = performance.now();
    for (let one = this.waiting.first; one !== undefined; one = this.waiting.first) {
      if (one.dueMs > nowMs) return;
      this.waiting.take();
      one.refuse();
    }
    clearInterval(this.looking);
    this.looking = undefined;
  }
}
