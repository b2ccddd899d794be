import { PinUnderLease, type Outcome } from '@encore/contracts';
import { ServiceClient } from '@encore/messaging';
import type { SagaStart } from '@encore/saga';
import { LOGGER, type Logger } from '@encore/service-kit';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import CircuitBreaker from 'opossum';
import type { PayForReservation } from '../sagas/pay-for-reservation.saga.js';

export const PIN_LIMITS = Symbol('how long pins are waited for, and given up on');
export interface PinLimits {
  /** The transaction that inserts the payments is open meanwhile. */
  readonly timeoutMs: number;
  /** For so long nothing is asked after nothing was answered. */
  readonly pauseMs: number;
}

type Wanted = Pick<SagaStart<PayForReservation>, 'data' | 'origin'>;
type Heard = Outcome<typeof PinUnderLease> | undefined;

/**
 * Pins reservations before their payments are stored, which saves the saga a durable step. The pin
 * is a quick request under a lease: when nothing is stored after all, the reservation finds out by
 * asking. What was not answered is asked by the saga, as a command that lasts.
 */
@Injectable()
export class EarlyPins implements OnModuleDestroy {
  private readonly breaker: CircuitBreaker<[readonly Wanted[]], Heard[]>;

  constructor(
    private readonly client: ServiceClient,
    @Inject(PIN_LIMITS) private readonly limits: PinLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.breaker = new CircuitBreaker((wanted: readonly Wanted[]) => this.askAll(wanted), {
      name: 'early pins',
      // Every question has a deadline of its own.
      timeout: false,
      errorThresholdPercentage: 1,
      resetTimeout: limits.pauseMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
  }

  onModuleDestroy(): void {
    this.breaker.shutdown();
  }

  /** What the reservations said, in order; undefined for those that said nothing. */
  async ask(wanted: readonly Wanted[]): Promise<Heard[]> {
    try {
      return await this.breaker.fire(wanted);
    } catch (error) {
      const isOpen = error instanceof Error && CircuitBreaker.isOurError(error);
      if (!isOpen) this.logger.warn({ err: error }, 'reservations are pinned by commands for now');
      return wanted.map(() => undefined);
    }
  }

  private async askAll(wanted: readonly Wanted[]): Promise<Heard[]> {
    const answers = await Promise.allSettled(wanted.map((one) => this.askOne(one)));
    const failed = answers.filter((answer) => answer.status === 'rejected');
    const [first] = failed;
    if (first !== undefined && failed.length === wanted.length) throw first.reason;
    if (first !== undefined) {
      const fields = { err: first.reason as unknown, payments: failed.length };
      this.logger.warn(fields, 'some reservations are pinned by commands');
    }
    return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
  }

  private askOne({ data, origin }: Wanted): Promise<Heard> {
    const { userId, reservationId, paymentId, expectedAmountKrw } = data;
    const { correlationId, traceparent } = origin;
    return this.client.ask(
      PinUnderLease,
      { userId, reservationId, paymentId, expectedAmountKrw },
      {
        timeoutMs: this.limits.timeoutMs,
        correlationId,
        traceparent: traceparent ?? undefined,
      },
    );
  }
}
