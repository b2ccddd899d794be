import { ReadEntry, type EntryView, type UsedEntry } from '@encore/contracts';
import type { Reader, Writer } from '../application/caller.js';
import { RefusalError } from '../clients/refusal-error.js';
import type { Services } from '../clients/services.js';
import { ProblemError } from '../http/problem.js';
import type { ActiveEntries, EndedState } from './active-entries.js';
import { SingleFlight } from './single-flight.js';

/** The entry that lets somebody through. */
export interface Pass {
  readonly roomId: string;
  readonly entryId: number;
}

/** A change behind the gate. */
export interface GatedChange<Value> {
  readonly enter: (pass: Pass) => Promise<Value>;
  /** The answer the same change got earlier; undefined when it was never made. */
  readonly recall: () => Promise<Value | undefined>;
}

type Verdict =
  | { readonly open: true; readonly pass: Pass }
  | { readonly open: false; readonly reason: ProblemError };

/**
 * Lets nobody to the seats whose turn it isn't. Who is known to be active passes without a
 * question; about everybody else the queue service is asked, and when it cannot be, nobody passes.
 */
export class Gate {
  private readonly questions = new SingleFlight<EntryView | undefined>();

  constructor(
    private readonly services: Pick<Services, 'query'>,
    private readonly entries: ActiveEntries,
    /** False while news pass by unheard: then nothing remembered is good enough to open for. */
    private readonly isListening: () => boolean,
  ) {}

  /** Throws when the gate is shut. */
  async pass(roomId: string, reader: Reader): Promise<Pass> {
    const verdict = await this.judge(roomId, reader);
    if (verdict.open) return verdict.pass;
    throw verdict.reason;
  }

  /**
   * A change that may be made only with an active entry, though who made it before may always hear
   * the answer again: often it is that very change (a payment) that shut the gate.
   */
  async passOrRecall<Value>(
    roomId: string,
    writer: Writer,
    change: GatedChange<Value>,
  ): Promise<Value> {
    const verdict = await this.judge(roomId, writer);
    if (verdict.open) return change.enter(verdict.pass);
    // Without a key of the client's nothing can have been asked under this id before.
    const earlier = writer.fingerprint === undefined ? undefined : await change.recall();
    if (earlier === undefined) throw verdict.reason;
    return earlier;
  }

  private async judge(roomId: string, reader: Reader): Promise<Verdict> {
    const known = this.isListening()
      ? this.entries.find(roomId, reader.userId, Date.now())
      : undefined;
    if (known !== undefined) return { open: true, pass: { roomId, entryId: known.entryId } };
    const entry = await this.questions.run(`${reader.userId}@${roomId}`, () =>
      this.read(roomId, reader),
    );
    if (entry === undefined) return { open: false, reason: shut('ENTRY_REQUIRED', roomId) };
    const seen = this.learn(entry);
    if (seen.state !== 'ACTIVE') return { open: false, reason: refusalOf(seen) };
    return { open: true, pass: { roomId, entryId: seen.entryId } };
  }

  /** Remembers what an answer says, and corrects it by what is known to have happened since. */
  learn(entry: EntryView): EntryView {
    const { roomId, userId, entryId, state, activeUntil } = entry;
    if (state === 'ACTIVE' && activeUntil !== null) {
      const end = this.entries.endOf(entryId);
      if (end !== undefined) return asEnded(entry, end);
      this.entries.admitted(roomId, userId, { entryId, activeUntilMs: Date.parse(activeUntil) });
    } else if (state === 'USED' || state === 'EXPIRED' || state === 'LEFT') {
      this.entries.endedAs(roomId, userId, entryId, state);
    }
    return entry;
  }

  /** A payment came to its end: its entry is used up, also before the queue service knows. */
  usedUp({ roomId, entryId }: Pass, userId: number, paymentId: number): void {
    this.entries.usedUp(roomId, userId, { entryId, paymentId });
  }

  /** What the queue service has to know when the person joins again, should it be behind. */
  lastUsedUp(roomId: string, userId: number): UsedEntry | null {
    return this.entries.lastUsedUp(roomId, userId) ?? null;
  }

  private async read(roomId: string, reader: Reader): Promise<EntryView | undefined> {
    try {
      return await this.services.query(ReadEntry, { roomId, userId: reader.userId }, reader);
    } catch (error) {
      if (error instanceof RefusalError && error.refusal === 'QUEUE_ENTRY_NOT_FOUND') {
        return undefined;
      }
      throw error;
    }
  }
}

function asEnded(entry: EntryView, state: EndedState): EntryView {
  return { ...entry, state, position: 0, activeUntil: null };
}

function refusalOf(entry: EntryView): ProblemError {
  if (entry.state === 'WAITING') return waiting(entry);
  if (entry.state === 'USED') return shut('ENTRY_USED', entry.roomId);
  if (entry.state === 'EXPIRED') return shut('ENTRY_EXPIRED', entry.roomId);
  return shut('ENTRY_REQUIRED', entry.roomId);
}

function shut(code: 'ENTRY_REQUIRED' | 'ENTRY_EXPIRED' | 'ENTRY_USED', room: string): ProblemError {
  return new ProblemError(code, {
    detail: `Join the waiting room: POST /v1/waiting-rooms/${room}/entries.`,
    members: { roomId: room },
  });
}

function waiting(entry: EntryView): ProblemError {
  const { roomId, position, positionIsExact, estimatedWaitSeconds, nextPollMs } = entry;
  return new ProblemError('ENTRY_WAITING', {
    detail: `You are number ${position} in the waiting room ${roomId}.`,
    headers: { 'retry-after': String(Math.max(1, Math.ceil(nextPollMs / 1_000))) },
    members: { roomId, position, positionIsExact, estimatedWaitSeconds, nextPollMs },
  });
}
