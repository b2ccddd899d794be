import { ListSagas, ReadSaga, SERVICES, type ReplyOf, type ServiceName } from '@encore/contracts';
import { QueueInspector, type ParkedMessage, type QueueStatus } from '@encore/messaging';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Services } from '../clients/services.js';
import type { Origin } from './caller.js';

/** Dead letters that died of the same thing. */
export interface DeadLetterGroup {
  readonly service: string;
  readonly type: string;
  readonly cause: string;
  readonly count: number;
}

/** What operators look at. */
@Injectable()
export class Operations {
  constructor(
    private readonly services: Services,
    private readonly inspector: QueueInspector,
  ) {}

  queues(): Promise<QueueStatus[]> {
    return this.inspector.inspect();
  }

  sagas(
    filter: z.input<typeof ListSagas.payload>,
    origin: Origin,
  ): Promise<ReplyOf<typeof ListSagas>> {
    return this.services.query(ListSagas, filter, origin);
  }

  saga(sagaId: string, origin: Origin): Promise<ReplyOf<typeof ReadSaga>> {
    return this.services.query(ReadSaga, { sagaId }, origin);
  }

  /** Looks without taking: at most `limit` of each service asked about. */
  async deadLetters(
    service: ServiceName | undefined,
    limit: number,
  ): Promise<{ items: ParkedMessage[]; groups: DeadLetterGroup[] }> {
    const asked = service === undefined ? SERVICES : [service];
    const parked = await Promise.all(asked.map((one) => this.inspector.peekParked(one, limit)));
    const items = parked.flat();
    return { items, groups: groupsOf(items) };
  }
}

export function groupsOf(items: readonly ParkedMessage[]): DeadLetterGroup[] {
  const groups = new Map<string, DeadLetterGroup>();
  for (const { service, type, cause } of items) {
    const key = JSON.stringify([service, type, cause.name, cause.message]);
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, { service, type, cause: `${cause.name}: ${cause.message}`, count });
  }
  return [...groups.values()].sort((left, right) => right.count - left.count);
}
