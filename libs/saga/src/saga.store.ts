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

export interface SagaRecord<State = unknown> {
  readonly saga: SagaInstance<State>;
  readonly origin: SagaOrigin;
  readonly startedAt: Date;
  readonly updatedAt: Date;
}

export interface StoredSaga<State = unknown> extends SagaRecord<State> {
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

/** The columns that change while a saga runs, and those that do not, with their types. */
const CHANGING = {
  state: 'text',
  step: 'text',
  direction: 'text',
  attempt: 'integer',
  data: 'jsonb',
  refusal: 'text',
  refusal_detail: 'jsonb',
  attention: 'text',
  message_id: 'uuid',
  first_asked_at: 'timestamptz',
  next_ask_at: 'timestamptz',
  log_length: 'integer',
  updated_at: 'timestamptz',
} as const;
const LASTING = {
  id: 'uuid',
  definition: 'text',
  request_message_id: 'uuid',
  request_id: 'text',
  traceparent: 'text',
  payment_id: 'bigint',
  refund_id: 'bigint',
  reservation_id: 'bigint',
  user_id: 'bigint',
  started_at: 'timestamptz',
} as const;
const LOG = {
  saga_id: 'uuid',
  sequence: 'integer',
  at: 'timestamptz',
  step: 'text',
  event: 'text',
  message_id: 'uuid',
  attempt: 'integer',
  reason: 'text',
  further: 'jsonb',
} as const;

type Types = Readonly<Record<string, string>>;
type RowOf<Columns extends Types> = Readonly<Record<keyof Columns, unknown>>;

/** Rows as parallel arrays, one parameter for each column: far cheaper to read than JSON. */
function arrays(columns: Types): string {
  return Object.values(columns)
    .map((type, index) => `$${index + 1}::${type}[]`)
    .join(', ');
}

function columnsOf<Columns extends Types>(
  columns: Columns,
  rows: readonly RowOf<Columns>[],
): unknown[][] {
  const names: (keyof Columns)[] = Object.keys(columns);
  return names.map((name) => rows.map((row) => row[name]));
}

const NEW = { ...LASTING, ...CHANGING };
const COLUMNS = Object.keys(NEW).join(', ');
const CHANGED = { id: LASTING.id, ...CHANGING };

const INSERT = statement(
  'saga-insert',
  `insert into sagas (${COLUMNS}) select ${COLUMNS} from unnest(${arrays(NEW)}) as saga(${COLUMNS})`,
);
/** Data that did not change comes as null: it is the largest part, and need not be read again. */
const UPDATE = statement(
  'saga-update',
  `update sagas set ${Object.keys(CHANGING)
    .map((name) =>
      name === 'data' ? 'data = coalesce(changed.data, sagas.data)' : `${name} = changed.${name}`,
    )
    .join(', ')}
   from unnest(${arrays(CHANGED)}) as changed(${Object.keys(CHANGED).join(', ')})
   where sagas.id = changed.id`,
);
/** Whoever moves a saga on writes its next line: who does so on what was true before comes second. */
const APPEND = statement(
  'saga-log-append',
  `insert into saga_log (${Object.keys(LOG).join(', ')}) select * from unnest(${arrays(LOG)})`,
  { conflictsOn: 'saga_log_pkey' },
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

export function insertSagas(tx: Transaction, sagas: readonly SagaRecord[]): void {
  if (sagas.length === 0) return;
  const rows = sagas.map((stored) => ({ ...lastingOf(stored), ...changingOf(stored) }));
  tx.write(INSERT, columnsOf(NEW, rows));
}

/** A saga that has changed, and whether its data has, too. */
export interface ChangedSaga {
  readonly stored: SagaRecord;
  readonly hasNewData: boolean;
}

export function updateSagas(tx: Transaction, changed: readonly ChangedSaga[]): void {
  if (changed.length === 0) return;
  const rows = changed.map(({ stored, hasNewData }) => ({
    id: stored.saga.id,
    ...changingOf(stored),
    ...(hasNewData ? {} : { data: null }),
  }));
  tx.write(UPDATE, columnsOf(CHANGED, rows));
}

export function appendLog(tx: Transaction, entries: readonly StoredLogEntry[]): void {
  if (entries.length === 0) return;
  const rows = turnsOf(entries).map(([{ sagaId, messageId, ...first }, ...further]) => ({
    ...first,
    saga_id: sagaId,
    message_id: messageId,
    further: further.length === 0 ? null : JSON.stringify(further.map(lineOf)),
  }));
  tx.write(APPEND, columnsOf(LOG, rows));
}

type Turn = [StoredLogEntry, ...StoredLogEntry[]];

/** Lines that follow each other in one saga, at one moment, are one row. */
function turnsOf(entries: readonly StoredLogEntry[]): Turn[] {
  const turns: Turn[] = [];
  let before: StoredLogEntry | undefined;
  for (const entry of entries) {
    const goesOn = before?.sagaId === entry.sagaId && before.sequence + 1 === entry.sequence;
    const turn = turns.at(-1);
    if (goesOn && turn !== undefined && before?.at === entry.at) turn.push(entry);
    else turns.push([entry]);
    before = entry;
  }
  return turns;
}

/** As the migration says and `saga_timeline` reads it. */
function lineOf({ step, event, messageId, attempt, reason }: StoredLogEntry): unknown[] {
  return [step, event, messageId, attempt, reason];
}

/** Reads sagas for people: see `saga.reader.ts`. */
export async function selectSagas(
  database: Queryable,
  query: Parameters<Queryable['run']>[0],
): Promise<StoredSaga[]> {
  return (await database.run<SagaRow>(query)).map(storedOf);
}

function lastingOf({ saga, origin, startedAt }: SagaRecord) {
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

function changingOf({ saga, updatedAt }: SagaRecord) {
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
