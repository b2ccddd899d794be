/** What a client needs of the world besides `fetch`; tests bring a world of their own. */
export interface Surroundings {
  now(): number;
  random(): number;
  /** Rejects with the signal's reason as soon as it aborts. */
  pause(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export const REAL_SURROUNDINGS: Surroundings = {
  now: () => Date.now(),
  random: () => Math.random(),
  pause: (ms, signal) =>
    new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', end);
        resolve();
      }, ms);
      if (signal?.aborted === true) end();
      else signal?.addEventListener('abort', end, { once: true });
    }),
};
