import type { RefusalDetail, SagaState } from '@encore/contracts';
import { statement, type Queryable, type Transaction } from '@encore/database';
import type { LogEntry, SagaInstance } from './instance.js';
import type { Direction } from './saga-id.js';

/** Why a saga runs and whom it concerns: what people search it by. Never changes. */
export interface SagaOrigin {
  /** The deferred request that waits for the outcome. */
  readonly requestMessageId: string;
  /** The correlation id of everything this saga sends: the HTTP request that started it. */
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly paymentId: number;
  readonly refundId: number | null;
  readonly reservationId: number;
  readonly userId: number;
}

/** A saga that is about to be stored. */
export interface NewSaga<State = unknown> {
  readonly saga: SagaInstance<State>;
  readonly origin: SagaOrigin;
  readonly startedAt: Date;
  readonly updatedAt: Date;
}

export interface StoredSaga<State = unknown> extends NewSaga<State> {
  /** In the order in which sagas began. */
  readonly number: number;
}

export interface StoredLogEntry extends LogEntry {
  readonly sagaId: string;
}

interface SagaRow {
  id: string;
  saga_number: number;
  definition: string;
  state: SagaState;
  step: string | null;
  direction: Direction;
  attempt: number;
  data: unknown;
  refusal: string | null;
  refusal_detail: RefusalDetail | null;
  attention: string | null;
  message_id: string | null;
  first_asked_at: Date | null;
  next_ask_at: Date | null;
  log_length: number;
  request_message_id: string;
  request_id: string;
  traceparent: string | null;
  payment_id: number;
  refund_id: number | null;
  reservation_id: number;
  user_id: number;
  started_at: Date;
  updated_at: Date;
}

/** The columns that change while a saga runs, as a record set is read from JSON. */
const CHANGING = `state text, step text, direction text, attempt integer, data jsonb, refusal text,
  refusal_detail jsonb, attention text, message_id uuid, first_asked_at timestamptz,
  next_ask_at timestamptz, log_length integer, updated_at timestamptz`;
const LASTING = `id uuid, definition text, request_message_id uuid, request_id text,
  traceparent text, payment_id bigint, refund_id bigint, reservation_id bigint, user_id bigint,
  started_at timestamptz`;

function namesOf(columns: string): string[] {
  return columns.split(',').map((column) => column.trim().split(' ')[0] ?? '');
}

const COLUMNS = [...namesOf(LASTING), ...namesOf(CHANGING)].join(', ');

const INSERT = statement(
  'saga-insert',
  `insert into sagas (${COLUMNS})
   select ${COLUMNS} from json_to_recordset($1::json) as saga(${LASTING}, ${CHANGING})`,
);
const UPDATE = statement(
  'saga-update',
  `update sagas set ${namesOf(CHANGING)
    .map((column) => `${column} = changed.${column}`)
    .join(', ')}
   from json_to_recordset($1::json) as changed(id uuid, ${CHANGING})
   where sagas.id = changed.id`,
);
const APPEND = statement(
  'saga-log-append',
  `insert into saga_log (saga_id, sequence, at, step, event, message_id, attempt, reason)
   select saga_id, sequence, at, step, event, message_id, attempt, reason
   from json_to_recordset($1::json) as entry(saga_id uuid, sequence integer, at timestamptz,
     step text, event text, message_id uuid, attempt integer, reason text)`,
);
const LOCK = statement(
  'saga-lock',
  `select saga_number, ${COLUMNS} from sagas where id = any($1::uuid[]) order by id for update`,
);
/** Few sagas are open at a time, so their deadlines need no index that every step would rewrite. */
const OPEN = `state in ('RUNNING', 'COMPENSATING', 'NEEDS_ATTENTION')`;
const LOCK_DUE = statement(
  'saga-lock-due',
  `select saga_number, ${COLUMNS} from sagas
   where ${OPEN} and definition = any($1::text[]) and next_ask_at <= $2
   order by next_ask_at limit $3 for update skip locked`,
);
const LOCK_OUTSTANDING = statement(
  'saga-lock-outstanding',
  `select saga_number, ${COLUMNS} from sagas
   where ${OPEN} and definition = any($1::text[]) and updated_at < $2 and saga_number > $3
   order by saga_number limit $4 for update skip locked`,
);

/** In key order, so that two batches never wait for each other in a circle. */
export async function lockSagas(tx: Transaction, ids: readonly string[]): Promise<StoredSaga[]> {
  if (ids.length === 0) return [];
  return (await tx.query<SagaRow>(LOCK, [ids])).map(storedOf);
}

/** Sagas whose time to ask again has come, the longest overdue first, unless somebody has them. */
export async function lockDueSagas(
  tx: Transaction,
  due: { definitions: readonly string[]; now: Date; limit: number },
): Promise<StoredSaga[]> {
  const rows = await tx.query<SagaRow>(LOCK_DUE, [due.definitions, due.now, due.limit]);
  return rows.map(storedOf);
}

/** The next portion, by number, of the sagas that wait for an answer since before a moment. */
export async function lockOutstandingSagas(
  tx: Transaction,
  from: { definitions: readonly string[]; before: Date; afterNumber: number; limit: number },
): Promise<StoredSaga[]> {
  const values = [from.definitions, from.before, from.afterNumber, from.limit];
  return (await tx.query<SagaRow>(LOCK_OUTSTANDING, values)).map(storedOf);
}

export async function insertSagas(tx: Transaction, sagas: readonly NewSaga[]): Promise<void> {
  if (sagas.length === 0) return;
  const rows = sagas.map((stored) => ({ ...lastingOf(stored), ...changingOf(stored) }));
  await tx.query(INSERT, [JSON.stringify(rows)]);
}

export async function updateSagas(tx: Transaction, sagas: readonly NewSaga[]): Promise<void> {
  if (sagas.length === 0) return;
  const rows = sagas.map((stored) => ({ id: stored.saga.id, ...changingOf(stored) }));
  await tx.query(UPDATE, [JSON.stringify(rows)]);
}

export async function appendLog(
  tx: Transaction,
  entries: readonly StoredLogEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ sagaId, messageId, ...entry }) => ({
    ...entry,
    saga_id: sagaId,
    message_id: messageId,
  }));
  await tx.query(APPEND, [JSON.stringify(rows)]);
}

/** Reads sagas for people: see `saga.reader.ts`. */
export async function selectSagas(
  database: Queryable,
  query: Parameters<Queryable['run']>[0],
): Promise<StoredSaga[]> {
  return (await database.run<SagaRow>(query)).map(storedOf);
}

function lastingOf({ saga, origin, startedAt }: NewSaga) {
  return {
    id: saga.id,
    definition: saga.definition,
    request_message_id: origin.requestMessageId,
    request_id: origin.correlationId,
    traceparent: origin.traceparent,
    payment_id: origin.paymentId,
    refund_id: origin.refundId,
    reservation_id: origin.reservationId,
    user_id: origin.userId,
    started_at: startedAt,
  };
}

function changingOf({ saga, updatedAt }: NewSaga) {
  return {
    state: saga.state,
    step: saga.step,
    direction: saga.direction,
    attempt: saga.attempt,
    data: saga.data,
    refusal: saga.refusal?.code ?? null,
    refusal_detail: saga.refusal?.detail ?? null,
    attention: saga.attention,
    message_id: saga.messageId,
    first_asked_at: saga.firstAskedAt,
    next_ask_at: saga.nextAskAt,
    log_length: saga.logLength,
    updated_at: updatedAt,
  };
}

function storedOf(row: SagaRow): StoredSaga {
  return {
    number: row.saga_number,
    saga: {
      id: row.id,
      definition: row.definition,
      state: row.state,
      step: row.step,
      direction: row.direction,
      attempt: row.attempt,
      data: row.data,
      refusal: row.refusal === null ? null : { code: row.refusal, detail: row.refusal_detail },
      attention: row.attention,
      messageId: row.message_id,
      firstAskedAt: row.first_asked_at,
      nextAskAt: row.next_ask_at,
      logLength: row.log_length,
    },
    origin: {
      requestMessageId: row.request_message_id,
      correlationId: row.request_id,
      traceparent: row.traceparent,
      paymentId: row.payment_id,
      refundId: row.refund_id,
      reservationId: row.reservation_id,
      userId: row.user_id,
    },
    startedAt: row.started_at,
    updatedAt: row.updated_at,
  };
}
