import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { accepted, refused } from '@encore/contracts';
import { QUOTE } from './example.saga.fixture.js';
import { DEFAULT_TIMINGS } from './instance.js';
import { replyTo, Stage } from './stage.fixture.js';

const { askAgainAfterMs, attentionAskAgainAfterMs, giveUpAfterMs } = DEFAULT_TIMINGS;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.server.drop());

beforeEach(() => stage.clear());

/** Makes a saga stand where its definition has no step: as if a newer version had written it. */
async function breakSaga(id: string | undefined): Promise<void> {
  const { database } = stage.server;
  const row = database.sql('sagas').where({ id: id ?? '' });
  await database.run(row.update({ step: 'fly to the moon' }));
}

describe('the sweeper', () => {
  it('asks again, under the same id, only what is overdue', async () => {
    const sweeper = await stage.sweeper();
    const [late] = await stage.start();
    stage.passes(2_000);
    const [fresh] = await stage.start();
    const untouched = await stage.saga(fresh);
    stage.passes(1_000);
    expect(await sweeper.sweep(10)).toBe(1);
    expect(await stage.saga(late)).toMatchObject({ attempt: 2 });
    expect(await stage.saga(fresh)).toEqual(untouched);
    expect(stage.sent[2]).toEqual(stage.sent[0]);
  });

  it('takes at most as many as it is told', async () => {
    const sweeper = await stage.sweeper();
    await stage.start(5);
    stage.passes(askAgainAfterMs);
    expect([await sweeper.sweep(3), await sweeper.sweep(3), await sweeper.sweep(3)]).toEqual([
      3, 2, 0,
    ]);
  });

  it('shares the work between instances that sweep at once', async () => {
    const sweepers = await Promise.all([1, 2, 3, 4].map(() => stage.sweeper()));
    await stage.start(40);
    stage.passes(askAgainAfterMs);
    stage.sent = [];
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep(40)));
    expect(new Set(stage.sent.map((command) => command.id)).size).toBe(40);
    expect(stage.sent).toHaveLength(40);
  });

  it('gives up what stayed unanswered and undoes it', async () => {
    const sweeper = await stage.sweeper();
    const [id] = await stage.start();
    for (let passed = 0; passed <= giveUpAfterMs; passed += 1_000) {
      stage.passes(1_000);
      await sweeper.sweep(10);
    }
    expect(await stage.saga(id)).toMatchObject({
      state: 'COMPENSATING',
      refusal: { code: 'TICKET_ABANDONED' },
    });
    expect(stage.names().at(-1)).toBe('UnpinReservation');
  });

  it('passes over a saga that cannot go on, and takes care of those behind it', async () => {
    const sweeper = await stage.sweeper();
    const [broken, sound] = await stage.start(2);
    await breakSaga(broken);
    stage.passes(askAgainAfterMs);
    expect([await sweeper.sweep(1), await sweeper.sweep(1)]).toEqual([1, 1]);
    expect(await stage.saga(sound)).toMatchObject({ attempt: 2 });
    expect(stage.errors).toEqual(['a saga cannot go on: passed over for now']);
    expect((await stage.reader.read(broken ?? ''))?.saga).toMatchObject({
      attempt: 1,
      nextAskAt: new Date(stage.now.getTime() + attentionAskAgainAfterMs),
    });
  });
});

describe('a runner that comes up', () => {
  it('asks again at once for everything outstanding, in portions, and for nothing else', async () => {
    const ids = await stage.start(7);
    await stage.hear(replyTo(stage.sent[0], refused('RESERVATION_EXPIRED')));
    stage.passes(1);
    stage.sent = [];
    await stage.runner().sweep(3);
    expect(new Set(stage.sent.map((command) => command.id)).size).toBe(6);
    expect((await stage.saga(ids[0])).state).toBe('COMPENSATED');
    expect(await stage.saga(ids[1])).toMatchObject({ attempt: 2, state: 'RUNNING' });
  });

  it('does so once', async () => {
    await stage.start();
    stage.passes(1);
    stage.sent = [];
    const runner = stage.runner();
    await runner.sweep(3);
    await runner.sweep(3);
    expect(stage.sent).toHaveLength(1);
  });

  it('passes over a saga that cannot go on, and comes up', async () => {
    const [broken, sound] = await stage.start(2);
    await breakSaga(broken);
    stage.passes(1);
    const runner = stage.runner();
    await runner.sweep(1);
    expect(await stage.saga(sound)).toMatchObject({ attempt: 2 });
    stage.passes(2 * askAgainAfterMs);
    expect(await runner.sweep(10)).toBe(1);
    expect(await stage.saga(sound)).toMatchObject({ attempt: 3 });
  });
});

describe('a runner that cannot ask', () => {
  const OUTAGE_MS = 10 * giveUpAfterMs;

  /** The sweeper's clock ticks on while nothing goes out. */
  async function outage(sweeper: Awaited<ReturnType<Stage['sweeper']>>): Promise<void> {
    stage.connected = false;
    for (let passed = 0; passed < OUTAGE_MS; passed += 10_000) {
      stage.passes(10_000);
      expect(await sweeper.sweep(10)).toBe(0);
    }
    stage.connected = true;
  }

  it('counts nothing as asked and gives nothing up, however long that lasts', async () => {
    const sweeper = await stage.sweeper();
    const [undoable, pivotal] = await stage.start(2);
    await stage.hear(replyTo(stage.sent[1], accepted(QUOTE)));
    await stage.hear(replyTo(stage.sent[2], accepted({ userId: 7, balanceKrw: 0 })));
    const before = [await stage.saga(undoable), await stage.saga(pivotal)];
    await outage(sweeper);
    expect([await stage.saga(undoable), await stage.saga(pivotal)]).toEqual(before);
  });

  it('asks again for everything once it can, and gives each as much time as at first', async () => {
    const sweeper = await stage.sweeper();
    const [id] = await stage.start();
    await outage(sweeper);
    stage.sent = [];
    await sweeper.sweep(10);
    expect(stage.names()).toEqual(['PinReservation']);
    stage.passes(giveUpAfterMs - 1);
    await sweeper.sweep(10);
    expect(await stage.saga(id)).toMatchObject({ state: 'RUNNING', step: 'pin the seat' });
    stage.passes(1);
    await sweeper.sweep(10);
    expect(await stage.saga(id)).toMatchObject({ state: 'COMPENSATING' });
  });

  it('gives nothing up either because its own database was away', async () => {
    const sweeper = await stage.sweeper();
    const [id] = await stage.start();
    stage.databaseIsUp = false;
    stage.passes(giveUpAfterMs);
    await expect(sweeper.sweep(10)).rejects.toThrow('connection refused');
    stage.databaseIsUp = true;
    await sweeper.sweep(10);
    expect(await stage.saga(id)).toMatchObject({ state: 'RUNNING', attempt: 2 });
  });

  it('says so once', async () => {
    const sweeper = await stage.sweeper();
    await outage(sweeper);
    expect(stage.warnings).toEqual(['nothing can be asked: the sagas wait']);
  });
});
