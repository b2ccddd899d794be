import { describe, expect, it } from '@jest/globals';
import type { Handler, Item } from './handler.js';
import { Lane } from './lane.js';

const LIMITS = { batchMaxMessages: 3, batchesPerType: 1, eachConcurrency: 2, places: 5 };

/** A lane whose batches end when the test says so. */
function laneOf(each: boolean, limits = LIMITS) {
  const handler = { type: 'wallet.do', kind: 'request', role: 'handles', each } as Handler;
  const begun: string[][] = [];
  const ends: (() => void)[] = [];
  const lane = new Lane(handler, limits, (_handler, items) => {
    begun.push(items.map(({ message }) => message.id));
    return new Promise((resolve) => ends.push(resolve));
  });
  const push = (...ids: string[]) => {
    for (const id of ids) lane.push(itemOf(id, envelope()));
  };
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const end = async () => {
    ends.shift()?.();
    await turn();
  };
  return { lane, push, begun, turn, end };
}

/** Whose envelope a message came in. */
const envelope = () => ({}) as Item['delivery'];
const itemOf = (id: string, delivery: Item['delivery']) => ({ message: { id }, delivery }) as Item;

describe('a lane', () => {
  it('makes one batch of what arrives in one breath, up to the limit', async () => {
    const { push, begun, turn } = laneOf(false);
    push('a', 'b', 'c', 'd');
    await turn();
    expect(begun).toEqual([['a', 'b', 'c']]);
  });

  it('gathers while a batch runs and takes all of it next, in order', async () => {
    const { push, begun, turn, end } = laneOf(false);
    push('a');
    await turn();
    push('b');
    await turn();
    push('c');
    await turn();
    expect(begun).toEqual([['a']]);
    await end();
    expect(begun).toEqual([['a'], ['b', 'c']]);
    await end();
    expect(begun).toHaveLength(2);
  });

  it('runs several batches at once only as far as it may', async () => {
    const { push, begun, turn, end } = laneOf(false, { ...LIMITS, batchesPerType: 2 });
    push('a', 'b', 'c', 'd', 'e', 'f', 'g');
    await turn();
    expect(begun).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
    await end();
    expect(begun[2]).toEqual(['g']);
  });

  it('gives single messages to a handler of each, a bounded number at once', async () => {
    const { push, begun, turn, end } = laneOf(true);
    push('a', 'b', 'c');
    await turn();
    expect(begun).toEqual([['a'], ['b']]);
    await end();
    expect(begun).toEqual([['a'], ['b'], ['c']]);
  });

  it('is full when so many envelopes are in work or wait, however many messages they carry', async () => {
    const { lane, push, turn, end } = laneOf(false);
    push('a', 'b', 'c', 'd');
    const shared = envelope();
    for (const id of ['e', 'f', 'g']) {
      expect(lane.hasRoomFor(shared)).toBe(true);
      lane.push(itemOf(id, shared));
    }
    await turn();
    expect(lane.hasRoomFor(envelope())).toBe(false);
    await end();
    expect(lane.hasRoomFor(envelope())).toBe(true);
    await end();
    await end();
    push('h', 'i', 'j', 'k');
    expect(lane.hasRoomFor(envelope())).toBe(true);
    push('l');
    expect(lane.hasRoomFor(envelope())).toBe(false);
  });
});
