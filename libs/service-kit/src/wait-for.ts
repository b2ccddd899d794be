import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './logging.js';

export interface WaitOptions {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 3_000;

/**
 * Tries until it works, with growing, jittered pauses, and logs what it waits for: services start
 * in any order. Without a limit on purpose: only the signal (shutdown) ends it, and then it throws.
 */
export async function waitFor<T>(
  what: string,
  attempt: () => Promise<T>,
  options: WaitOptions,
): Promise<T> {
  const startedAt = Date.now();
  let pauseMs = options.firstDelayMs ?? FIRST_DELAY_MS;
  for (let tries = 1; ; tries += 1) {
    options.signal.throwIfAborted();
    try {
      const result = await attempt();
      if (tries > 1) {
        options.logger.info({ what, waitedMs: Date.now() - startedAt }, `${what} is there`);
      }
      return result;
    } catch (error) {
      options.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      options.logger.warn({ what, tries, reason }, `waiting for ${what}: ${reason}`);
    }
    await delay(pauseMs * (0.75 + Math.random() / 2), undefined, { signal: options.signal });
    pauseMs = Math.min(pauseMs * 2, options.longestDelayMs ?? LONGEST_DELAY_MS);
  }
}
