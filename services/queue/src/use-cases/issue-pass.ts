import { accepted, isGuestId, IssuePass, refused, type Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Handles, type BatchContext, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { drawGuestIds, findLatestPasses } from '../persistence/passes.repository.js';
import { Joining, type Applicant } from './joining.js';
import { PassViews } from './pass-views.js';
import { keyOf } from './people.js';

type Issue = Outcome<typeof IssuePass>;

/** Places for people who will prove by the secrets of the place that it is theirs. */
@Controller()
export class IssuePassHandler {
  constructor(
    private readonly joining: Joining,
    private readonly views: PassViews,
  ) {}

  @Handles(IssuePass)
  async issue(requests: Received<typeof IssuePass>[], { tx }: BatchContext): Promise<Issue[]> {
    const asking = await withGuests(tx, requests);
    const admissible = asking.filter((person) => person !== undefined);
    const { turn, people, refusals } = await this.joining.takePlaces(tx, admissible);
    const passes = await findLatestPasses(tx, people);
    const outcomes = new Map<string, Issue>(refusals);
    for (const view of await this.views.describe(tx, passes, turn.rooms, turn.now)) {
      outcomes.set(keyOf(view.entry), accepted(view));
    }
    return asking.map((person) => {
      if (person === undefined) return refused('QUEUE_USER_ID_RESERVED');
      const outcome = outcomes.get(keyOf(person));
      if (outcome === undefined) throw new Error(`User ${person.userId} joined without an entry`);
      return outcome;
    });
  }
}

/**
 * Who asks, every guest under an id of his own. Undefined for whoever names a guest's id: it would
 * show a stranger the guest's secrets.
 */
async function withGuests(
  tx: Transaction,
  requests: readonly Received<typeof IssuePass>[],
): Promise<(Applicant | undefined)[]> {
  const guests = requests.filter(({ payload }) => payload.userId === null).length;
  const guestIds = guests === 0 ? [] : await drawGuestIds(tx, guests);
  return requests.map(({ payload: { roomId, userId, usedUp } }) => {
    if (userId !== null) return isGuestId(userId) ? undefined : { roomId, userId, usedUp };
    const guestId = guestIds.pop();
    if (guestId === undefined) throw new Error(`There are fewer ids than the ${guests} guests`);
    return { roomId, userId: guestId, usedUp };
  });
}
