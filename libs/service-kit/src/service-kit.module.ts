import type { ServiceName } from '@encore/contracts';
import { Database } from '@encore/database';
import {
  CommandSender,
  DeferredAnswers,
  Messaging,
  Outbox,
  QueueInspector,
  ServiceClient,
} from '@encore/messaging';
import { type DynamicModule, Module } from '@nestjs/common';
import { LOGGER } from './logging.js';
import { Metrics } from './metrics.js';
import { pingController } from './ping.js';
import { storedAnswersController } from './stored-answers.js';
import type { Runtime } from './runtime.js';
import { PeriodicWork } from './ticker.js';

export interface ServiceParts {
  readonly name: ServiceName;
  /** What `Ping` answers with. */
  readonly version: string;
  readonly runtime: Pick<Runtime, 'logger' | 'metrics' | 'periodicWork'>;
  readonly database: Database;
  readonly messaging: Messaging;
}

/**
 * Gives the parts of a running process to everything Nest injects: Database, Outbox, CommandSender,
 * DeferredAnswers, ServiceClient, QueueInspector, PeriodicWork, Metrics and LOGGER.
 */
@Module({})
export class ServiceKit {
  static with(parts: ServiceParts): DynamicModule {
    const { runtime, database, messaging } = parts;
    const providers = [
      { provide: LOGGER, useValue: runtime.logger },
      { provide: Metrics, useValue: runtime.metrics },
      { provide: PeriodicWork, useValue: runtime.periodicWork },
      { provide: Database, useValue: database },
      { provide: Outbox, useValue: messaging.outbox },
      { provide: CommandSender, useValue: messaging.commands },
      { provide: DeferredAnswers, useValue: messaging.deferredAnswers },
      { provide: ServiceClient, useValue: messaging.client },
      { provide: QueueInspector, useValue: messaging.inspector },
    ];
    return {
      module: ServiceKit,
      global: true,
      controllers: [
        pingController(parts.name, parts.version),
        storedAnswersController(parts.name, messaging.inbox),
      ],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
