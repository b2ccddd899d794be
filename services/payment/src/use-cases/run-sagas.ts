import { ListensReplies, type BatchContext, type ReceivedReply } from '@encore/messaging';
import { SagaReader, SagaRunner } from '@encore/saga';
import { Metrics, PeriodicWork } from '@encore/service-kit';
import { Controller, Inject, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

export interface SweepLimits {
  readonly everyMs: number;
  /** Sagas in one transaction. */
  readonly sagasMax: number;
}
export const SWEEP_LIMITS = Symbol('how often and how much the saga sweeper works');

/** Drives the sagas: by the replies that come, and by the clock when none come. */
@Controller()
export class RunSagasHandler implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly sagas: SagaRunner,
    private readonly reader: SagaReader,
    private readonly periodicWork: PeriodicWork,
    private readonly metrics: Metrics,
    @Inject(SWEEP_LIMITS) private readonly limits: SweepLimits,
  ) {}

  onModuleInit(): void {
    this.metrics.watchSagas(() => this.reader.countOpen());
    this.periodicWork.runPeriodically({
      name: 'sweep-sagas',
      everyMs: this.limits.everyMs,
      work: (stopping) => this.sweep(stopping),
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.sagas.close();
  }

  @ListensReplies()
  async hear(replies: ReceivedReply[], context: BatchContext): Promise<void> {
    await this.sagas.handleReplies(replies, context);
  }

  async sweep(stopping: AbortSignal): Promise<void> {
    let found: number;
    do {
      found = await this.sagas.sweep(this.limits.sagasMax, stopping);
    } while (found === this.limits.sagasMax && !stopping.aborted);
  }
}
