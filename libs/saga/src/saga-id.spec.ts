import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { commandIdOf, newSagaId, sagaIdOf } from './saga-id.js';

describe('saga ids', () => {
  it('are uuids that order by time', () => {
    const ids = [1, 1_000, 1_795_000_000_000].map((time) => newSagaId(time));
    expect(ids.every((id) => z.uuidv7().safeParse(id).success)).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });

  it('differ within one instant', () => {
    const ids = Array.from({ length: 10_000 }, () => newSagaId(0));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are found again from the id of any command', () => {
    const saga = newSagaId();
    const commands = [
      commandIdOf(saga, 'pin', 'do'),
      commandIdOf(saga, 'pin', 'undo'),
      commandIdOf(saga, 'debit', 'do'),
    ];
    expect(new Set([saga, ...commands]).size).toBe(4);
    expect(commands.map(sagaIdOf)).toEqual([saga, saga, saga]);
    expect(commands.every((id) => z.uuid().safeParse(id).success)).toBe(true);
    expect(commandIdOf(saga, 'pin', 'do')).toBe(commands[0]);
  });
});
