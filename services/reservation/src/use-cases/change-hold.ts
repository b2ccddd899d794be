import { CancelReservation, ExtendHold, type Outcome } from '@encore/contracts';
import { Handles, Outbox, type BatchContext, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import { LIMITS, type Limits } from '../config.js';
import { decideCancel, decideExtend } from '../domain/change-hold.js';
import { releasesOf } from '../domain/cooldown.js';
import { noteReleases } from '../persistence/releases.repository.js';
import { decideOnReservations, type Announcer } from './decide-on-reservations.js';

/**
 * What a person may do to a reservation: extend the hold once, give it up, cancel what was paid.
 */
@Controller()
export class ChangeHoldHandlers {
  constructor(
    @Inject(Outbox) private readonly outbox: Announcer,
    @Inject(LIMITS) private readonly limits: Limits,
  ) {}

  @Handles(ExtendHold)
  extend(
    commands: Received<typeof ExtendHold>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof ExtendHold>[]> {
    return decideOnReservations(tx, this.outbox, commands, (found, payload) =>
      decideExtend(found, payload, this.limits),
    );
  }

  @Handles(CancelReservation)
  cancel(
    commands: Received<typeof CancelReservation>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof CancelReservation>[]> {
    return decideOnReservations(tx, this.outbox, commands, decideCancel, (changes, now) => {
      const forgetBefore = new Date(now.getTime() - this.limits.releaseMemorySeconds * 1000);
      return noteReleases(tx, releasesOf(changes), { now, forgetBefore });
    });
  }
}
