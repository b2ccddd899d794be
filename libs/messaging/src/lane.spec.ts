import { describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import type { Handler, Item } from './handler.js';
import { Lane } from './lane.js';

const LIMITS = {
  batchMaxMessages: 3,
  batchesPerType: 1,
  eachConcurrency: 2,
  places: 5,
  convoyWaitMs: 60_000,
};

/** A lane whose batches end when the test says so. */
function laneOf(each: boolean, limits = LIMITS, underway = { count: 0 }) {
  const handler = { type: 'wallet.do', kind: 'request', role: 'handles', each } as Handler;
  const begun: string[][] = [];
  const ends: (() => void)[] = [];
  const process = (_handler: Handler, items: readonly Item[]) => {
    begun.push(items.map(({ message }) => message.id));
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const lane = new Lane(handler, limits, process, { countOf: () => underway.count });
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

  it('lets a convoy gather until it is as large as what is under way', async () => {
    const underway = { count: 2 };
    const { lane, push, begun, turn } = laneOf(false, LIMITS, underway);
    push('a');
    await turn();
    expect(begun).toEqual([]);
    push('b');
    await turn();
    expect(begun).toEqual([['a', 'b']]);

    underway.count = 4;
    const other = laneOf(false, LIMITS, underway);
    other.push('c');
    await other.turn();
    underway.count = 1;
    other.lane.runWhileFree();
    expect(other.begun).toEqual([['c']]);
    lane.runWhileFree();
    expect(begun).toHaveLength(1);
  });

  it('waits for no convoy larger than a batch, nor for longer than it may', async () => {
    const full = laneOf(false, LIMITS, { count: 100 });
    full.push('a', 'b', 'c');
    await full.turn();
    expect(full.begun).toEqual([['a', 'b', 'c']]);

    const late = laneOf(false, { ...LIMITS, convoyWaitMs: 1 }, { count: 100 });
    late.push('a');
    await eventually(() => expect(late.begun).toEqual([['a']]));
  });
});
