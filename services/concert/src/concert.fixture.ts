import type {
  AddSchedule,
  AnyContract,
  ChangeConcert,
  ChangeSchedule,
  PayloadOf,
  ReadSeatMap,
  ReplyOf,
  SchedulePublished,
  SeatsChanged,
  SetSeatPrices,
} from '@encore/contracts';
import type { Transaction } from '@encore/database';
import type { BatchContext, Received } from '@encore/messaging';
import { testDatabase, type TestDatabase } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { concertMigrations } from './migrations.js';
import { FollowSeatsHandler } from './use-cases/follow-seats.js';
import { OrganiseConcertsHandlers } from './use-cases/organise-concerts.js';
import { OrganiseSchedulesHandlers } from './use-cases/organise-schedules.js';
import type { Announcer } from './use-cases/publish-schedules.js';
import { ReadCatalogueHandlers } from './use-cases/read-catalogue.js';

const DAY_MS = 86_400_000;
export const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

type Published = PayloadOf<typeof SchedulePublished>;

/** Keeps what committed transactions published. */
class RecordedPublications implements Announcer {
  readonly all: Published[] = [];

  announce(
    tx: Transaction,
    _contract: typeof SchedulePublished,
    payloads: readonly Published[],
  ): void {
    tx.afterCommit(() => this.all.push(...payloads));
  }
}

export function received<C extends AnyContract>(payload: PayloadOf<C>): Received<C> {
  return { id: randomUUID(), payload, correlationId: 'test', sentAt: new Date(), attempt: 1 };
}

/** The service without its transport: its handlers on a database of their own. */
export class ConcertInstance {
  readonly publications = new RecordedPublications();
  readonly reads: ReadCatalogueHandlers;
  private readonly concerts: OrganiseConcertsHandlers;
  private readonly schedules: OrganiseSchedulesHandlers;
  private readonly seats = new FollowSeatsHandler();

  constructor(private readonly kept: TestDatabase) {
    this.reads = new ReadCatalogueHandlers(kept.database);
    this.concerts = new OrganiseConcertsHandlers(kept.database, this.publications);
    this.schedules = new OrganiseSchedulesHandlers(kept.database, this.publications);
  }

  get database() {
    return this.kept.database;
  }

  async create(name: string): Promise<number> {
    const payload = { name, venue: 'Olympic Hall', description: '' };
    const outcome = await this.inTransaction((context) =>
      this.concerts.create(received(payload), context),
    );
    if (!outcome.ok) throw new Error('a concert is never refused');
    return outcome.value.concertId;
  }

  change(payload: PayloadOf<typeof ChangeConcert>) {
    return this.inTransaction((context) => this.concerts.change(received(payload), context));
  }

  addSchedule(concertId: number, change: Partial<PayloadOf<typeof AddSchedule>> = {}) {
    const payload = {
      concertId,
      startsAt: inDays(30),
      saleOpen: true,
      waitingRoomId: 'default',
      seats: [{ from: 1, to: 5, priceKrw: 10_000 }],
      ...change,
    };
    return this.inTransaction((context) => this.schedules.add(received(payload), context));
  }

  /** Adds a schedule that surely can be added. */
  async added(concertId: number, change: Partial<PayloadOf<typeof AddSchedule>> = {}) {
    const outcome = await this.addSchedule(concertId, change);
    if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`);
    return outcome.value.scheduleId;
  }

  changeSchedule(payload: PayloadOf<typeof ChangeSchedule>) {
    return this.inTransaction((context) => this.schedules.change(received(payload), context));
  }

  setPrices(payload: PayloadOf<typeof SetSeatPrices>) {
    return this.inTransaction((context) => this.schedules.setPrices(received(payload), context));
  }

  follow(...events: PayloadOf<typeof SeatsChanged>[]): Promise<void> {
    const batch = events.map((payload) => received<typeof SeatsChanged>(payload));
    return this.inTransaction((context) => this.seats.apply(batch, context));
  }

  async seatMap(scheduleId: number): Promise<ReplyOf<typeof ReadSeatMap>> {
    const [outcome] = await this.reads.readSeatMaps([received({ scheduleId })]);
    if (outcome?.ok !== true) throw new Error(`there is no schedule ${scheduleId}`);
    return outcome.value;
  }

  close(): Promise<void> {
    return this.kept.drop();
  }

  private inTransaction<T>(work: (context: BatchContext) => Promise<T>): Promise<T> {
    const beforeAck = () => {
      throw new Error('this service has nothing to publish by itself');
    };
    return this.kept.database.transaction((tx) => work({ tx, beforeAck }));
  }
}

export async function openConcerts(): Promise<ConcertInstance> {
  return new ConcertInstance(
    await testDatabase({ service: 'concert', migrations: [...concertMigrations] }),
  );
}
