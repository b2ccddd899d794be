import { describe, expect, it } from '@jest/globals';
import { decideBinding, makeSecrets, viewOfPass } from './pass.js';
import { activeEntry, after, noon, room, waiter } from './room.fixture.js';
import { viewOfEntry } from './view.js';

const GUEST = 2 ** 52;
const hall = room();

function binding(entry: ReturnType<typeof waiter>, own?: ReturnType<typeof activeEntry>) {
  const pass = { ...makeSecrets(), entry };
  return decideBinding(pass, { userId: 7, own, room: hall, now: noon }).kind;
}

describe('the secrets of a place', () => {
  it('are different every time and fit what clients can keep', () => {
    const secrets = Array.from({ length: 2_000 }, makeSecrets);
    expect(new Set(secrets.map((one) => one.tokenId)).size).toBe(2_000);
    expect(new Set(secrets.map((one) => one.tokenUuid)).size).toBe(2_000);
    expect(secrets.every(({ tokenId }) => Number.isSafeInteger(tokenId) && tokenId > 0)).toBe(true);
  });

  it('use all 53 bits', () => {
    const ids = Array.from({ length: 400 }, () => BigInt(makeSecrets().tokenId));
    const everSet = ids.reduce((bits, id) => bits | id, 0n);
    const alwaysSet = ids.reduce((bits, id) => bits & id, everSet);
    expect(everSet).toBe(2n ** 53n - 1n);
    expect(alwaysSet).toBe(0n);
  });

  it('are shown beside the entry and whether anybody is known behind it', () => {
    const around = {
      room: hall,
      head: { places: [1], isComplete: true },
      now: noon,
      pacing: { minPollMs: 1_000, maxPollMs: 20_000 },
      random: () => 0,
    };
    const secrets = makeSecrets();
    const [users, guests] = [7, GUEST].map((userId) => viewOfEntry(waiter({ userId }), around));
    if (users === undefined || guests === undefined) throw new Error('there are two views');
    expect(viewOfPass(secrets, users)).toEqual({ ...secrets, isGuest: false, entry: users });
    expect(viewOfPass(secrets, guests)).toMatchObject({ isGuest: true });
  });
});

describe('binding a pass', () => {
  it("gives a guest's place to a user who has none", () => {
    expect(binding(waiter({ userId: GUEST }))).toBe('gives its place');
  });

  it('prefers the place the user has, unless its time is over', () => {
    expect(binding(waiter({ userId: GUEST }), activeEntry())).toBe('leads elsewhere');
    const lapsed = activeEntry({ activeUntil: after(-1) });
    expect(binding(waiter({ userId: GUEST }), lapsed)).toBe('gives its place');
  });

  it('changes nothing for the owner and is refused to everybody else', () => {
    expect(binding(waiter({ userId: 7 }))).toBe('stands');
    expect(binding(waiter({ userId: 8 }))).toBe('refused');
  });

  it('comes too late once the guest has lapsed, before anything swept it', () => {
    expect(binding(waiter({ userId: GUEST, lastSeenAt: after(-61) }))).toBe('stands');
  });
});
