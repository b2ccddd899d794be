import { PINGS } from '@encore/contracts';
import { migrate } from '@encore/database';
import { messagingMigrations } from '@encore/messaging';
import { bootService, eventually, testActors, testBroker, testDatabase } from '@encore/testing';
import { Inject, Injectable, Module } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import { commonConfig, parseConfig } from './config.js';
import { createRuntime } from './runtime.js';
import { openService } from './start-service.js';
import { PeriodicWork } from './ticker.js';

/** A service of nothing but a sweeper. */
@Injectable()
class Sweeper {
  static runs = 0;

  constructor(@Inject(PeriodicWork) periodicWork: PeriodicWork) {
    periodicWork.runPeriodically({
      name: 'count-runs',
      everyMs: 5,
      work: async () => {
        Sweeper.runs += 1;
      },
    });
  }
}

@Module({ providers: [Sweeper] })
class EmptyService {}

describe('starting a service', () => {
  it('answers its ping and runs its periodic work', async () => {
    const service = await bootService({ name: 'wallet', module: EmptyService, migrations: [] });
    try {
      const answer = await service.ask(PINGS.wallet, {});
      expect(answer).toMatchObject({ ok: true, value: { version: 'development' } });
      await eventually(() => expect(Sweeper.runs).toBeGreaterThan(1));
    } finally {
      await service.close();
    }
  });

  it('waits for its schema, says so, and goes on as soon as it is there', async () => {
    const empty = await testDatabase({ service: 'unmigrated', migrations: [] });
    const broker = testBroker();
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
    const config = parseConfig(z.object(commonConfig), {
      AMQP_URL: broker.url,
      AMQP_PREFIX: broker.prefix,
      DATABASE_URL: empty.adminUrl,
      ...testActors.environment,
    });
    const runtime = await createRuntime({ name: 'wallet', config, logger });
    try {
      const opening = openService(runtime, {
        name: 'wallet',
        module: EmptyService,
        config,
        migrations: [],
      });
      await eventually(() => expect(lines.join('')).toContain('waiting for the schema'));
      const { waitingFor } = await runtime.readiness.report();
      expect(waitingFor).toContainEqual(expect.stringMatching(/^schema: .* migrations to come/));
      await migrate({ url: empty.adminUrl, directories: [messagingMigrations] });
      await opening;
      runtime.started();
      await eventually(async () =>
        expect(await runtime.readiness.report()).toMatchObject({ waitingFor: [] }),
      );
    } finally {
      await runtime.stop();
      await broker.cleanup();
      await empty.drop();
    }
  });
});
