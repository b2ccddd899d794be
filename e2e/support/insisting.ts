import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { PaymentView } from '@encore/contracts';
import type { Buyer, Response } from './person.js';

/** Everything one payer saw: each answer of each try, under one idempotency key. */
export interface PaymentStory {
  readonly buyer: Buyer;
  readonly key: string;
  readonly answers: Response<PaymentView>[];
  /** Tries whose connection broke, as they do when the gateway itself dies. */
  readonly broken: number;
}

const TRIES_MAX = 60;

/** True for an answer that says: nothing is decided for you yet, come again with the same key. */
export function isRetryable(answer: Response<unknown>): boolean {
  if (answer.status === 503 || answer.status === 504 || answer.status === 202) return true;
  return answer.status === 409 && answer.headers.has('retry-after');
}

interface Insistence<Body> {
  readonly answers: Response<Body>[];
  readonly broken: number;
}

/** Asks the same thing again, as the server says, until there is an end. `ask` keeps its key. */
export async function insist<Body>(ask: () => Promise<Response<Body>>): Promise<Insistence<Body>> {
  const answers: Response<Body>[] = [];
  let broken = 0;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const answer = await ask().catch((error: unknown) => {
      // Told by its name: fetch's errors are made outside of the realm a test runs in.
      if ((error as Error).name === 'TypeError') return undefined;
      throw error;
    });
    if (answer === undefined) broken += 1;
    else {
      answers.push(answer);
      if (!isRetryable(answer)) return { answers, broken };
    }
    // A client waits as long as it is told to; the server's seconds, not the test's.
    await pause(1_000 * Number(answer?.headers.get('retry-after') ?? 1));
  }
  throw new Error(`no end after ${TRIES_MAX} tries: ${answers.map((a) => a.status).join(' ')}`);
}

/** Pays like a well-written client: with one key, until there is an end. */
export async function insistOnPaying(buyer: Buyer, key = randomUUID()): Promise<PaymentStory> {
  const { person, reservationId } = buyer;
  return {
    buyer,
    key,
    ...(await insist(() => person.pay(reservationId, { idempotencyKey: key }))),
  };
}

export function lastOf(story: PaymentStory): Response<PaymentView> {
  const last = story.answers.at(-1);
  if (last === undefined) throw new Error('a story without an answer');
  return last;
}

/** `201: 93, 503: 4, …` of a run, for whoever reads the test's output. */
export function histogram(stories: readonly PaymentStory[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { answers } of stories) {
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
