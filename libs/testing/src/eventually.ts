const POLL_INTERVAL_MS = 20;

/**
 * Repeats an assertion until it no longer throws, and then returns what it returned. When time is
 * up it throws what the assertion threw last: the test fails with the reason, not with a timeout.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  options: { timeoutMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}
