import {
  accepted,
  isGuestId,
  ReadPass,
  ReadPassOf,
  refused,
  type Outcome,
  type PassView,
} from '@encore/contracts';
import { Database } from '@encore/database';
import { Answers, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import type { Pass } from '../domain/pass.js';
import { findLatestPasses, findPasses, type Secret } from '../persistence/passes.repository.js';
import { readRooms } from '../persistence/rooms.repository.js';
import { PassViews } from './pass-views.js';
import { distinctPeople, distinctRooms, keyOf } from './people.js';
import { noteSeen } from './polls.js';

/** The polls that go by a pass. They take no room's lock either. */
@Controller()
export class ReadPassHandlers {
  constructor(
    private readonly database: Database,
    private readonly views: PassViews,
  ) {}

  @Answers(ReadPass)
  async read(queries: Received<typeof ReadPass>[]): Promise<Outcome<typeof ReadPass>[]> {
    const secrets = queries.map((query) => query.payload.by);
    const found = await findPasses(this.database, secrets);
    const { rooms, now } = await readRooms(this.database, distinctRooms(entriesOf(found)));
    const waiters = entriesOf(found).filter((entry) => entry.state === 'WAITING');
    await noteSeen(this.database, waiters, rooms, now);
    // Only whoever waits was noted as seen: only then is there news.
    const passes = waiters.length === 0 ? found : await findPasses(this.database, secrets);
    const views = await this.views.describe(this.database, passes, rooms, now);
    const answers = new Map<number | string, PassView>();
    for (const view of views) answers.set(view.tokenId, view).set(view.tokenUuid, view);
    return secrets.map((secret) => {
      const view = answers.get(asStored(secret));
      return view === undefined ? refused('QUEUE_PASS_NOT_FOUND') : accepted(view);
    });
  }

  @Answers(ReadPassOf)
  async readOf(queries: Received<typeof ReadPassOf>[]): Promise<Outcome<typeof ReadPassOf>[]> {
    // A guest is known by the secrets alone: his id must not lead to them.
    const users = queries.map((query) => query.payload).filter(({ userId }) => !isGuestId(userId));
    const people = distinctPeople(users);
    const { rooms, now } = await readRooms(this.database, distinctRooms(people));
    await noteSeen(this.database, people, rooms, now);
    const passes = await findLatestPasses(this.database, people);
    const views = await this.views.describe(this.database, passes, rooms, now);
    const answers = new Map(views.map((view) => [keyOf(view.entry), view]));
    return queries.map(({ payload }) => {
      const view = answers.get(keyOf(payload));
      return view === undefined ? refused('QUEUE_ENTRY_NOT_FOUND') : accepted(view);
    });
  }
}

function entriesOf(passes: readonly Pass[]): Pass['entry'][] {
  return passes.map((pass) => pass.entry);
}

/** The database writes the letters of a uuid small, whatever the client did. */
function asStored(secret: Secret): number | string {
  return 'tokenId' in secret ? secret.tokenId : secret.tokenUuid.toLowerCase();
}
