import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ReadinessCache } from './readiness-cache.js';

/** What an orchestrator and a balancer ask, on the port that clients use. */
@Controller()
export class HealthController {
  constructor(private readonly readiness: ReadinessCache) {}

  @Get('healthz')
  healthz(): { alive: true } {
    return { alive: true };
  }

  @Get('readyz')
  async readyz(@Res({ passthrough: true }) response: Response) {
    const report = await this.readiness.report();
    response.status(report.ready ? 200 : 503);
    return report;
  }
}
