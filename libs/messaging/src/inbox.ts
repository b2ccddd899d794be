/** Ids of the messages this service has handled, with their replies. */
export class Inbox {
  /** Forgets what is older than the limit says; returns how many rows. For a ticker. */
  prune(): Promise<number> {
    throw new Error('not built yet');
  }
}
