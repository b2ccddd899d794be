import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { admissible, afterAdmission, burst, tokensAt, withPolicy } from './admission.js';
import { after, noon, room } from './room.fixture.js';

describe('admission', () => {
  it('lets everybody in while cap and rate allow it', () => {
    expect(admissible(room({ waiting: 3 }), noon)).toBe(3);
  });

  it('never fills more than the cap', () => {
    expect(admissible(room({ waiting: 50, active: 497 }), noon)).toBe(3);
    expect(admissible(room({ waiting: 50, active: 500 }), noon)).toBe(0);
  });

  it('lets nobody in while more are active than a lowered cap allows', () => {
    expect(admissible(room({ waiting: 5, active: 20, policy: { activeCap: 10 } }), noon)).toBe(0);
  });

  it('lets nobody in while paused', () => {
    expect(admissible(room({ waiting: 5, policy: { paused: true } }), noon)).toBe(0);
  });

  it('lets in those already waiting while draining', () => {
    expect(admissible(room({ waiting: 5, policy: { draining: true } }), noon)).toBe(5);
  });

  it('never has more people active than seats left in its sale', () => {
    expect(admissible(room({ waiting: 50, active: 4, seatsLeft: 10 }), noon)).toBe(6);
    expect(admissible(room({ waiting: 50, active: 4, seatsLeft: 3 }), noon)).toBe(0);
    expect(admissible(room({ waiting: 50, seatsLeft: 0 }), noon)).toBe(0);
  });

  it('allows a burst of one second and then the rate', () => {
    const full = room({ waiting: 1_000, policy: { admissionsPerSecond: 20 } });
    expect(admissible(full, noon)).toBe(20);
    const spent = afterAdmission(full, 20, 0, noon);
    expect(admissible(spent, noon)).toBe(0);
    expect(admissible(spent, after(0.25))).toBe(5);
    expect(admissible(spent, after(3_600))).toBe(20);
  });

  it('admits one at a time, however slow the rate', () => {
    const slow = room({ waiting: 5, policy: { admissionsPerSecond: 0.1 } });
    expect(admissible(slow, noon)).toBe(1);
    const spent = afterAdmission(slow, 1, 0, noon);
    expect(admissible(spent, after(9.9))).toBe(0);
    expect(admissible(spent, after(10))).toBe(1);
  });

  it('takes nothing from the rate for those it only passed over', () => {
    const passed = afterAdmission(room({ waiting: 10 }), 0, 4, after(1));
    expect(passed).toMatchObject({ waiting: 6, active: 0, tokens: 100, tokensAt: noon });
  });

  it('gives nothing for a clock that went back', () => {
    const spent = room({ tokens: 2, tokensAt: noon });
    expect(tokensAt(spent, after(-60))).toBe(2);
    expect(afterAdmission({ ...spent, waiting: 1 }, 1, 0, after(-60)).tokensAt).toEqual(noon);
  });

  it('keeps what the old rate gathered, up to the burst of the new one', () => {
    const fast = room({ tokens: 60, policy: { admissionsPerSecond: 100 } });
    const slowed = withPolicy(fast, { ...fast.policy, admissionsPerSecond: 10 }, noon);
    expect(slowed.tokens).toBe(10);
    const raised = withPolicy(slowed, { ...fast.policy, admissionsPerSecond: 1_000 }, noon);
    expect(raised.tokens).toBe(10);
  });

  it('never exceeds cap, seats or rate, whatever the rhythm of the passes', () => {
    const pass = fc.record({
      waitMs: fc.integer({ min: -50, max: 3_000 }),
      ending: fc.nat(8),
      seatsLeft: fc.nat(30),
    });
    fc.assert(
      fc.property(
        fc.array(pass, { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0.1, max: 15, noNaN: true }),
        (passes, activeCap, admissionsPerSecond) => {
          let now = noon;
          let latest = noon;
          let admitted = 0;
          let hall = room({ waiting: 5_000, policy: { activeCap, admissionsPerSecond } });
          for (const { waitMs, ending, seatsLeft } of passes) {
            now = new Date(now.getTime() + waitMs);
            latest = now > latest ? now : latest;
            hall = { ...hall, active: Math.max(0, hall.active - ending), seatsLeft };
            const count = admissible(hall, now);
            hall = afterAdmission(hall, count, 0, now);
            admitted += count;
            if (count > 0) expect(hall.active).toBeLessThanOrEqual(Math.min(activeCap, seatsLeft));
            const seconds = (latest.getTime() - noon.getTime()) / 1_000;
            const most = burst(hall.policy) + seconds * admissionsPerSecond;
            expect(admitted).toBeLessThanOrEqual(most + 1e-6);
          }
        },
      ),
    );
  });
});
