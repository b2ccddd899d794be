import {
  accepted,
  AddSchedule,
  BindPass,
  CancelReservation,
  ChangeConcert,
  ChangeSchedule,
  ChargeWallet,
  CreateConcert,
  ExtendHold,
  HoldSeats,
  IssuePass,
  JoinWaitingRoom,
  LeaveWaitingRoom,
  ListConcerts,
  ListPayments,
  ListRefunds,
  ListReservations,
  ListRooms,
  ListSagas,
  ListSchedules,
  ListWalletEntries,
  OpenAccounts,
  PINGS,
  ReadConcert,
  ReadEntry,
  ReadPassOf,
  ReadPayment,
  ReadPaymentsPage,
  ReadRefund,
  ReadReservation,
  ReadRoom,
  ReadSaga,
  ReadSalesReport,
  ReadSchedule,
  ReadSeat,
  ReadSeatMap,
  ReadUser,
  ReadWallet,
  STORED_ANSWERS,
  RequestPayment,
  RequestRefund,
  SERVICES,
  SetRoomPolicy,
  SetSeatPrices,
  type Contract,
  type Outcome,
  type PassView,
  type ReplyOf,
} from '@encore/contracts';
import { KeyReusedError, ServiceFaultError, type Answer, type AskOptions } from '@encore/messaging';
import type { z } from 'zod';
import * as samples from './samples.js';

type Asked = Contract<'request' | 'query'>;

export interface Question {
  readonly type: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly options: AskOptions;
}

type Play = (payload: unknown, options: AskOptions) => unknown;

interface Stored {
  readonly type: string;
  readonly fingerprint: string | undefined;
  readonly outcome: unknown;
}

/**
 * All five services on a stage: each question gets the scripted outcome, and requests keep it under
 * their message id as the services' inboxes do. Payloads are checked against the contract, so that
 * a gateway that asks wrongly is caught.
 */
export class ScriptedServices {
  readonly asked: Question[] = [];
  private readonly plays = new Map<string, Play>();
  private readonly inbox = new Map<string, Stored>();

  constructor() {
    this.reset();
  }

  /** Back to the beginning: everything is accepted, nothing was asked. */
  reset(): void {
    this.asked.length = 0;
    this.inbox.clear();
    this.plays.clear();
    playEverything(this);
  }

  /** What the contract is answered with from now on; throw to fail. */
  on<C extends Asked>(
    contract: C,
    play: (
      payload: z.output<C['payload']>,
      options: AskOptions,
    ) => Outcome<C> | Promise<Outcome<C>>,
  ): this {
    this.plays.set(contract.wireName, play as Play);
    return this;
  }

  accept<C extends Asked>(contract: C, reply: ReplyOf<C>): this {
    return this.on(contract, () => accepted(reply));
  }

  /** The questions of one type so far. */
  of(contract: Asked): Question[] {
    return this.asked.filter(({ type }) => type === contract.wireName);
  }

  /** What a request was answered with, as every service tells it. */
  recall(messageId: string): ReplyOf<(typeof STORED_ANSWERS)['queue']> {
    const stored = this.inbox.get(messageId);
    if (stored === undefined) return { request: null };
    return { request: { ...stored, fingerprint: stored.fingerprint ?? null } };
  }

  /** The questions that would change something. */
  changes(): Question[] {
    return this.asked.filter(({ kind }) => kind === 'request');
  }

  async ask<C extends Asked>(
    contract: C,
    payload: z.input<C['payload']>,
    options: AskOptions,
  ): Promise<Answer<C>> {
    const { wireName, kind } = contract;
    this.asked.push({ type: wireName, kind, payload, options });
    const stored = kind === 'request' ? this.inbox.get(options.messageId ?? '') : undefined;
    if (stored !== undefined) {
      if (stored.fingerprint !== options.fingerprint) {
        throw new KeyReusedError(options.messageId ?? '');
      }
      return { ...(stored.outcome as Outcome<C>), replayed: true };
    }
    const play = this.plays.get(wireName);
    if (play === undefined) throw new ServiceFaultError(contract.service, `no play: ${wireName}`);
    const outcome = (await play(contract.payload.parse(payload), options)) as Outcome<C>;
    if (outcome.ok) contract.reply.parse(outcome.value);
    if (kind === 'request' && options.messageId !== undefined) {
      const { fingerprint } = options;
      this.inbox.set(options.messageId, { type: wireName, fingerprint, outcome });
    }
    return { ...outcome, replayed: false };
  }
}

function playEverything(services: ScriptedServices): void {
  const { concert, schedule, seatMap, room, saga, steps, walletEntry } = samples;
  for (const service of SERVICES) {
    services.accept(PINGS[service], { version: 'test' });
    services.on(STORED_ANSWERS[service], ({ messageId }) => accepted(services.recall(messageId)));
  }
  playCatalogue(services);
  services
    .on(IssuePass, ({ userId }) => accepted(passOf(userId)))
    .on(BindPass, ({ userId }) => accepted(samples.pass(userId)))
    .on(ReadPassOf, ({ userId }) => accepted(samples.pass(userId)))
    .on(JoinWaitingRoom, ({ userId }) => accepted(samples.entry(userId)))
    .on(ReadEntry, ({ userId }) => accepted(samples.entry(userId)))
    .on(LeaveWaitingRoom, ({ userId }) =>
      accepted(samples.entry(userId, { state: 'LEFT', activeUntil: null })),
    )
    .accept(SetRoomPolicy, room)
    .accept(ReadRoom, room)
    .accept(ListRooms, { items: [room] })
    .accept(HoldSeats, samples.reservation())
    .accept(ExtendHold, samples.reservation({ extended: true }))
    .accept(CancelReservation, samples.reservation({ state: 'RELEASED', expiresAt: null }))
    .accept(ReadReservation, samples.reservation())
    .accept(ListReservations, { items: [samples.reservation()], nextCursor: null })
    .accept(OpenAccounts, { userIds: [1_001] })
    .on(ReadUser, ({ userId }) => accepted({ userId }))
    .accept(ReadWallet, { userId: 7, balanceKrw: 50_000 })
    .accept(ChargeWallet, { userId: 7, balanceKrw: 60_000, entryId: 9 })
    .accept(ListWalletEntries, { items: [walletEntry], nextCursor: null })
    .accept(RequestPayment, samples.payment())
    .accept(ReadPayment, { ...samples.payment(), steps })
    .accept(ReadPaymentsPage, { items: [samples.payment()], total: 1 })
    .accept(ListPayments, { items: [samples.payment()], nextCursor: '50' })
    .accept(RequestRefund, samples.refund())
    .accept(ReadRefund, samples.refund())
    .accept(ListRefunds, { items: [samples.refund()], nextCursor: null })
    .accept(ListSagas, { items: [saga], nextCursor: null })
    .accept(ReadSaga, { ...saga, timeline: steps });
  services.accept(ReadSeatMap, seatMap).accept(ReadConcert, concert);
  services.accept(ReadSchedule, schedule);
  services.accept(ReadSeat, { ...samples.seat, scheduleId: schedule.scheduleId });
}

/** Without a user it is a guest's. */
function passOf(userId: number | null): PassView {
  if (userId !== null) return samples.pass(userId);
  return samples.pass(2 ** 52 + 1, { isGuest: true });
}

function playCatalogue(services: ScriptedServices): void {
  const { concert, schedule } = samples;
  const figures = { payments: 1, seatsSold: 2, grossKrw: 20_000, refundedKrw: 0, netKrw: 20_000 };
  services
    .accept(ListConcerts, { items: [concert], nextCursor: null })
    .accept(ListSchedules, { items: [schedule], nextCursor: null })
    .accept(CreateConcert, concert)
    .accept(ChangeConcert, concert)
    .accept(AddSchedule, schedule)
    .accept(ChangeSchedule, schedule)
    .accept(SetSeatPrices, schedule)
    .accept(ReadSalesReport, { schedules: [{ scheduleId: 4, ...figures }] });
}
