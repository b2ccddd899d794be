import type { RefusalDetail, SagaState } from '@encore/contracts';
import { JsonText, statement, type Queryable, type Transaction } from '@encore/database';
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

/** A saga that has changed, and whether its data has, too. */
export interface ChangedSaga extends SagaRecord {
  readonly hasNewData: boolean;
}

/** The lines one saga writes together. */
export interface SagaTurn {
  readonly sagaId: string;
  readonly first: LogEntry;
  readonly further: readonly LogEntry[];
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

/** A column: its type, and where its value comes from. */
type Column<Source> = readonly [type: string, valueOf: (source: Source) => unknown];
type Columns<Source> = Readonly<Record<string, Column<Source>>>;

/** What never changes of a saga, and what does while it runs. */
const LASTING = {
  id: ['uuid', ({ saga }) => saga.id],
  definition: ['text', ({ saga }) => saga.definition],
  request_message_id: ['uuid', ({ origin }) => origin.requestMessageId],
  request_id: ['text', ({ origin }) => origin.correlationId],
  traceparent: ['text', ({ origin }) => origin.traceparent],
  payment_id: ['bigint', ({ origin }) => origin.paymentId],
  refund_id: ['bigint', ({ origin }) => origin.refundId],
  reservation_id: ['bigint', ({ origin }) => origin.reservationId],
  user_id: ['bigint', ({ origin }) => origin.userId],
  started_at: ['timestamptz', ({ startedAt }) => startedAt],
} satisfies Columns<SagaRecord>;
const CHANGING = {
  state: ['text', ({ saga }) => saga.state],
  step: ['text', ({ saga }) => saga.step],
  direction: ['text', ({ saga }) => saga.direction],
  attempt: ['integer', ({ saga }) => saga.attempt],
  data: ['jsonb', ({ saga }) => saga.data],
  refusal: ['text', ({ saga }) => saga.refusal?.code],
  refusal_detail: ['jsonb', ({ saga }) => saga.refusal?.detail],
  attention: ['text', ({ saga }) => saga.attention],
  message_id: ['uuid', ({ saga }) => saga.messageId],
  first_asked_at: ['timestamptz', ({ saga }) => saga.firstAskedAt],
  next_ask_at: ['timestamptz', ({ saga }) => saga.nextAskAt],
  log_length: ['integer', ({ saga }) => saga.logLength],
  updated_at: ['timestamptz', ({ updatedAt }) => updatedAt],
} satisfies Columns<SagaRecord>;
const LOG = {
  saga_id: ['uuid', ({ sagaId }) => sagaId],
  sequence: ['integer', ({ first }) => first.sequence],
  at: ['timestamptz', ({ first }) => first.at],
  step: ['text', ({ first }) => first.step],
  event: ['text', ({ first }) => first.event],
  message_id: ['uuid', ({ first }) => first.messageId],
  attempt: ['integer', ({ first }) => first.attempt],
  reason: ['text', ({ first }) => first.reason],
  further: [
    'jsonb',
    ({ first, further }) =>
      further.length === 0 ? null : JsonText.of(further.map((line) => lineOf(line, first.at))),
  ],
} satisfies Columns<SagaTurn>;

const namesOf = (columns: object): string => Object.keys(columns).join(', ');

/** Rows as parallel arrays, one parameter for each column: far cheaper to read than JSON. */
function arrays(columns: Readonly<Record<string, readonly [string, ...unknown[]]>>): string {
  return Object.values(columns)
    .map(([type], index) => `$${index + 1}::${type}[]`)
    .join(', ');
}

function arraysOf<Source>(columns: Columns<Source>, sources: readonly Source[]): unknown[][] {
  return Object.values(columns).map(([, valueOf]) => sources.map(valueOf));
}

const NEW = { ...LASTING, ...CHANGING };
const COLUMNS = namesOf(NEW);
/** Data that did not change comes as null: it is the largest part, and need not be read again. */
const CHANGED: Columns<ChangedSaga> = {
  id: LASTING.id,
  ...CHANGING,
  data: ['jsonb', ({ saga, hasNewData }) => (hasNewData ? saga.data : null)],
};

const INSERT = statement(
  'saga-insert',
  `insert into sagas (${COLUMNS}) select ${COLUMNS} from unnest(${arrays(NEW)}) as saga(${COLUMNS})`,
);
const UPDATE = statement(
  'saga-update',
  `update sagas set ${Object.keys(CHANGING)
    .map((name) =>
      name === 'data' ? 'data = coalesce(changed.data, sagas.data)' : `${name} = changed.${name}`,
    )
    .join(', ')}
   from unnest(${arrays(CHANGED)}) as changed(${namesOf(CHANGED)})
   where sagas.id = changed.id`,
);
/** Whoever moves a saga on writes its next line: who does not know of that line comes second. */
const APPEND = statement(
  'saga-log-append',
  `insert into saga_log (${namesOf(LOG)}) select * from unnest(${arrays(LOG)})`,
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
  if (sagas.length > 0) tx.write(INSERT, arraysOf(NEW, sagas));
}

export function updateSagas(tx: Transaction, changed: readonly ChangedSaga[]): void {
  if (changed.length > 0) tx.write(UPDATE, arraysOf(CHANGED, changed));
}

export function appendLog(tx: Transaction, turns: readonly SagaTurn[]): void {
  if (turns.length > 0) tx.write(APPEND, arraysOf(LOG, turns));
}

/** Reads sagas for people: see `saga.reader.ts`. */
export async function selectSagas(
  database: Queryable,
  query: Parameters<Queryable['run']>[0],
): Promise<StoredSaga[]> {
  return (await database.run<SagaRow>(query)).map(storedOf);
}

/** As the migrations say and `saga_timeline` reads it: with its own time where that differs. */
function lineOf(
  { at, step, event, messageId, attempt, reason }: LogEntry,
  firstAt: Date,
): unknown[] {
  const line = [step, event, messageId, attempt, reason];
  return at.getTime() === firstAt.getTime() ? line : [...line, at];
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
