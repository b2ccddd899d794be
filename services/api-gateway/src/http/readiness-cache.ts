import type { Readiness, ReadinessReport } from '@encore/service-kit';

/**
 * The readiness of a moment ago. Each check asks every service, and the port is public: whoever
 * calls it in a loop must not make the services work.
 */
export class ReadinessCache {
  private latest:
    { readonly report: Promise<ReadinessReport>; readonly askedAtMs: number } | undefined;

  constructor(
    private readonly readiness: Readiness,
    private readonly keepMs: number,
  ) {}

  report(nowMs = Date.now()): Promise<ReadinessReport> {
    if (this.latest === undefined || nowMs - this.latest.askedAtMs >= this.keepMs) {
      this.latest = { report: this.readiness.report(), askedAtMs: nowMs };
    }
    return this.latest.report;
  }

  /** The next question is asked anew: something is known to have changed. */
  forget(): void {
    this.latest = undefined;
  }
}
