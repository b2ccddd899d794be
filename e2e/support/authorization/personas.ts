import { eventually } from '@encore/testing';
import { inParallel, must } from '../buying.js';
import { call, type Response } from '../person.js';
import { SEATS_PER_SCHEDULE } from '../whole-system.js';

/** Somebody with one of everything a person can have. */
export interface Persona {
  readonly userId: number;
  /** The token that says who it is: ours, or the provider's. */
  readonly identity: string;
  readonly tokenId: number;
  readonly tokenUuid: string;
  readonly concertId: number;
  readonly scheduleId: number;
  /** The day of the schedule on the wall of the hall. */
  readonly date: string;
  readonly held: { readonly reservationId: number; readonly seatId: number };
  readonly paid: { readonly reservationId: number; readonly paymentId: number };
  readonly refundId: number;
  /** A seat that nobody else is pointed to. */
  readonly fresh: { readonly seatNumber: number; readonly seatId: number };
}

interface Schedule {
  readonly concertId: number;
  readonly startsAt: string;
  readonly seatIds: readonly number[];
}

const SCHEDULES_PER_CONCERT = 4;
const SEATS_PER_PERSONA = 4;
const MONEY_KRW = 1_234_567;
const ROOM = '/v1/waiting-rooms/default/entries';
const WIDTH = 6;
const SEOUL_MS = 9 * 3_600_000;

/** Makes people, each with seats of their own. */
export class Personas {
  private readonly schedules = new Map<number, Promise<Schedule>>();
  private made = 0;

  constructor(
    private readonly gateway: string,
    private readonly tokenOf: (userId: number, roles?: readonly string[]) => Promise<string>,
  ) {}

  /** A person in front of the seats, with a hold, a paid reservation and a refunded one. */
  async make(): Promise<Persona> {
    this.made += 1;
    const userId = this.made;
    const perSchedule = Math.floor(SEATS_PER_SCHEDULE / SEATS_PER_PERSONA);
    const scheduleId = 1 + Math.floor((userId - 1) / perSchedule);
    const first = 1 + ((userId - 1) % perSchedule) * SEATS_PER_PERSONA;
    const identity = await this.tokenOf(userId);
    const ask = asker(this.gateway, identity);
    await getIn(ask);
    await ask(201, 'POST', '/v1/wallet/charges', { amountKrw: MONEY_KRW });
    const { concertId, startsAt, seatIds } = await this.scheduleOf(scheduleId, identity);
    const hold = (seatNumber: number) =>
      ask<{ reservationId: number }>(201, 'POST', '/v1/reservations', {
        scheduleId,
        seatNumbers: [seatNumber],
      });
    const buy = async (seatNumber: number) => {
      const { reservationId } = await hold(seatNumber);
      const { paymentId } = await ask<{ paymentId: number }>(201, 'POST', '/v1/payments', {
        reservationId,
      });
      await getIn(ask);
      return { reservationId, paymentId };
    };
    const paid = await buy(first);
    const { reservationId: refunded } = await buy(first + 1);
    const { refundId } = await ask<{ refundId: number }>(201, 'POST', '/v1/refunds', {
      reservationId: refunded,
    });
    const held = await hold(first + 2);
    const seat = (seatNumber: number) => ({ seatNumber, seatId: seatIds[seatNumber - 1] ?? 0 });
    return {
      ...{ userId, identity, concertId, scheduleId, paid, refundId },
      ...(await this.secretsOf(userId, identity)),
      date: new Date(Date.parse(startsAt) + SEOUL_MS).toISOString().slice(0, 10),
      held: { reservationId: held.reservationId, seatId: seat(first + 2).seatId },
      fresh: seat(first + 3),
    };
  }

  makeMany(count: number): Promise<Persona[]> {
    return inParallel(Array.from({ length: count }), WIDTH, () => this.make());
  }

  /** A person whose entry was used up by a payment. */
  async makeUsedUp(): Promise<Persona> {
    const persona = await this.make();
    const { reservationId } = persona.held;
    await asker(this.gateway, persona.identity)(201, 'POST', '/v1/payments', { reservationId });
    return persona;
  }

  /** A person whose time in front of the seats is over. */
  async makeLapsed(): Promise<Persona> {
    const persona = await this.make();
    const ask = asker(this.gateway, persona.identity);
    await ask(200, 'DELETE', `${ROOM}/me`);
    await this.setPolicy({ activeSeconds: 1 });
    const secrets = await this.secretsOf(persona.userId, persona.identity);
    await eventually(
      async () => {
        const { state } = await ask<{ state: string }>(200, 'GET', `${ROOM}/me`);
        if (state !== 'EXPIRED') throw new Error(`the entry is ${state}`);
      },
      { timeoutMs: 20_000 },
    );
    return { ...persona, ...secrets };
  }

  /** A person whose turn it is not. From now on nobody is let in. */
  async makeWaiting(): Promise<Persona> {
    const persona = await this.make();
    await asker(this.gateway, persona.identity)(200, 'DELETE', `${ROOM}/me`);
    await this.setPolicy({ paused: true });
    return { ...persona, ...(await this.secretsOf(persona.userId, persona.identity)) };
  }

  async setPolicy(policy: Readonly<Record<string, unknown>>): Promise<void> {
    const ask = asker(this.gateway, await this.tokenOf(1_000, ['organiser']));
    await ask(200, 'PUT', '/v1/admin/waiting-rooms/default', policy);
  }

  /** The pass of a live place, and a place if there is none. */
  private async secretsOf(
    userId: number,
    identity: string,
  ): Promise<Pick<Persona, 'tokenId' | 'tokenUuid'>> {
    const ask = asker(this.gateway, identity);
    const { tokenId } = await ask<{ tokenId: number }>(200, 'POST', `/queue/token/users/${userId}`);
    const { token } = await ask<{ token: string }>(200, 'POST', '/user/token', { userId });
    return { tokenId, tokenUuid: token.slice(0, token.indexOf('_')) };
  }

  private scheduleOf(scheduleId: number, identity: string): Promise<Schedule> {
    const known = this.schedules.get(scheduleId) ?? this.readSchedule(scheduleId, identity);
    this.schedules.set(scheduleId, known);
    return known;
  }

  private async readSchedule(scheduleId: number, identity: string): Promise<Schedule> {
    const ask = asker(this.gateway, identity);
    const { startsAt } = await ask<Schedule>(200, 'GET', `/v1/schedules/${scheduleId}`);
    const { seats } = await ask<{ seats: { seatId: number }[] }>(
      200,
      'GET',
      `/v1/schedules/${scheduleId}/seats`,
    );
    const concertId = Math.ceil(scheduleId / SCHEDULES_PER_CONCERT);
    return { concertId, startsAt, seatIds: seats.map(({ seatId }) => seatId) };
  }
}

type Ask = ReturnType<typeof asker>;

/** In front of the seats: after a payment that takes until the queue has heard of it. */
function getIn(ask: Ask): Promise<void> {
  return eventually(
    async () => {
      const { state } = await ask<{ state: string }>(201, 'POST', ROOM);
      if (state !== 'ACTIVE') throw new Error(`the entry is ${state}`);
    },
    { timeoutMs: 20_000 },
  );
}

function asker(gateway: string, token: string) {
  return async <Body>(status: number, method: string, path: string, body?: unknown) => {
    const options = body === undefined ? { token } : { token, body };
    const answer: Response<Body> = await call<Body>(gateway, method, path, options);
    return must(answer, status).body;
  };
}
