import { describe, expect, it } from '@jest/globals';
import type { Item } from './handler.js';
import { HandlingOnce } from './handling-once.js';
import type { KnownMessage } from './inbox.js';

function itemOf(id: string, { redelivered = false, attempt = 1 } = {}): Item {
  return { message: { id, headers: { attempt } }, delivery: { redelivered } } as unknown as Item;
}

/** What was done, in its order; `known` is what the inbox finds. */
function stage(known: string[] = []) {
  const done: string[] = [];
  const once = new HandlingOnce({
    find: (ids) => {
      const found = ids.filter((id) => known.includes(id));
      return Promise.resolve(found.map((messageId) => ({ messageId }) as KnownMessage));
    },
  });
  const run = (items: readonly Item[], handleNew: () => Promise<string> = succeed('new')) =>
    once.run(items, handleNew, succeed('claimed'));
  const succeed = (what: string) => () => {
    done.push(what);
    return Promise.resolve(what);
  };
  const fail = (error: Error) => () => {
    done.push('new');
    return Promise.reject(error);
  };
  return { run, fail, done };
}

describe('handling once', () => {
  it('takes a message for new, and knows it when it comes again', async () => {
    const { run, done } = stage();
    await run([itemOf('a')]);
    await run([itemOf('b'), itemOf('a')]);
    expect(done).toEqual(['new', 'claimed']);
  });

  it.each([{ redelivered: true }, { attempt: 2 }])('asks first when it has %j', async (seen) => {
    const { run, done } = stage();
    await run([itemOf('a', seen)]);
    expect(done).toEqual(['claimed']);
  });

  it('handles anew after asking what had been handled elsewhere', async () => {
    const { run, fail, done } = stage(['a']);
    await run([itemOf('a')], fail(new Error('duplicate key')));
    expect(done).toEqual(['new', 'claimed']);
  });

  it('leaves a fault of a new message a fault, after one attempt', async () => {
    const { run, fail, done } = stage();
    await expect(run([itemOf('a')], fail(new Error('poison')))).rejects.toThrow('poison');
    expect(done).toEqual(['new']);
  });

  it('waits for what is being handled right now, and asks then', async () => {
    const { run, done } = stage();
    let end: () => void = () => undefined;
    const first = run([itemOf('a')], async () => {
      done.push('new');
      await new Promise<void>((resolve) => (end = resolve));
      return 'new';
    });
    const second = run([itemOf('a')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual(['new']);
    end();
    await Promise.all([first, second]);
    expect(done).toEqual(['new', 'claimed']);
  });
});
