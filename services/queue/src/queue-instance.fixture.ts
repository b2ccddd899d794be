import { randomUUID } from 'node:crypto';
import type {
  AnyContract,
  EntryEnded,
  EntryAdmitted,
  EntryView,
  EventContract,
  PassView,
  PayloadOf,
  RoomPolicy,
  RoomView,
  SchedulePublished,
} from '@encore/contracts';
import type { Database, Transaction } from '@encore/database';
import type { BatchContext, Received } from '@encore/messaging';
import { testActors } from '@encore/testing';
import { queueConfig, type RoomSettings } from './config.js';
import type { Secret } from './persistence/passes.repository.js';
import { BindPassHandler } from './use-cases/bind-pass.js';
import { EntryViews } from './use-cases/entry-views.js';
import { ExpireQueueEntryHandler } from './use-cases/expire-queue-entry.js';
import { FollowSalesHandlers } from './use-cases/follow-sales.js';
import { IssuePassHandler } from './use-cases/issue-pass.js';
import { JoinWaitingRoomHandler } from './use-cases/join-waiting-room.js';
import { Joining, type Applicant } from './use-cases/joining.js';
import { LeaveWaitingRoomHandler } from './use-cases/leave-waiting-room.js';
import { PassViews } from './use-cases/pass-views.js';
import { ReadEntryHandler } from './use-cases/read-entry.js';
import { ReadPassHandlers } from './use-cases/read-pass.js';
import { ReadRoomsHandlers } from './use-cases/read-rooms.js';
import { SetRoomPolicyHandler } from './use-cases/set-room-policy.js';
import { RoomTender } from './use-cases/tend-rooms.js';
import { Turns } from './use-cases/turns.js';

/** The settings of a service whose environment says nothing about them. */
export const SETTINGS: RoomSettings = queueConfig.parse({
  AMQP_URL: 'amqp://broker',
  DATABASE_URL: 'postgres://database',
  ...testActors.environment,
});

/** Keeps what committed transactions announced, in the order of their commits. */
class RecordedAnnouncements {
  readonly admitted: PayloadOf<typeof EntryAdmitted>[] = [];
  readonly ended: PayloadOf<typeof EntryEnded>[] = [];

  announce<C extends EventContract>(
    tx: Transaction,
    contract: C,
    payloads: readonly PayloadOf<C>[],
  ): void {
    const kept: unknown[] = contract.name === 'EntryAdmitted' ? this.admitted : this.ended;
    const parsed = payloads.map((payload) => contract.payload.parse(payload));
    tx.afterCommit(() => kept.push(...parsed));
  }
}

export function received<C extends AnyContract>(payload: PayloadOf<C>): Received<C> {
  return { id: randomUUID(), payload, correlationId: 'test', sentAt: new Date(), attempt: 1 };
}

/**
 * One instance of the service without its transport: handlers on a connection pool of their own.
 */
export class QueueInstance {
  readonly announcements = new RecordedAnnouncements();
  readonly tender: RoomTender;
  private readonly joining: JoinWaitingRoomHandler;
  private readonly leaving: LeaveWaitingRoomHandler;
  private readonly reading: ReadEntryHandler;
  private readonly issuing: IssuePassHandler;
  private readonly readingPasses: ReadPassHandlers;
  private readonly binding: BindPassHandler;
  private readonly expiring: ExpireQueueEntryHandler;
  private readonly policies: SetRoomPolicyHandler;
  private readonly rooms: ReadRoomsHandlers;
  private readonly sales: FollowSalesHandlers;

  constructor(
    readonly database: Database,
    settings: RoomSettings = SETTINGS,
  ) {
    const turns = new Turns(this.announcements);
    const views = new EntryViews(settings);
    const passViews = new PassViews(views);
    const joining = new Joining(turns);
    this.joining = new JoinWaitingRoomHandler(joining, views);
    this.issuing = new IssuePassHandler(joining, passViews);
    this.readingPasses = new ReadPassHandlers(database, passViews);
    this.binding = new BindPassHandler(turns, passViews);
    this.leaving = new LeaveWaitingRoomHandler(turns, views);
    this.reading = new ReadEntryHandler(database, views);
    this.expiring = new ExpireQueueEntryHandler(turns);
    this.policies = new SetRoomPolicyHandler(turns);
    this.rooms = new ReadRoomsHandlers(database);
    this.sales = new FollowSalesHandlers(turns);
    this.tender = new RoomTender(database, turns, settings);
  }

  /** Asks for places, all in one batch. */
  join(roomId: string, ...userIds: number[]) {
    return this.joinAs(userIds.map((userId) => ({ roomId, userId, usedUp: null })));
  }

  joinAs(applicants: Applicant[]) {
    const batch = applicants.map((applicant) => received(applicant));
    return this.inTransaction((context) => this.joining.join(batch, context));
  }

  /** Takes places that surely can be had. */
  async joined(roomId: string, ...userIds: number[]): Promise<EntryView[]> {
    return (await this.join(roomId, ...userIds)).map(valueOf);
  }

  leave(roomId: string, ...userIds: number[]) {
    const batch = userIds.map((userId) => received({ roomId, userId }));
    return this.inTransaction((context) => this.leaving.leave(batch, context));
  }

  poll(roomId: string, ...userIds: number[]) {
    return this.reading.read(userIds.map((userId) => received({ roomId, userId })));
  }

  async seen(roomId: string, userId: number): Promise<EntryView> {
    const [outcome] = await this.poll(roomId, userId);
    return valueOf(outcome);
  }

  /** Asks for passes, all in one batch; null stands for a guest. */
  issue(roomId: string, ...userIds: (number | null)[]) {
    const batch = userIds.map((userId) => received({ roomId, userId, usedUp: null }));
    return this.inTransaction((context) => this.issuing.issue(batch, context));
  }

  /** A pass that surely can be had. */
  async issued(roomId: string, userId: number | null): Promise<PassView> {
    const [outcome] = await this.issue(roomId, userId);
    return valueOf(outcome);
  }

  readPasses(...secrets: Secret[]) {
    return this.readingPasses.read(secrets.map((by) => received({ by })));
  }

  async shown(by: Secret): Promise<PassView> {
    const [outcome] = await this.readPasses(by);
    return valueOf(outcome);
  }

  readPassesOf(roomId: string, ...userIds: number[]) {
    return this.readingPasses.readOf(userIds.map((userId) => received({ roomId, userId })));
  }

  bind(tokenUuid: string, userId: number) {
    return this.inTransaction((context) =>
      this.binding.bind(received({ tokenUuid, userId }), context),
    );
  }

  /** Records payments: entry and payment have the same number unless told otherwise. */
  use(...entryIds: number[]) {
    const batch = entryIds.map((entryId) => received({ entryId, paymentId: entryId }));
    return this.inTransaction((context) => this.expiring.expire(batch, context));
  }

  setPolicy(roomId: string, policy: Partial<RoomPolicy>) {
    return this.inTransaction((context) =>
      this.policies.set(received({ roomId, policy }), context),
    );
  }

  async room(roomId: string): Promise<RoomView> {
    const [outcome] = await this.rooms.read([received({ roomId })]);
    return valueOf(outcome);
  }

  async listRooms(): Promise<RoomView[]> {
    return valueOf(await this.rooms.list()).items;
  }

  publish(scheduleId: number, seatCount: number, version = 1): Promise<void> {
    const event = received<typeof SchedulePublished>(schedule(scheduleId, seatCount, version));
    return this.inTransaction((context) => this.sales.published([event], context));
  }

  changeSeats(...changes: { scheduleId: number; version: number; seatsLeft: number }[]) {
    const events = changes.map((change) => received({ ...change, seats: [] }));
    return this.inTransaction((context) => this.sales.seatsChanged(events, context));
  }

  /** One tick of the periodic work. */
  tick(): Promise<void> {
    return this.tender.tend(new AbortController().signal);
  }

  inTransaction<T>(work: (context: BatchContext) => Promise<T>): Promise<T> {
    const beforeAck = () => {
      throw new Error('this service has nothing to publish by itself');
    };
    return this.database.transaction((tx) => work({ tx, beforeAck }));
  }
}

function schedule(
  scheduleId: number,
  seatCount: number,
  version: number,
): PayloadOf<typeof SchedulePublished> {
  return {
    scheduleId,
    concertId: 1,
    concertName: 'Night of Strings',
    startsAt: '2027-01-01T19:00:00+09:00',
    salesOpenAt: '2026-01-01T19:00:00+09:00',
    saleOpen: true,
    waitingRoomId: 'default',
    version,
    seats: Array.from({ length: seatCount }, (_, index) => ({
      seatId: scheduleId * 100_000 + index + 1,
      seatNumber: index + 1,
      priceKrw: 10_000,
    })),
  };
}

export function valueOf<Value>(
  outcome: { ok: true; value: Value } | { ok: false; refusal: string } | undefined,
): Value {
  if (outcome?.ok !== true) throw new Error(`refused: ${outcome?.refusal ?? 'nothing came'}`);
  return outcome.value;
}
