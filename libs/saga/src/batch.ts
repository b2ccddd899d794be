import type { OutgoingCommand } from '@encore/messaging';
import type { Advance } from './advance.js';
import type { AwaitingSaga } from './awaiting-sagas.js';
import type { LogEntry } from './instance.js';
import type { ChangedSaga, SagaRecord, SagaTurn } from './saga.store.js';

/** What one batch has come to, gathered until it is saved at once. */
export class Batch {
  readonly turns: SagaTurn[] = [];
  /** By command id: what several duplicates want repeated is repeated once. */
  readonly asks = new Map<string, OutgoingCommand>();
  readonly unhurriedAsks = new Map<string, OutgoingCommand>();
  readonly resend = new Set<string>();
  readonly reached = new Map<
    string,
    { definition: string; milestone: string; sagas: SagaRecord[] }
  >();
  private readonly sagas: Map<string, SagaRecord>;
  private readonly loaded: ReadonlyMap<string, SagaRecord>;
  private readonly touched = new Set<string>();
  /** By saga: what its log should say already. */
  private readonly unwritten: Map<string, readonly LogEntry[]>;

  /** Of rows that were read, and of sagas that are remembered as they were left. */
  constructor(
    readonly now: Date,
    read: readonly SagaRecord[] = [],
    remembered: readonly AwaitingSaga[] = [],
  ) {
    const loaded = [...remembered.map(({ record }) => record), ...read];
    this.loaded = new Map(loaded.map((stored) => [stored.saga.id, stored]));
    this.sagas = new Map(this.loaded);
    this.unwritten = new Map(
      remembered.map(({ record, unwritten }) => [record.saga.id, unwritten]),
    );
  }

  find(sagaId: string): SagaRecord | undefined {
    return this.sagas.get(sagaId);
  }

  /** As they are left. */
  all(): AwaitingSaga[] {
    return [...this.sagas].map(([id, record]) => ({
      record,
      unwritten: this.unwritten.get(id) ?? [],
    }));
  }

  changed(): ChangedSaga[] {
    return [...this.touched].flatMap((id) => {
      const stored = this.sagas.get(id);
      if (stored === undefined) return [];
      return [{ ...stored, hasNewData: this.loaded.get(id)?.saga.data !== stored.saga.data }];
    });
  }

  add(stored: SagaRecord, advanced: Advance<unknown>): void {
    const { id, definition } = stored.saga;
    this.sagas.set(id, stored);
    if (advanced.log.length > 0) this.touched.add(id);
    this.note(stored, advanced);
    for (const one of advanced.reached) {
      const milestone = one.kind === 'passed' ? one.step : one.kind;
      const key = `${definition}\n${milestone}`;
      const group = this.reached.get(key) ?? { definition, milestone, sagas: [] };
      group.sagas.push(stored);
      this.reached.set(key, group);
    }
  }

  /** What is written and said about a saga, whether it is new or goes on. */
  note(stored: SagaRecord, advanced: Advance<unknown>): void {
    const { id } = stored.saga;
    const [first, ...further] = [...(this.unwritten.get(id) ?? []), ...advanced.log];
    this.unwritten.delete(id);
    if (first !== undefined) this.turns.push({ sagaId: id, first, further });
    this.ask(stored, advanced);
  }

  /** It goes on, and is written with the next step. */
  goOnUnwritten(stored: SagaRecord, advanced: Advance<unknown>): void {
    const { id } = stored.saga;
    this.sagas.set(id, stored);
    this.unwritten.set(id, [...(this.unwritten.get(id) ?? []), ...advanced.log]);
    this.ask(stored, advanced);
  }

  /** Leaves a saga as it is until then: the sweeper has others to take care of. */
  postpone(stored: SagaRecord, nextAskAt: Date): void {
    const { id } = stored.saga;
    this.sagas.set(id, { ...stored, saga: { ...stored.saga, nextAskAt } });
    this.touched.add(id);
  }

  /** Says again what the saga said last: who said it first may have died before it was heard. */
  repeat(stored: SagaRecord, advanced: Advance<unknown>): void {
    this.resend.add(stored.origin.requestMessageId);
    this.ask(stored, advanced);
  }

  private ask({ origin }: SagaRecord, { asks }: Advance<unknown>): void {
    const { correlationId, traceparent, requestMessageId } = origin;
    for (const { id, contract, payload, unhurried } of asks) {
      const kind = unhurried === true ? this.unhurriedAsks : this.asks;
      kind.set(id, {
        id,
        contract,
        payload,
        correlationId,
        causationId: requestMessageId,
        traceparent: traceparent ?? undefined,
      });
    }
  }
}
