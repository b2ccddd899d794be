import { ListSagas, ReadSaga, sagaState, SERVICES, values } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operations } from '../../application/operations.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { idText, limitText, pageQuery } from '../inputs.js';

const shared = { method: 'GET', tag: 'operators', access: 'operator' } as const;
const optionalId = idText.optional().meta({ type: 'integer', minimum: 1 });
const DEFAULT_DEAD_LETTERS = 20;

const queueStatus = z.object({
  queue: z.string(),
  depth: z.int().min(0).describe('Messages waiting.'),
  unacknowledged: z.int().min(0).describe('Messages handed out and not acknowledged yet.'),
  consumers: z.int().min(0),
  oldestAgeSeconds: z
    .number()
    .min(0)
    .nullable()
    .describe('Null when the queue is empty or unknown.'),
});

const deadLetter = z.object({
  messageId: z.string(),
  type: z.string(),
  service: z.string(),
  originQueue: z.string().nullable(),
  cause: z.object({ name: z.string(), message: z.string(), stack: z.string() }),
  attempts: z.int().min(0),
  correlationId: z.string(),
  causationId: z.string().nullable(),
  firstFailedAt: values.instant.nullable(),
  parkedAt: values.instant.nullable(),
  body: z.unknown(),
});

const LIST_QUEUES = endpoint({
  ...shared,
  path: '/v1/ops/queues',
  summary: 'Depth, unacknowledged, consumers and oldest age of every queue.',
  answers: [
    {
      status: 200,
      description: 'Every queue of the system.',
      body: z.object({ items: z.array(queueStatus) }),
    },
  ],
  refusals: [],
});

const LIST_SAGAS = endpoint({
  ...shared,
  path: '/v1/ops/sagas',
  summary: 'Sagas, newest first, by any id and by state.',
  query: z.strictObject({
    ...pageQuery,
    sagaId: z.uuid().optional(),
    paymentId: optionalId,
    reservationId: optionalId,
    userId: optionalId,
    requestId: z.string().min(1).max(200).optional(),
    state: sagaState.optional(),
  }),
  answers: [{ status: 200, description: 'A page of sagas.', body: ListSagas.reply }],
  refusals: ListSagas.refusals,
});

const READ_SAGA = endpoint({
  ...shared,
  path: '/v1/ops/sagas/:sagaId',
  summary: 'One saga with the timeline of its steps.',
  params: z.strictObject({ sagaId: z.uuid() }),
  answers: [{ status: 200, description: 'The saga.', body: ReadSaga.reply }],
  refusals: ReadSaga.refusals,
});

const LIST_DEAD_LETTERS = endpoint({
  ...shared,
  path: '/v1/ops/dead-letters',
  summary: 'Parked messages with origin and cause, and how many died of the same cause.',
  query: z.strictObject({
    limit: limitText.meta({ description: 'Messages of each service looked at; 20 if absent.' }),
    service: z.enum(SERVICES).optional(),
  }),
  answers: [
    {
      status: 200,
      description: 'Looked at, not taken out.',
      body: z.object({
        items: z.array(deadLetter),
        groups: z.array(
          z.object({
            service: z.string(),
            type: z.string(),
            cause: z.string(),
            count: z.int().min(1),
          }),
        ),
      }),
    },
  ],
  refusals: [],
});

@Controller()
export class OperationsController {
  constructor(private readonly operations: Operations) {}

  @Serves(LIST_QUEUES)
  async listQueues(@Call() call: HttpCall<typeof LIST_QUEUES>) {
    return call.ok({ items: await this.operations.queues() });
  }

  @Serves(LIST_SAGAS)
  async listSagas(@Call() call: HttpCall<typeof LIST_SAGAS>) {
    return call.ok(await this.operations.sagas(call.query, call.origin));
  }

  @Serves(READ_SAGA)
  async readSaga(@Call() call: HttpCall<typeof READ_SAGA>) {
    return call.ok(await this.operations.saga(call.params.sagaId, call.origin));
  }

  @Serves(LIST_DEAD_LETTERS)
  async listDeadLetters(@Call() call: HttpCall<typeof LIST_DEAD_LETTERS>) {
    const { service, limit } = call.query;
    return call.ok(await this.operations.deadLetters(service, limit ?? DEFAULT_DEAD_LETTERS));
  }
}
