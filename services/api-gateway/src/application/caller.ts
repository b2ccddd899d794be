import type { values } from '@encore/contracts';
import type { Actor } from '@encore/messaging';
import type { z } from 'zod';

/** Where a call comes from, for logs, traces and sagas. */
export interface Origin {
  readonly requestId: string;
  readonly traceparent: string;
  /** Who calls, verified; services are told, and check for themselves whether they may. */
  readonly identity?: Actor;
}

/** A read on behalf of a person. */
export interface Reader extends Origin {
  readonly userId: number;
}

/** A change, under the id that makes it safe to repeat. */
export interface Change extends Origin {
  readonly messageId: string;
  /**
   * Hash of what was asked; absent when the client gave no key, because then nothing can be
   * repeated.
   */
  readonly fingerprint?: string;
}

/** A change on behalf of a person. */
export interface Writer extends Change {
  readonly userId: number;
}

/** What a change came to, and whether it had come to it before. */
export interface Done<Value> {
  readonly value: Value;
  readonly replayed: boolean;
}

/** Which page of a list. */
export type PageRequest = z.input<typeof values.page>;
