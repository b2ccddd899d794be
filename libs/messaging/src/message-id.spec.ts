import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { isMessageId } from './envelope.js';
import { messageIdOf } from './message-id.js';

describe('a message id made of parts', () => {
  it('is the same for the same parts, in every process and release', () => {
    expect(messageIdOf('saga', 'step', '1')).toBe(messageIdOf('saga', 'step', '1'));
    expect(messageIdOf('pinned')).toBe('89297663-b881-89dc-aecb-4478a2f5c29f');
  });

  it('differs when parts are cut differently', () => {
    const ids = [
      messageIdOf('ab', 'c'),
      messageIdOf('a', 'bc'),
      messageIdOf('abc'),
      messageIdOf('abc', ''),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is a uuid for everybody who checks', () => {
    for (let number = 0; number < 200; number += 1) {
      const id = messageIdOf('number', String(number));
      expect(z.uuid().safeParse(id).success).toBe(true);
      expect(isMessageId(id)).toBe(true);
    }
  });
});
