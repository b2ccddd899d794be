import { accepted, refused, type AskableContract, type Outcome } from '@encore/contracts';
import { advance, begin, type Advance, type SagaSignal } from './advance.js';
import type { SagaDefinition } from './define-saga.js';
import {
  DEFAULT_TIMINGS,
  type LogEntry,
  type Milestone,
  type SagaCommand,
  type SagaInstance,
  type SagaTimings,
} from './instance.js';
import { newSagaId } from './saga-id.js';

/**
 * A saga talking with services that the test plays. Keeps what was said as lines one can read:
 * `→ step` and `→ undo step` for asks, `← yes` and `← CODE` for answers.
 */
export class Conversation<State> {
  readonly lines: string[] = [];
  readonly log: LogEntry[] = [];
  readonly reached: Milestone[] = [];
  readonly asks: SagaCommand[] = [];
  saga: SagaInstance<State>;
  now = new Date('2026-11-20T10:00:00.000Z');

  constructor(
    readonly definition: SagaDefinition<State>,
    data: State,
    readonly timings: SagaTimings = DEFAULT_TIMINGS,
  ) {
    const begun = begin(definition, { id: newSagaId(this.now.getTime()), data }, this.clock());
    this.saga = begun.next;
    this.hear(begun);
  }

  /** The awaited step says yes. */
  accept(reply: unknown = {}): Advance<State> {
    this.lines.push('← yes');
    return this.answer(this.awaitedId(), accepted(reply));
  }

  /** The awaited step says no. */
  refuse(refusal: string, detail?: Readonly<Record<string, unknown>>): Advance<State> {
    this.lines.push(`← ${refusal}`);
    return this.answer(this.awaitedId(), refused(refusal, detail));
  }

  /** An answer to any command, whenever it was sent. */
  answer(messageId: string, outcome: Outcome<AskableContract>): Advance<State> {
    return this.signal({ kind: 'answer', messageId, outcome });
  }

  /** Nobody answers until the next deadline. */
  hearNothing(): Advance<State> {
    const due = this.saga.nextAskAt;
    if (due !== null && due > this.now) this.now = due;
    return this.signal({ kind: 'deadline' });
  }

  /** Nobody answers for so long that the saga does something other than asking again. */
  hearNothingUntilItActs(): void {
    const { state, step, direction } = this.saga;
    for (let deadline = 0; deadline < 1_000; deadline += 1) {
      this.hearNothing();
      const same = this.saga.step === step && this.saga.direction === direction;
      if (!same || this.saga.state !== state) return;
    }
    throw new Error(`after 1,000 deadlines the saga still asks for ${String(step)}`);
  }

  /** The process that waits dies and another takes over. */
  restart(): Advance<State> {
    this.lines.push('(restart)');
    return this.signal({ kind: 'restart' });
  }

  awaitedId(): string {
    if (this.saga.messageId === null) throw new Error('the saga has ended and awaits nothing');
    return this.saga.messageId;
  }

  private signal(signal: SagaSignal): Advance<State> {
    const advanced = advance(this.definition, this.saga, signal, this.clock());
    this.saga = advanced.next;
    this.hear(advanced);
    return advanced;
  }

  private hear(advanced: Advance<State>): void {
    const { step, direction } = this.saga;
    this.log.push(...advanced.log);
    this.reached.push(...advanced.reached);
    this.asks.push(...advanced.asks);
    const undo = direction === 'undo' ? 'undo ' : '';
    this.lines.push(...advanced.asks.map(() => `→ ${undo}${String(step)}`));
  }

  private clock() {
    return { now: this.now, timings: this.timings };
  }
}
