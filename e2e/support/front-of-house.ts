import type { ReservationView, ScheduleView } from '@encore/contracts';
import { expect } from '@jest/globals';
import { must } from './buying.js';
import { Person } from './person.js';
import type { Sent } from './send.js';
import type { WholeSystem } from './whole-system.js';

/** A request with a given token or none. */
export type SendWith = (token?: string) => Promise<Sent<unknown>>;

/** Gives tokens of a published document. */
interface TokenOffice {
  someone(): number;
  tokenOf(userId: number): Promise<string>;
}

/** Users and rows that are not there. */
export const NOBODY = 999_999;
export const NO_ID = 9_999_999;

/** Three parts with dots between them, and nothing of it signed by us. */
const FORGED = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"1"}')}.`.replaceAll('=', '');
export const BAD_TOKENS: readonly string[] = [
  'garbage',
  '-1',
  'ffffffff-ffff-4fff-bfff-ffffffffffff_1',
  FORGED,
  `Bearer ${FORGED}`,
];
/** What no `user-id` can be. */
export const NOT_USERS: readonly string[] = ['', 'abc', '0', '-1', '1.5', '9'.repeat(20)];
export const BAD_AMOUNTS: readonly unknown[] = [
  ...[0, -1, 1.5, Number.MAX_SAFE_INTEGER],
  ...['', 'abc', null, true, {}, []],
];

/**
 * `user-token` and `waiting-queue` show no errors: all say their status, what is wrong, and which
 * request it was.
 */
export function error(code: number, message: unknown = expect.any(String)) {
  return { status: code, body: { code, message, requestId: expect.any(String) as unknown } };
}

/** What every request that needs a token hears without a good one. */
export async function refusesBadTokens(send: SendWith, words = 'invalid token'): Promise<void> {
  for (const bad of [undefined, ...BAD_TOKENS]) {
    expect(await send(bad)).toMatchObject(error(401, words));
  }
}

/** Hours and days on the wall of a hall in Seoul. */
export function inSeoul(instant: string): string {
  return new Date(Date.parse(instant) + 9 * 3_600_000).toISOString().slice(0, 19);
}
export function instantInSeoul(local: string): number {
  return Date.parse(`${local.replace(' ', 'T')}+09:00`);
}

/** What the tests do to the house and see of it, beside the document they are about. */
export class FrontOfHouse {
  private constructor(
    private readonly whole: WholeSystem,
    private readonly organiser: Person,
  ) {}

  static async of(whole: WholeSystem): Promise<FrontOfHouse> {
    return new FrontOfHouse(whole, await Person.as(whole.gateway, 1_000, ['organiser']));
  }

  /** What happens while nobody is let in. */
  async whilePaused<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.pausing(true);
    try {
      return await work();
    } finally {
      await this.pausing(false);
    }
  }

  async leave(userId: number): Promise<void> {
    const person = await this.whole.person(userId);
    must(await person.call('DELETE', '/v1/waiting-rooms/default/entries/me'), 200);
  }

  async reservationsOf(userId: number): Promise<ReservationView[]> {
    const person = await this.whole.person(userId);
    const list = await person.call<{ items: ReservationView[] }>('GET', '/v1/reservations');
    return must(list, 200).body.items;
  }

  async schedulesOf(concertId: number): Promise<ScheduleView[]> {
    const path = `/v1/concerts/${concertId}/schedules`;
    const list = await this.organiser.call<{ items: ScheduleView[] }>('GET', path);
    return must(list, 200).body.items;
  }

  /** What every request to the seats hears from whoever waits, or has left. */
  async refusesWhoeverHasNoTurn(
    office: TokenOffice,
    sendAs: (userId: number) => SendWith,
  ): Promise<void> {
    await this.whilePaused(async () => {
      const userId = office.someone();
      const token = await office.tokenOf(userId);
      const answer = await sendAs(userId)(token);
      expect(answer).toMatchObject(error(403, 'It is not your turn yet: position 1.'));
      expect(answer.body).toMatchObject({ position: 1 });
      await this.leave(userId);
      expect(await sendAs(userId)(token)).toMatchObject(error(401));
    });
  }

  private async pausing(paused: boolean): Promise<void> {
    const path = '/v1/admin/waiting-rooms/default';
    must(await this.organiser.call('PUT', path, { body: { paused } }), 200);
  }
}
