import { DatabaseUnavailableError } from '@encore/database';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AnswerBody } from './answers.js';
import { BatchProcessor } from './batch-processor.js';
import type { BatchWork } from './batch-work.js';
import { CommitUncertainError } from './errors.js';
import type { FaultDesk } from './fault-desk.js';
import type { Handler, Item } from './handler.js';
import { silentLogger } from './logger.js';
import { silentObserver } from './observer.js';
import type { Asked, ReplyPublisher } from './reply-publisher.js';

const COMMAND = { type: 'wallet.order', kind: 'command', role: 'handles' } as Handler;
const REQUEST = { type: 'wallet.do', kind: 'request', role: 'handles' } as Handler;

let attempts: string[][];
let answered: [string, AnswerBody['kind']][];
let sentOn: string[];
let settled: string[];
let giveUp: AbortController;
/** What the handler thinks of a batch; returning means it is committed. */
let work: (ids: string[]) => void;
let publish: () => void;

beforeEach(() => {
  attempts = [];
  answered = [];
  sentOn = [];
  settled = [];
  giveUp = new AbortController();
  work = () => undefined;
  publish = () => undefined;
});

function processor(): BatchProcessor {
  return new BatchProcessor({
    service: 'wallet',
    limits: { holdFirstMs: 1, holdMaxMs: 1 },
    logger: silentLogger,
    observer: silentObserver,
    giveUp: giveUp.signal,
    work: {
      run: async (_handler: Handler, items: readonly Item[]) => {
        const ids = items.map(({ message }) => message.id);
        attempts.push(ids);
        work(ids);
        const outcome = { ok: true, value: {} } as const;
        const answer = { kind: 'outcome', outcome, replayed: false } as const;
        return { answers: items.map((item) => ({ item, answer })), promised: [], repeated: 0 };
      },
    } as unknown as BatchWork,
    replies: {
      publish: async (answers: readonly { asked: Asked; answer: AnswerBody }[]) => {
        publish();
        for (const { asked, answer } of answers) answered.push([asked.id, answer.kind]);
      },
    } as unknown as ReplyPublisher,
    faultDesk: {
      sendOn: async ({ message }: Item) => void sentOn.push(message.id),
      forgetDeclarations: () => undefined,
    } as unknown as FaultDesk,
  });
}

interface Fate {
  stale: boolean;
}

function items(handler: Handler, ids: string[], fate: Fate = { stale: false }): Item[] {
  return ids.map((id) => ({
    message: {
      id,
      type: handler.type,
      body: {},
      headers: {
        correlationId: 'test',
        sentAt: 1,
        attempt: 1,
        replyTo: 'answers',
        deadline: Infinity,
      },
    },
    delivery: {
      queue: 'q',
      durable: handler.kind === 'command',
      get stale() {
        return fate.stale;
      },
      settleOne: () => void settled.push(id),
    } as unknown as Item['delivery'],
    received: {} as Item['received'],
  }));
}

/** Waits until everything owed is published and so many messages are settled. */
async function untilSettled(count: number): Promise<void> {
  while (settled.length < count) await new Promise((resolve) => setImmediate(resolve));
}

const IDS = ['a', 'b', 'c', 'd', 'e'];

describe('a batch', () => {
  it('that commits is answered and then settled, each message once', async () => {
    await processor().process(COMMAND, items(COMMAND, IDS));
    await untilSettled(IDS.length);
    expect(attempts).toEqual([IDS]);
    expect(answered.map(([id]) => id)).toEqual(IDS);
    expect(settled).toEqual(IDS);
  });

  it('with a poisonous message is halved until that one stands alone; its neighbours are done', async () => {
    work = (ids) => {
      if (ids.includes('d')) throw new Error('poison');
    };
    await processor().process(COMMAND, items(COMMAND, IDS));
    await untilSettled(IDS.length);
    expect(sentOn).toEqual(['d']);
    expect(answered.map(([id]) => id).sort()).toEqual(['a', 'b', 'c', 'e']);
    expect([...settled].sort()).toEqual(IDS);
  });

  it('in which everything is poison sends every message on, none is answered', async () => {
    work = () => {
      throw new Error('poison');
    };
    await processor().process(COMMAND, items(COMMAND, IDS));
    await untilSettled(IDS.length);
    expect([...sentOn].sort()).toEqual(IDS);
    expect(answered).toEqual([]);
    expect([...settled].sort()).toEqual(IDS);
  });

  it('of requests answers the poisonous one with a fault at once', async () => {
    work = (ids) => {
      if (ids.includes('b')) throw new Error('poison');
    };
    await processor().process(REQUEST, items(REQUEST, ['a', 'b']));
    await untilSettled(2);
    expect([...answered].sort()).toEqual([
      ['a', 'outcome'],
      ['b', 'fault'],
    ]);
    expect(sentOn).toEqual([]);
  });

  it('of commands is held while the database is away and burns no attempt', async () => {
    let failures = 3;
    work = () => {
      failures -= 1;
      if (failures >= 0) throw new DatabaseUnavailableError(new Error('away'));
    };
    await processor().process(COMMAND, items(COMMAND, IDS));
    await untilSettled(IDS.length);
    expect(attempts).toEqual([IDS, IDS, IDS, IDS]);
    expect(sentOn).toEqual([]);
    expect(settled).toEqual(IDS);
  });

  it('of requests is answered "unavailable" while the database is away', async () => {
    work = () => {
      throw new DatabaseUnavailableError(new Error('away'));
    };
    await processor().process(REQUEST, items(REQUEST, ['a']));
    await untilSettled(1);
    expect(answered).toEqual([['a', 'unavailable']]);
    expect(settled).toEqual(['a']);
  });

  it('of requests whose commit may have happened is never called "unavailable": the inbox will tell', async () => {
    let failures = 3;
    work = () => {
      failures -= 1;
      const away = new DatabaseUnavailableError(new Error('away'));
      if (failures === 2) throw new CommitUncertainError(away);
      if (failures >= 0) throw away;
    };
    await processor().process(REQUEST, items(REQUEST, ['a']));
    await untilSettled(1);
    expect(attempts).toHaveLength(4);
    expect(answered).toEqual([['a', 'outcome']]);
  });

  it('whose channel is gone is not run: the broker hands it out again', async () => {
    await processor().process(COMMAND, items(COMMAND, IDS, { stale: true }));
    expect(attempts).toEqual([]);
  });

  it('that committed is settled only when its answers are published, however often that fails', async () => {
    let failures = 3;
    publish = () => {
      failures -= 1;
      if (failures >= 0) throw new Error('no broker');
      expect(settled).toEqual([]);
    };
    await processor().process(COMMAND, items(COMMAND, ['a']));
    await untilSettled(1);
    expect(failures).toBe(-1);
    expect(settled).toEqual(['a']);
  });

  it('that committed stays unacked when the drain gives up before its answers are out', async () => {
    publish = () => {
      giveUp.abort();
      throw new Error('no broker');
    };
    await processor().process(COMMAND, items(COMMAND, ['a']));
    while (!giveUp.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual([]);
  });

  it('past its deadline is not handled, and settled', async () => {
    const late = items(REQUEST, ['a']).map((item) => ({
      ...item,
      message: { ...item.message, headers: { ...item.message.headers, deadline: 1 } },
    }));
    await processor().process(REQUEST, late);
    expect(attempts).toEqual([]);
    expect(settled).toEqual(['a']);
  });
});
