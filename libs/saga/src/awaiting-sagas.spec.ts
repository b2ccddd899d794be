import { describe, expect, it } from '@jest/globals';
import { AwaitingSagas } from './awaiting-sagas.js';
import type { SagaRecord } from './saga.store.js';

const waitingFor = (messageId: string | null) => ({
  record: { saga: { messageId } } as SagaRecord,
  unwritten: [],
});

describe('the sagas that wait for an answer', () => {
  it('are found by what they wait for, once', () => {
    const sagas = new AwaitingSagas();
    const [first, second] = [waitingFor('a'), waitingFor('b')];
    sagas.keep([first, second]);
    expect(sagas.take(['b', 'a', 'b', 'c'])).toEqual([second, first]);
    expect(sagas.take(['a', 'b'])).toEqual([]);
  });

  it('are those that wait for something', () => {
    const sagas = new AwaitingSagas();
    sagas.keep([waitingFor(null)]);
    expect(sagas.take(['null', ''])).toEqual([]);
  });

  it('are ten thousand at most, the latest', () => {
    const sagas = new AwaitingSagas();
    const ids = Array.from({ length: 10_002 }, (_, index) => String(index));
    for (const id of ids) sagas.keep([waitingFor(id)]);
    expect(sagas.take(ids.slice(0, 2))).toEqual([]);
    expect(sagas.take(ids)).toHaveLength(10_000);
  });
});
