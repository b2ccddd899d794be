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

export interface StoredSaga<State = unknown> {
  readonly saga: SagaInstance<State>;
  readonly origin: SagaOrigin;
  readonly startedAt: Date;
  readonly updatedAt: Date;
}

export interface StoredLogEntry extends LogEntry {
  readonly sagaId: string;
}

interface SagaRow {
  id: string;
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
  `INSERT INTO sagas (${COLUMNS})
   SELECT ${COLUMNS} FROM json_to_recordset($1::json) AS saga(${LASTING}, ${CHANGING})`,
);
const UPDATE = statement(
  'saga-update',
  `UPDATE sagas SET ${namesOf(CHANGING)
    .map((column) => `${column} = changed.${column}`)
    .join(', ')}
   FROM json_to_recordset($1::json) AS changed(id uuid, ${CHANGING})
   WHERE sagas.id = changed.id`,
);
const APPEND = statement(
  'saga-log-append',
  `INSERT INTO saga_log (saga_id, sequence, at, step, event, message_id, attempt, reason)
   SELECT saga_id, sequence, at, step, event, message_id, attempt, reason
   FROM json_to_recordset($1::json) AS entry(saga_id uuid, sequence integer, at timestamptz,
     step text, event text, message_id uuid, attempt integer, reason text)`,
);
const LOCK = statement(
  'saga-lock',
  `SELECT ${COLUMNS} FROM sagas WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
);
/** Few sagas are open at a time, so their deadlines need no index that every step would rewrite. */
const OPEN = `state IN ('RUNNING', 'COMPENSATING', 'NEEDS_ATTENTION')`;
const LOCK_DUE = statement(
  'saga-lock-due',
  `SELECT ${COLUMNS} FROM sagas
   WHERE ${OPEN} AND definition = ANY($1::text[]) AND next_ask_at <= $2
   ORDER BY next_ask_at LIMIT $3 FOR UPDATE SKIP LOCKED`,
);
const LOCK_OUTSTANDING = statement(
  'saga-lock-outstanding',
  `SELECT ${COLUMNS} FROM sagas
   WHERE ${OPEN} AND definition = ANY($1::text[]) AND updated_at < $2 AND id > $3
   ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED`,
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

/** The next portion, by id, of the sagas that wait for an answer since before a moment. */
export async function lockOutstandingSagas(
  tx: Transaction,
  from: { definitions: readonly string[]; before: Date; afterId: string; limit: number },
): Promise<StoredSaga[]> {
  const values = [from.definitions, from.before, from.afterId, from.limit];
  return (await tx.query<SagaRow>(LOCK_OUTSTANDING, values)).map(storedOf);
}

export async function insertSagas(tx: Transaction, sagas: readonly StoredSaga[]): Promise<void> {
  if (sagas.length === 0) return;
  const rows = sagas.map((stored) => ({ ...lastingOf(stored), ...changingOf(stored) }));
  await tx.query(INSERT, [JSON.stringify(rows)]);
}

export async function updateSagas(tx: Transaction, sagas: readonly StoredSaga[]): Promise<void> {
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

function lastingOf({ saga, origin, startedAt }: StoredSaga) {
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

function changingOf({ saga, updatedAt }: StoredSaga) {
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
