import { statement, type Transaction } from '@encore/database';
import type { Release } from '../domain/cooldown.js';

const NOTE_RELEASES = statement(
  'reservation-note-releases',
  `INSERT INTO releases (schedule_id, user_id, count, last_released_at)
   SELECT schedule_id, user_id, count, $4::timestamptz
   FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS given_up (schedule_id, user_id, count)
   ON CONFLICT (schedule_id, user_id) DO UPDATE
   SET last_released_at = excluded.last_released_at,
       count = excluded.count + CASE
         WHEN releases.last_released_at < $5::timestamptz THEN 0 ELSE releases.count
       END`,
);

/** Counts releases; those of somebody whose last one lies before `forgetBefore` are forgotten. */
export async function noteReleases(
  tx: Transaction,
  releases: readonly Release[],
  times: { readonly now: Date; readonly forgetBefore: Date },
): Promise<void> {
  if (releases.length === 0) return;
  await tx.query(NOTE_RELEASES, [
    releases.map(({ scheduleId }) => scheduleId),
    releases.map(({ userId }) => userId),
    releases.map(({ count }) => count),
    times.now.toISOString(),
    times.forgetBefore.toISOString(),
  ]);
}
