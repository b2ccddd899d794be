import { describe, expect, it } from '@jest/globals';
import { asSeenAt, lapsesAt, stateAfterPayment } from './entry.js';
import { activeEntry, after, noon, room, waiter } from './room.fixture.js';
import { decideJoining } from './join.js';
import { attended, lapsedIfSeenBy, markIfSeenBy } from './room.js';

describe('the time of an entry', () => {
  it('gives a waiter the grace time from when he was last seen', () => {
    const hall = room({ attendedAt: after(59) });
    expect(lapsesAt(waiter(), hall, after(59))).toEqual(after(60));
    expect(asSeenAt(waiter(), hall, after(59.999)).state).toBe('WAITING');
    expect(asSeenAt(waiter(), room({ attendedAt: after(60) }), after(60))).toMatchObject({
      state: 'EXPIRED',
      endedAt: after(60),
      activeUntil: null,
    });
  });

  it('shows an active entry as expired from its last instant on', () => {
    expect(asSeenAt(activeEntry(), room(), after(299.999)).state).toBe('ACTIVE');
    expect(asSeenAt(activeEntry(), room(), after(300))).toMatchObject({
      state: 'EXPIRED',
      endedAt: after(300),
    });
  });

  it('forgives silence while no instance looked after the room', () => {
    const neglected = room({ attendedAt: after(1) });
    expect(asSeenAt(waiter(), neglected, after(3_600)).state).toBe('WAITING');
    expect(lapsedIfSeenBy(neglected, after(3_600))).toEqual(new Date(0));
    const back = attended({ ...neglected, waiting: 1 }, after(3_600));
    expect(lapsesAt(waiter(), back, after(3_600))).toEqual(after(3_660));
    expect(lapsedIfSeenBy({ ...back, attendedAt: after(3_659) }, after(3_659))).toEqual(
      new Date(0),
    );
    expect(lapsedIfSeenBy({ ...back, attendedAt: after(3_661) }, after(3_661))).toEqual(
      after(3_601),
    );
  });

  it('agrees in memory and in the threshold it gives to SQL', () => {
    for (const seconds of [0, 30, 59.999, 60, 61, 3_000]) {
      const hall = room({ attendedAt: after(seconds) });
      const lapsed = waiter().lastSeenAt <= lapsedIfSeenBy(hall, after(seconds));
      expect(asSeenAt(waiter(), hall, after(seconds)).state === 'EXPIRED').toBe(lapsed);
    }
  });

  it('notes a poll after a quarter of the grace time', () => {
    expect(markIfSeenBy(room(), noon)).toEqual(after(-15));
  });
});

describe('a completed payment', () => {
  it('uses an entry up, also one whose time ran out meanwhile', () => {
    expect(stateAfterPayment(activeEntry())).toBe('USED');
    expect(stateAfterPayment(waiter())).toBe('USED');
    const lapsed = asSeenAt(activeEntry(), room(), after(301));
    expect(stateAfterPayment(lapsed)).toBe('USED');
  });

  it('changes nothing about an entry that was used or left', () => {
    const ended = { ...activeEntry(), endedAt: noon };
    expect(stateAfterPayment({ ...ended, state: 'USED' })).toBeNull();
    expect(stateAfterPayment({ ...ended, state: 'LEFT' })).toBeNull();
  });
});

describe('asking for a place', () => {
  it('keeps a live place', () => {
    const stays = { kind: 'stays', entry: waiter() };
    expect(decideJoining(room(), waiter(), undefined, noon)).toEqual(stays);
    expect(decideJoining(room(), activeEntry(), undefined, noon).kind).toBe('stays');
  });

  it('gives a new place to whoever has none or has let it lapse', () => {
    expect(decideJoining(room(), undefined, undefined, noon)).toEqual({
      kind: 'takes a place',
      over: undefined,
    });
    expect(decideJoining(room(), activeEntry(), undefined, after(300))).toEqual({
      kind: 'takes a place',
      over: { entry: activeEntry(), state: 'EXPIRED' },
    });
  });

  it('gives a new place to whoever has paid, however live the old one is on record', () => {
    expect(decideJoining(room(), activeEntry(), 41, noon)).toEqual({
      kind: 'takes a place',
      over: { entry: activeEntry(), state: 'USED', paymentId: 41 },
    });
  });

  it('is refused to newcomers while the room drains, and to them alone', () => {
    const draining = room({ policy: { draining: true } });
    expect(decideJoining(draining, undefined, undefined, noon)).toEqual({
      kind: 'refused',
      refusal: 'QUEUE_ROOM_DRAINING',
    });
    expect(decideJoining(draining, waiter(), undefined, noon).kind).toBe('stays');
  });
});
