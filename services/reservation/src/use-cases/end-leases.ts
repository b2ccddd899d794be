import { ListStoredPayments } from '@encore/contracts';
import { Database } from '@encore/database';
import {
  Outbox,
  OutcomeUnknownError,
  ServiceClient,
  ServiceUnavailableError,
} from '@encore/messaging';
import { LOGGER, PeriodicWork, type Logger } from '@encore/service-kit';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { LIMITS, type Limits } from '../config.js';
import { decideLease } from '../domain/pay.js';
import { endedLeases, withdrawPins } from '../persistence/reservations.repository.js';
import { decideOnReservations, type Announcer } from './decide-on-reservations.js';

const ANSWER_MS = 2_000;

/**
 * Asks about payments that had a hold under a lease and have not ended by the end of it. Whoever
 * pinned may have died before anything of the payment was stored: then nobody else would ever undo
 * the pin. As long as the payment service says nothing, the hold stays with the payment.
 */
@Injectable()
export class LeaseSweeper implements OnModuleInit {
  constructor(
    private readonly database: Database,
    @Inject(Outbox) private readonly outbox: Announcer,
    private readonly client: ServiceClient,
    private readonly periodicWork: PeriodicWork,
    @Inject(LIMITS) private readonly limits: Limits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.periodicWork.runPeriodically({
      name: 'end-leases',
      everyMs: this.limits.sweepIntervalMs,
      work: () => this.sweep(),
    });
  }

  /** One bounded portion: what is left waits for the next tick. */
  async sweep(): Promise<void> {
    const leases = await endedLeases(this.database, this.limits.sweepLeasesMax);
    if (leases.length === 0) return;
    const stored = await this.stored(leases.map(({ paymentId }) => paymentId));
    if (stored === undefined) return;
    const ended = leases.map((lease) => ({ ...lease, isStored: stored.has(lease.paymentId) }));
    await this.database.transaction(async (tx) => {
      await decideOnReservations(
        tx,
        this.outbox,
        ended.map((payload) => ({ payload })),
        (found, lease) => decideLease(found, lease, this.limits),
      );
      const lost = ended.filter(({ isStored }) => !isStored);
      if (lost.length > 0) withdrawPins(tx, lost);
    });
  }

  /** Those of the payments that exist; undefined when the payment service says nothing. */
  private async stored(paymentIds: number[]): Promise<ReadonlySet<number> | undefined> {
    const asked = { timeoutMs: ANSWER_MS, correlationId: 'end-leases' };
    try {
      const answer = await this.client.ask(ListStoredPayments, { paymentIds }, asked);
      return answer.ok ? new Set(answer.value.paymentIds) : undefined;
    } catch (error) {
      if (!saysNothing(error)) throw error;
      const fields = { err: error, leases: paymentIds.length };
      this.logger.warn(fields, 'nobody says whether payments are stored: their holds wait');
      return undefined;
    }
  }
}

function saysNothing(error: unknown): boolean {
  return error instanceof ServiceUnavailableError || error instanceof OutcomeUnknownError;
}
