import type { EventContract } from '@encore/contracts';
import type { Received } from './handling.js';

/** Hears events in every instance; forgets them when it is away, and says so through `onReset`. */
export class BroadcastListener {
  on<C extends EventContract>(_contract: C, _hear: (event: Received<C>) => void): this {
    throw new Error('not built yet');
  }
  /** Called whenever listening begins (again): events may have been missed before. */
  onReset(_reset: () => void): this {
    throw new Error('not built yet');
  }
  start(): void {
    throw new Error('not built yet');
  }
  get listening(): boolean {
    throw new Error('not built yet');
  }
}
