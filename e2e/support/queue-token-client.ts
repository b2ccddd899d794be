import { eventually } from '@encore/testing';
import { must } from './buying.js';
import { call, type Response } from './person.js';

export interface Token {
  readonly tokenId: number;
  readonly createdAt: string;
  readonly expiredAt: string;
  readonly token: string;
}
export interface Seat {
  readonly seatId: number;
  readonly seatNumber: number;
  readonly seatStatus: string;
  readonly seatPrice: number;
}
export interface Reservation {
  readonly reservationId: number;
  readonly seatNumber: number;
}
/** Somebody with a token and a hold of one seat. */
export interface Holder {
  readonly userId: number;
  readonly tokenId: number;
  readonly seatId: number;
  readonly reservationId: number;
}
type Credential = number | string | undefined;

/** A client written against the document, which knows nothing of the others or of `/v1`. */
export class QueueTokenClient {
  private lastUserId = 0;
  private lastSeatNumber = 0;

  constructor(private readonly gateway: string) {}

  /** A user nobody has been yet. */
  someone(): number {
    this.lastUserId += 1;
    return this.lastUserId;
  }

  /** A request as the document shows it: the token is all there is in `Authorization`. */
  ask<Body>(
    method: 'GET' | 'POST',
    path: string,
    { authorization, body }: { authorization?: Credential; body?: unknown } = {},
  ): Promise<Response<Body>> {
    return call<Body>(this.gateway, method, path, {
      ...(body === undefined ? {} : { body }),
      ...(authorization === undefined ? {} : { headers: { authorization: String(authorization) } }),
    });
  }

  async tokenOf(userId: number): Promise<Token> {
    return must(await this.ask<Token>('POST', `/queue/token/users/${userId}`), 200).body;
  }

  charge(userId: number, amount: unknown): Promise<Response<unknown>> {
    return this.ask('POST', `/balance/users/${userId}/charge`, { body: { amount } });
  }

  async seatsOf(authorization: number, scheduleId: number): Promise<Seat[]> {
    const path = `/concerts/1/schedules/${scheduleId}/seats`;
    const answer = await this.ask<{ seats: Seat[] }>('GET', path, { authorization });
    return must(answer, 200).body.seats;
  }

  /** A seat of the first day that nobody was pointed to yet. */
  async freshSeat(authorization: number): Promise<Seat> {
    const seats = await this.seatsOf(authorization, 1);
    this.lastSeatNumber += 1;
    const fresh = seats.find(({ seatNumber }) => seatNumber === this.lastSeatNumber);
    if (fresh === undefined) throw new Error('the first day has no more seats');
    return fresh;
  }

  /** Waits until everybody sees that the seat is not to be had: the map may lag by a moment. */
  async taken(authorization: number, seatId: number): Promise<void> {
    await eventually(
      async () => {
        const seats = await this.seatsOf(authorization, 1);
        const status = seats.find((seat) => seat.seatId === seatId)?.seatStatus;
        if (status !== 'UNAVAILABLE') throw new Error(`seat ${seatId} is ${status}`);
      },
      { timeoutMs: 10_000 },
    );
  }

  reserve(body: unknown, authorization?: Credential): Promise<Response<Reservation>> {
    return this.ask('POST', '/concerts/reservations', { body, authorization });
  }

  /** Somebody new, with that much money, who holds a seat of the first day. */
  async holder(moneyKrw: number): Promise<Holder> {
    const userId = this.someone();
    const { tokenId } = await this.tokenOf(userId);
    if (moneyKrw > 0) must(await this.charge(userId, moneyKrw), 200);
    const { seatId } = await this.freshSeat(tokenId);
    const held = await this.reserve({ userId, concertId: 1, scheduleId: 1, seatId }, tokenId);
    return { userId, tokenId, seatId, reservationId: must(held, 200).body.reservationId };
  }

  pay(
    userId: number,
    authorization: Credential,
    reservationId: number,
  ): Promise<Response<unknown>> {
    const body = { reservationId };
    return this.ask('POST', `/payment/concerts/users/${userId}`, { authorization, body });
  }
}
