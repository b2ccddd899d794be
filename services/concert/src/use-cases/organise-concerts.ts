import { accepted, ChangeConcert, CreateConcert, refused, type Outcome } from '@encore/contracts';
import { Database, type Transaction } from '@encore/database';
import { HandlesEach, Outbox, type BatchContext, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import { Concerts } from '../persistence/concerts.repository.js';
import { publishSchedules, type Announcer } from './publish-schedules.js';

/** Creates concerts and changes their texts. */
@Controller()
export class OrganiseConcertsHandlers {
  private readonly concerts: Concerts;

  constructor(
    private readonly database: Database,
    @Inject(Outbox) private readonly outbox: Announcer,
  ) {
    this.concerts = new Concerts(database);
  }

  @HandlesEach(CreateConcert)
  async create(
    { payload }: Received<typeof CreateConcert>,
    { tx }: BatchContext,
  ): Promise<Outcome<typeof CreateConcert>> {
    return accepted(await this.concerts.create(tx, payload));
  }

  @HandlesEach(ChangeConcert)
  async change(
    { payload }: Received<typeof ChangeConcert>,
    { tx }: BatchContext,
  ): Promise<Outcome<typeof ChangeConcert>> {
    const before = await this.concerts.lock(tx, payload.concertId);
    if (!before) return refused('CONCERT_NOT_FOUND');
    const { name = before.name, venue = before.venue, description = before.description } = payload;
    if (name === before.name && venue === before.venue && description === before.description) {
      return accepted(before);
    }
    const after = await this.concerts.change(tx, payload);
    // Only the name travels with the schedules.
    if (after.name !== before.name) await this.publishAll(tx, payload.concertId);
    return accepted(after);
  }

  private async publishAll(tx: Transaction, concertId: number): Promise<void> {
    const { sql } = this.database;
    const ofConcert = { concert_id: concertId };
    // Locked in the order of ids first: an UPDATE would take them in any order.
    await tx.run(sql('schedules').where(ofConcert).orderBy('schedule_id').forNoKeyUpdate());
    const rows = await tx.run<{ schedule_id: number }>(
      sql('schedules')
        .where(ofConcert)
        .update({ version: sql.raw('version + 1') })
        .returning('schedule_id'),
    );
    await publishSchedules(
      tx,
      this.outbox,
      rows.map((row) => row.schedule_id),
    );
  }
}
