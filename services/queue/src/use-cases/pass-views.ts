import type { PassView } from '@encore/contracts';
import type { Queryable } from '@encore/database';
import { Injectable } from '@nestjs/common';
import { viewOfPass, type Pass } from '../domain/pass.js';
import type { Room } from '../domain/room.js';
import { EntryViews } from './entry-views.js';

/** Describes passes to whoever may know their secrets. */
@Injectable()
export class PassViews {
  constructor(private readonly entries: EntryViews) {}

  /** In the order of the passes. */
  async describe(
    db: Queryable,
    passes: readonly Pass[],
    rooms: readonly Room[],
    now: Date,
  ): Promise<PassView[]> {
    const entries = passes.map((pass) => pass.entry);
    const views = await this.entries.describe(db, entries, rooms, now);
    return passes.map((pass) => {
      const view = views.get(pass.entry.entryId);
      if (view === undefined) throw new Error(`Entry ${pass.entry.entryId} was not described`);
      return viewOfPass(pass, view);
    });
  }
}
