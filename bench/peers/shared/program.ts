/** A setting from the environment; a program without one of its settings does not start. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

/** Tells the bench that this program serves, and ends it should the bench be gone. */
export function announceReady(ready: { port?: number } = {}): void {
  process.once('disconnect', () => process.exit(0));
  process.send?.(ready);
}
