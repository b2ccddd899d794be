import { accepted, JoinWaitingRoom, type Outcome } from '@encore/contracts';
import { Handles, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { findLatestEntries } from '../persistence/entries.repository.js';
import { EntryViews } from './entry-views.js';
import { Joining } from './joining.js';
import { keyOf } from './people.js';

type Join = Outcome<typeof JoinWaitingRoom>;

/** Places for people who prove by other means who they are. */
@Controller()
export class JoinWaitingRoomHandler {
  constructor(
    private readonly joining: Joining,
    private readonly views: EntryViews,
  ) {}

  @Handles(JoinWaitingRoom)
  async join(requests: Received<typeof JoinWaitingRoom>[], { tx }: BatchContext): Promise<Join[]> {
    const asking = requests.map((request) => request.payload);
    const { turn, people, refusals } = await this.joining.takePlaces(tx, asking);
    const entries = await findLatestEntries(tx, people);
    const views = await this.views.describe(tx, entries, turn.rooms, turn.now);
    const outcomes = new Map<string, Join>(refusals);
    for (const entry of entries) {
      const view = views.get(entry.entryId);
      if (view !== undefined) outcomes.set(keyOf(entry), accepted(view));
    }
    return asking.map((person) => {
      const outcome = outcomes.get(keyOf(person));
      if (outcome === undefined) throw new Error(`User ${person.userId} joined without an entry`);
      return outcome;
    });
  }
}
