import { ReadEntry, refused, type EntryView } from '@encore/contracts';
import { ServiceUnavailableError } from '@encore/messaging';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@encore/service-kit';
import type { Writer } from '../application/caller.js';
import { Services } from '../clients/services.js';
import { accepted } from '@encore/contracts';
import { entry, waitingEntry } from '../testing/samples.js';
import { ScriptedServices } from '../testing/scripted-services.js';
import { actorsOnStage, servicesOptions } from '../testing/services-options.js';
import { ActiveEntries } from './active-entries.js';
import { Gate } from './gate.js';

const origin = { requestId: 'r', traceparent: 't' };
const reader = { ...origin, userId: 7 };
const writer: Writer = { ...reader, messageId: 'm', fingerprint: 'f' };
const inAMinute = () => new Date(Date.now() + 60_000).toISOString();

describe('the gate', () => {
  let services: ScriptedServices;
  let entries: ActiveEntries;
  let isListening: boolean;
  let gate: Gate;

  beforeEach(() => {
    services = new ScriptedServices();
    entries = new ActiveEntries(100);
    isListening = true;
    const client = new Services(
      services,
      servicesOptions,
      createLogger({ name: 't', level: 'fatal' }),
      actorsOnStage,
    );
    gate = new Gate(client, entries, () => isListening);
  });

  const queueSays = (view: EntryView) => services.on(ReadEntry, () => accepted(view));
  const questions = () => services.of(ReadEntry).length;
  const admitted = () =>
    entries.admitted('default', 7, { entryId: 70, activeUntilMs: Date.now() + 60_000 });

  it('asks the queue service about somebody unknown, once, and remembers the answer', async () => {
    queueSays(entry(7, { entryId: 70 }));
    expect(await gate.pass('default', reader)).toEqual({ roomId: 'default', entryId: 70 });
    await gate.pass('default', reader);
    expect(questions()).toBe(1);
  });

  it('asks once when many requests of one person come at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => gate.pass('default', reader)));
    expect(questions()).toBe(1);
  });

  it('opens without a question for whom it heard to be admitted, in that room only', async () => {
    admitted();
    await gate.pass('default', reader);
    expect(questions()).toBe(0);
    services.on(ReadEntry, () => refused('QUEUE_ENTRY_NOT_FOUND'));
    await expect(gate.pass('another', reader)).rejects.toMatchObject({
      problem: { code: 'ENTRY_REQUIRED' },
    });
  });

  it('says the position to whom it lets wait', async () => {
    queueSays(waitingEntry(7, 12));
    await expect(gate.pass('default', reader)).rejects.toMatchObject({
      problem: {
        status: 403,
        code: 'ENTRY_WAITING',
        headers: { 'retry-after': '3' },
        members: { position: 12, estimatedWaitSeconds: 90 },
      },
    });
  });

  it.each([
    ['USED', 'ENTRY_USED'],
    ['EXPIRED', 'ENTRY_EXPIRED'],
    ['LEFT', 'ENTRY_REQUIRED'],
  ] as const)('is shut after an entry that was %s', async (state, code) => {
    queueSays(entry(7, { state, activeUntil: null }));
    await expect(gate.pass('default', reader)).rejects.toMatchObject({
      problem: { status: 403, code },
    });
  });

  it('is shut right after a payment, also while the queue service still says active', async () => {
    queueSays(entry(7, { entryId: 70 }));
    const pass = await gate.pass('default', reader);
    gate.usedUp(pass, 7, 41);
    await expect(gate.pass('default', reader)).rejects.toMatchObject({
      problem: { code: 'ENTRY_USED' },
    });
    // A new entry is a new turn.
    queueSays(entry(7, { entryId: 71 }));
    expect(await gate.pass('default', reader)).toMatchObject({ entryId: 71 });
  });

  it('keeps of a payment what a join has to tell, and no more', () => {
    expect(gate.lastUsedUp('default', 7)).toBeNull();
    const news = { entryId: 70, paymentId: 41, amountKrw: 10_000 };
    entries.usedUp('default', 7, news);
    expect(gate.lastUsedUp('default', 7)).toEqual({ entryId: 70, paymentId: 41 });
    expect(gate.lastUsedUp('default', 8)).toBeNull();
    expect(gate.lastUsedUp('other', 7)).toBeNull();
  });

  it('asks again when the time of an entry is over', async () => {
    entries.admitted('default', 7, { entryId: 70, activeUntilMs: Date.now() - 1 });
    queueSays(entry(7, { entryId: 70, state: 'EXPIRED', activeUntil: null }));
    await expect(gate.pass('default', reader)).rejects.toMatchObject({
      problem: { code: 'ENTRY_EXPIRED' },
    });
  });

  it('asks about everybody while it hears no news', async () => {
    admitted();
    isListening = false;
    queueSays(entry(7, { entryId: 70, state: 'EXPIRED', activeUntil: null }));
    await expect(gate.pass('default', reader)).rejects.toMatchObject({
      problem: { code: 'ENTRY_EXPIRED' },
    });
  });

  it('never opens because the queue service cannot be asked', async () => {
    services.on(ReadEntry, () => {
      throw new ServiceUnavailableError('queue', 'away');
    });
    await expect(gate.pass('default', reader)).rejects.toBeInstanceOf(ServiceUnavailableError);
  });

  it('shows an entry as used as soon as it is known to be', () => {
    entries.endedAs('default', 7, 70, 'USED');
    const seen = gate.learn(entry(7, { entryId: 70, activeUntil: inAMinute() }));
    expect(seen).toMatchObject({ state: 'USED', activeUntil: null });
  });

  describe('in front of a change', () => {
    const change = { enter: async () => 'entered', recall: async () => 'recalled' };

    it('lets it be made with an active entry', async () => {
      expect(await gate.passOrRecall('default', writer, change)).toBe('entered');
    });

    it('lets its earlier answer be heard without one', async () => {
      queueSays(entry(7, { state: 'USED', activeUntil: null }));
      expect(await gate.passOrRecall('default', writer, change)).toBe('recalled');
    });

    it('stays shut when there was none, or when the client named no key', async () => {
      queueSays(entry(7, { state: 'USED', activeUntil: null }));
      const never = { ...change, recall: async () => undefined };
      await expect(gate.passOrRecall('default', writer, never)).rejects.toThrow('Join');
      const keyless: Writer = { ...reader, messageId: 'm' };
      await expect(gate.passOrRecall('default', keyless, change)).rejects.toThrow('Join');
    });
  });
});

describe('the memory of entries', () => {
  const until = { activeUntilMs: 1_000 };

  it('believes that an entry ended, whatever order the news come in', () => {
    const entries = new ActiveEntries(10);
    entries.endedAs('a', 1, 5, 'LEFT');
    entries.admitted('a', 1, { entryId: 5, ...until });
    expect(entries.find('a', 1, 0)).toBeUndefined();
  });

  it('does not let old news of an earlier entry replace or end the present one', () => {
    const entries = new ActiveEntries(10);
    entries.admitted('a', 1, { entryId: 6, ...until });
    entries.admitted('a', 1, { entryId: 5, ...until });
    entries.endedAs('a', 1, 5, 'EXPIRED');
    expect(entries.find('a', 1, 0)?.entryId).toBe(6);
  });

  it('keeps a used entry used', () => {
    const entries = new ActiveEntries(10);
    entries.endedAs('a', 1, 5, 'USED');
    entries.endedAs('a', 1, 5, 'EXPIRED');
    expect(entries.endOf(5)).toBe('USED');
  });

  it('forgets who is active when news may have been missed, but not who ended', () => {
    const entries = new ActiveEntries(10);
    entries.admitted('a', 1, { entryId: 5, ...until });
    entries.endedAs('a', 2, 6, 'USED');
    entries.forgetActive();
    expect(entries.find('a', 1, 0)).toBeUndefined();
    expect(entries.endOf(6)).toBe('USED');
  });

  it('stays within its limit', () => {
    const entries = new ActiveEntries(2);
    for (const user of [1, 2, 3]) entries.admitted('a', user, { entryId: user, ...until });
    expect([1, 2, 3].map((user) => entries.find('a', user, 0)?.entryId)).toEqual([undefined, 2, 3]);
  });
});
