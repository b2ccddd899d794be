import { CancelForRefund, MarkReservationRefunded, type Outcome } from '@encore/contracts';
import { Handles, Outbox, type BatchContext, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import { decideCancelForRefund, decideMarkRefunded } from '../domain/refund.js';
import { decideOnReservations, type Announcer } from './decide-on-reservations.js';

/** The reservation's steps of the refund saga: seats go back on sale, then the money is back. */
@Controller()
export class RefundReservationHandlers {
  constructor(@Inject(Outbox) private readonly outbox: Announcer) {}

  @Handles(CancelForRefund)
  cancel(
    commands: Received<typeof CancelForRefund>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof CancelForRefund>[]> {
    return decideOnReservations(tx, this.outbox, commands, decideCancelForRefund);
  }

  @Handles(MarkReservationRefunded)
  markRefunded(
    commands: Received<typeof MarkReservationRefunded>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof MarkReservationRefunded>[]> {
    return decideOnReservations(tx, this.outbox, commands, decideMarkRefunded);
  }
}
