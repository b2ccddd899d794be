import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { OutgoingCommand } from '@encore/messaging';
import { UnhurriedAsks } from './unhurried-asks.js';

const PACE_MS = 250;

const command = (id: string) => ({ id }) as OutgoingCommand;

/** What was sent so far, by the ids of each sending. */
function asksOf(send = (): Promise<void> => Promise.resolve()) {
  const sent: string[][] = [];
  const asks = new UnhurriedAsks((commands) => {
    sent.push(commands.map(({ id }) => id));
    return send();
  }, PACE_MS);
  return { sent, asks, add: (...ids: string[]) => asks.add(ids.map(command)) };
}

describe('what nobody waits for', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('leaves at once, and what follows when its time has come, each once', () => {
    const { sent, add } = asksOf();
    add('a', 'b');
    expect(sent).toEqual([['a', 'b']]);
    add('c');
    add('d', 'c');
    jest.advanceTimersByTime(PACE_MS - 1);
    expect(sent).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(sent).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    jest.advanceTimersByTime(PACE_MS);
    expect(sent).toHaveLength(2);
    add('e');
    expect(sent.at(-1)).toEqual(['e']);
  });

  it('leaves before its time when a thousand wait', () => {
    const { sent, add } = asksOf();
    add('first');
    add(...Array.from({ length: 999 }, (_, index) => String(index)));
    expect(sent).toHaveLength(1);
    add('last');
    expect(sent.map((ids) => ids.length)).toEqual([1, 1_000]);
  });

  it('has left when the end comes, also what was on its way', async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const { sent, asks, add } = asksOf(() => arrived);
    add('a');
    add('b');
    let isEmpty = false;
    const flushed = asks.flush().then(() => (isEmpty = true));
    expect(sent).toEqual([['a'], ['b']]);
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    arrive();
    await flushed;
    jest.advanceTimersByTime(PACE_MS);
    expect(sent).toHaveLength(2);
  });
});
