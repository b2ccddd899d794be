import {
  ConfirmReservation,
  PinReservation,
  PinUnderLease,
  UnpinReservation,
  type Outcome,
} from '@encore/contracts';
import { Handles, HandlesAnew, Outbox, type BatchContext, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import { LIMITS, type Limits } from '../config.js';
import { decideConfirm, decidePin, decideUnpin } from '../domain/pay.js';
import { withdrawPins } from '../persistence/reservations.repository.js';
import { decideOnReservations, type Announcer } from './decide-on-reservations.js';

/** The reservation's steps of the payment saga: pin, its undo, and the point of no return. */
@Controller()
export class PayForReservationHandlers {
  constructor(
    @Inject(Outbox) private readonly outbox: Announcer,
    @Inject(LIMITS) private readonly limits: Limits,
  ) {}

  @Handles(PinReservation)
  pin(
    commands: Received<typeof PinReservation>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof PinReservation>[]> {
    return decideOnReservations(tx, this.outbox, commands, decidePin);
  }

  /** A pin that nobody heard of ends with its lease, so that no answer has to be remembered. */
  @HandlesAnew(PinUnderLease)
  pinUnderLease(
    requests: Received<typeof PinUnderLease>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof PinUnderLease>[]> {
    return decideOnReservations(tx, this.outbox, requests, (found, payload) =>
      decidePin(
        found,
        payload,
        new Date(found.now.getTime() + this.limits.pinLeaseSeconds * 1_000),
      ),
    );
  }

  @Handles(UnpinReservation)
  async unpin(
    commands: Received<typeof UnpinReservation>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof UnpinReservation>[]> {
    const outcomes = await decideOnReservations(tx, this.outbox, commands, (found, payload) =>
      decideUnpin(found, payload, this.limits),
    );
    const undone = commands.filter((_command, index) => outcomes[index]?.ok === true);
    withdrawPins(
      tx,
      undone.map(({ payload }) => payload),
    );
    return outcomes;
  }

  @Handles(ConfirmReservation)
  confirm(
    commands: Received<typeof ConfirmReservation>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof ConfirmReservation>[]> {
    return decideOnReservations(tx, this.outbox, commands, decideConfirm);
  }
}
