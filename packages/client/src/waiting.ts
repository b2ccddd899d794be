import { EncoreEntryEndedError, EncoreUnfinishedError } from './errors.js';
import { retryAfterMsOf } from './retrying.js';
import type { Entry } from './shapes.js';
import type { Surroundings } from './surroundings.js';
import type { Answer } from './transport.js';

/** A gateway that says "ask at once" is still not asked without a rest. */
const POLL_MIN_MS = 100;
const SETTLING_FIRST_DELAY_MS = 500;
const SETTLING_DELAY_MAX_MS = 5_000;

interface Patience {
  readonly waitMaxMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Asks for the own entry, as often as the gateway wants to be asked, until it is active. */
export async function untilActive(
  first: Entry,
  ask: () => Promise<Entry>,
  { waitMaxMs, signal, onEntry }: Patience & { onEntry: ((entry: Entry) => void) | undefined },
  surroundings: Surroundings,
): Promise<Entry> {
  const end = surroundings.now() + waitMaxMs;
  let entry = first;
  for (;;) {
    onEntry?.(entry);
    if (entry.state === 'ACTIVE') return entry;
    if (entry.state !== 'WAITING') throw new EncoreEntryEndedError(entry);
    const delayMs = Math.max(POLL_MIN_MS, entry.nextPollMs);
    if (surroundings.now() + delayMs > end) {
      throw new EncoreUnfinishedError(`not let in within ${waitMaxMs} ms`, entry);
    }
    await surroundings.pause(delayMs, signal);
    entry = await ask();
  }
}

/** Follows something that was accepted to its end, with rests that grow and scatter. */
export async function untilSettled<Body extends { state: string }>(
  accepted: Answer<Body>,
  ask: (location: string) => Promise<Answer<Body>>,
  { waitMaxMs, signal }: Patience,
  surroundings: Surroundings,
): Promise<Body> {
  const location = accepted.headers.get('location');
  const end = surroundings.now() + waitMaxMs;
  let answer = accepted;
  for (let round = 0; answer.body.state === 'PENDING'; round += 1) {
    if (location === null) {
      throw new EncoreUnfinishedError('accepted, without saying where its end shows', answer.body);
    }
    const step = Math.min(SETTLING_DELAY_MAX_MS, SETTLING_FIRST_DELAY_MS * 1.5 ** round);
    const wanted = retryAfterMsOf(answer.headers, surroundings.now()) ?? step / 2;
    const delayMs = wanted + (surroundings.random() * step) / 2;
    if (surroundings.now() + delayMs > end) {
      throw new EncoreUnfinishedError(`no end within ${waitMaxMs} ms`, answer.body);
    }
    await surroundings.pause(delayMs, signal);
    answer = await ask(location);
  }
  return answer.body;
}
