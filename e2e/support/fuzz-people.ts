import { must, range } from './buying.js';
import { call } from './person.js';
import { SEATS_PER_SCHEDULE } from './whole-system.js';
import type { Somebody } from './fuzz.js';

type Values = Record<string, (string | number)[]>;

/** Ids whose owner can do more with them than strangers can. */
const LEARNT = new Set(['reservationId', 'paymentId', 'refundId', 'sagaId', 'seatId']);
const REMEMBERED = 8;
/** The first concert is for the buyers; what organisers change belongs to the others. */
const OWN_SCHEDULES = range(1, 4);
const OTHER_SCHEDULES = range(5, 8);
const CHARGED_EACH_TIME = 50_000;

/** One of those in whose name requests are made: what they hold, and what they have seen. */
export class FuzzPerson implements Somebody {
  jwt = '';
  passes: string[] = [];
  readonly fitting: Values;

  constructor(
    readonly gateway: string,
    readonly userId: number,
    readonly roles: readonly string[],
    dates: readonly string[],
  ) {
    const isStaff = roles.length > 0;
    const schedules = isStaff ? OTHER_SCHEDULES : OWN_SCHEDULES;
    const seats = range(1, SEATS_PER_SCHEDULE);
    this.fitting = {
      userId: [userId],
      'user-id': [userId],
      concertId: isStaff ? [2, 3] : [1],
      scheduleId: schedules,
      concertScheduleId: schedules,
      concertDetailId: schedules,
      date: [...dates],
      concertDate: [...dates],
      room: isStaff ? ['fuzz', 'other'] : ['default'],
      waitingRoomId: ['fuzz', 'other'],
      seatNumber: seats,
      seatNumbers: seats,
      seats,
      amount: [1_000, 10_000],
      amountKrw: [1_000, 10_000],
      // The seats of a new day: in order, where chance alone would seldom put them.
      from: [1],
      to: [10, 20],
      token: [],
      id: range(1, 10),
    };
  }

  /** A token, a turn and money: what earlier requests used up or threw away. */
  async refresh(): Promise<void> {
    const { gateway, userId, roles } = this;
    const issued = await call<{ token: string }>(gateway, 'POST', '/v1/tokens', {
      body: { userId, roles },
    });
    this.jwt = must(issued, 201).body.token;
    const token = this.jwt;
    await call(gateway, 'POST', '/v1/waiting-rooms/default/entries', { token });
    const body = { amountKrw: CHARGED_EACH_TIME };
    await call(gateway, 'POST', '/v1/wallet/charges', { token, body });
    const path = `/queue/token/users/${userId}`;
    const queue = await call<{ tokenId?: number }>(gateway, 'POST', path);
    const user = await call<{ token?: string }>(gateway, 'POST', '/user/token', {
      body: { userId },
    });
    const passes = [queue.body.tokenId, user.body.token].filter((pass) => pass !== undefined);
    this.passes = [token, ...passes.map(String)];
    this.fitting['token'] = this.passes;
  }

  /** Remembers the ids in an answer to this person. */
  learn(text: string): void {
    JSON.parse(text, (name, value: unknown) => {
      if (!LEARNT.has(name)) return value;
      if (typeof value !== 'number' && typeof value !== 'string') return value;
      const known = (this.fitting[name] ??= []);
      // Some documents write ids as text; every one of them takes numbers.
      const id = Number.isSafeInteger(Number(value)) ? Number(value) : value;
      if (!known.includes(id)) known.push(id);
      if (known.length > REMEMBERED) known.shift();
      if (name === 'reservationId') this.fitting['id'] = known;
      return value;
    });
  }
}

/** What the waiting room and the days on sale are like, put back when organisers changed them. */
export async function restoreSale(staff: FuzzPerson): Promise<void> {
  const { jwt: token } = staff;
  const change = (method: string, path: string, body: unknown) =>
    call(staff.gateway, method, path, { token, body });
  const policy = { activeCap: 1_000, admissionsPerSecond: 1_000, paused: false, draining: false };
  const times = { activeSeconds: 600, graceSeconds: 30 };
  must(await change('PUT', '/v1/admin/waiting-rooms/default', { ...policy, ...times }), 200);
  for (const scheduleId of OWN_SCHEDULES) {
    const path = `/v1/admin/schedules/${scheduleId}`;
    must(await change('PATCH', path, { saleOpen: true, waitingRoomId: 'default' }), 200);
  }
}
