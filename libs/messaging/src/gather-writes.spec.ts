import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { gatherWrites } from './gather-writes.js';

function gathering(options: { highWaterMark?: number } = {}) {
  const pieces: string[] = [];
  const stream = new Writable({
    ...options,
    write: (chunk: Buffer, _encoding, done) => {
      pieces.push(chunk.toString());
      done();
    },
    writev: (chunks, done) => {
      pieces.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()).join('+'));
      done();
    },
  });
  gatherWrites(stream);
  return { stream, pieces };
}

describe('gathered writes', () => {
  it('leave together, in their order, as soon as nothing more is written', async () => {
    const { stream, pieces } = gathering();
    stream.write('head');
    stream.write('body');
    stream.write('tail');
    expect(pieces).toEqual([]);
    await nextTurn();
    expect(pieces).toEqual(['head+body+tail']);
    stream.write('alone');
    await nextTurn();
    expect(pieces).toEqual(['head+body+tail', 'alone']);
  });

  it('still say when there is no more room, and when there is again', async () => {
    const { stream, pieces } = gathering({ highWaterMark: 6 });
    expect(stream.write('head')).toBe(true);
    expect(stream.write('body')).toBe(false);
    await new Promise<void>((resolve) => stream.once('drain', resolve));
    expect(pieces).toEqual(['head+body']);
  });

  it('are written before the stream ends', async () => {
    const { stream, pieces } = gathering();
    stream.write('last words');
    await new Promise<void>((resolve) => stream.end(resolve));
    expect(pieces).toEqual(['last words']);
  });
});
