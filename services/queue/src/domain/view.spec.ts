import { describe, expect, it } from '@jest/globals';
import { entryView, roomView } from '@encore/contracts';
import { activeEntry, after, noon, room, waiter } from './room.fixture.js';
import { viewOfEntry, viewOfRoom } from './view.js';
import { bucketAt } from './rate.js';

const pacing = { minPollMs: 1_000, maxPollMs: 20_000 };

function around(changes: { now?: Date; room?: ReturnType<typeof room>; places?: number[] } = {}) {
  return {
    room: changes.room ?? room(),
    head: { places: changes.places ?? [1], isComplete: true },
    now: changes.now ?? noon,
    pacing,
    random: () => 0,
  };
}

describe('an entry as its owner sees it', () => {
  it('says that the estimate is not known rather than inventing one', () => {
    expect(viewOfEntry(waiter(), around())).toEqual({
      entryId: 1,
      roomId: 'hall',
      userId: 7,
      state: 'WAITING',
      position: 1,
      positionIsExact: true,
      estimatedWaitSeconds: null,
      nextPollMs: 1_000,
      joinedAt: noon.toISOString(),
      activeUntil: null,
      lapsesAt: after(60).toISOString(),
    });
  });

  it('estimates from the measured rate, rounded up', () => {
    const moving = room({
      waiting: 7,
      backlogSince: after(-10),
      admissions: [{ bucket: bucketAt(after(-10)), admitted: 5 }],
    });
    const view = viewOfEntry(waiter({ place: 7 }), around({ room: moving, places: [2, 5, 7] }));
    expect(view).toMatchObject({ position: 3, estimatedWaitSeconds: 6 });
  });

  it('shows until when an active entry may act', () => {
    expect(viewOfEntry(activeEntry(), around())).toMatchObject({
      state: 'ACTIVE',
      position: 0,
      estimatedWaitSeconds: 0,
      activeUntil: after(300).toISOString(),
      lapsesAt: after(300).toISOString(),
    });
  });

  it('shows an entry past its time as EXPIRED before anything swept it', () => {
    const view = viewOfEntry(activeEntry(), around({ now: after(301) }));
    expect(view).toMatchObject({ state: 'EXPIRED', position: 0, estimatedWaitSeconds: null });
  });

  it('fits the contract in every state', () => {
    const ended = { ...waiter(), activeUntil: null, endedAt: noon };
    for (const entry of [
      waiter(),
      activeEntry(),
      { ...ended, state: 'USED' as const },
      { ...ended, state: 'EXPIRED' as const },
      { ...ended, state: 'LEFT' as const },
    ]) {
      expect(entryView.strict().parse(viewOfEntry(entry, around()))).toBeTruthy();
    }
  });
});

describe('a room as operators see it', () => {
  it('fits the contract', () => {
    const view = viewOfRoom(room({ waiting: 2, active: 3, seatsLeft: 4 }), noon);
    expect(roomView.strict().parse(view)).toMatchObject({ waiting: 2, active: 3, seatsLeft: 4 });
  });
});
