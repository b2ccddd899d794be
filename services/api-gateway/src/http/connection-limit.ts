import type { Socket } from 'node:net';
import { addressKey } from './client-address.js';

/** Keeps one address from taking the connections of all others. */
export class ConnectionLimit {
  private readonly open = new Map<string, number>();

  constructor(private readonly maxPerAddress: number) {}

  /** Closes the connection and says false when it is one too many of its address. */
  admit(socket: Socket): boolean {
    const key = addressKey(socket.remoteAddress);
    const count = this.open.get(key) ?? 0;
    if (count >= this.maxPerAddress) {
      socket.destroy();
      return false;
    }
    this.open.set(key, count + 1);
    socket.once('close', () => this.closed(key));
    return true;
  }

  private closed(key: string): void {
    const left = (this.open.get(key) ?? 0) - 1;
    if (left > 0) this.open.set(key, left);
    else this.open.delete(key);
  }
}
