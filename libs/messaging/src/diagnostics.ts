import { channel } from 'node:diagnostics_channel';

/**
 * Told synchronously at the instants in which a process may die with something half done. Whoever
 * subscribes, for instance a module preloaded by a test, runs inside exactly that window.
 */
export const transportChannels = {
  /** An envelope came; nothing was done yet. */
  received: channel('encore.transport.received'),
  /** A batch is committed; its answers and commands are not published yet. */
  committed: channel('encore.transport.committed'),
  /** They are published and confirmed; the envelopes are not acked yet. */
  published: channel('encore.transport.published'),
} as const;

export interface TransportMoment {
  readonly service: string;
  readonly queue: string;
  /** Wire name; empty for `received`, where the envelope is still closed. */
  readonly type: string;
  readonly messageIds: readonly string[];
}
