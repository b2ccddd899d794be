import type { Writable } from 'node:stream';

/**
 * Lets what is written in one breath leave in one piece. amqplib writes the head of an envelope and
 * its body one after the other; without Nagle's algorithm each would be a packet, which costs this
 * process a call of the system and the broker a wake-up.
 */
export function gatherWrites(stream: Pick<Writable, 'write' | 'cork' | 'uncork'>): void {
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  let isGathering = false;
  stream.write = (...given: unknown[]): boolean => {
    if (!isGathering) {
      isGathering = true;
      stream.cork();
      process.nextTick(() => {
        isGathering = false;
        stream.uncork();
      });
    }
    return write(...given);
  };
}
