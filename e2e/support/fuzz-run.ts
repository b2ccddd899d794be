import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import fc from 'fast-check';
import { inParallel, must, range } from './buying.js';
import { descriptionOf, type Description } from './description.js';
import { requestsTo, targetsOf } from './fuzz.js';
import { FuzzPerson, restoreSale } from './fuzz-people.js';
import { sendAsItIs, shownSending, type Returned, type Sending } from './fuzz-send.js';
import { call } from './person.js';

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Operations that were fulfilled at least once, and those that never were. */
  readonly fulfilled: number;
  readonly neverFulfilled: readonly string[];
  /** Each kind of fault once, with how often it occurred and a request that shows it. */
  readonly faults: readonly string[];
}

const BUYERS = 6;
const STAFF_USER_ID = 100;
const IN_PARALLEL = 8;
/** After so many requests everybody gets again what was used up. */
const ROUND = 250;
/** A body or header beyond the limits is answered before it has arrived, and hung up on. */
const LARGE_BYTES = 15_000;
/** What an error must never tell: where in the code it arose, or what the database said. */
const TELLTALE = /node_modules|\bat \S+ \(|\.[jt]s:\d+|ECONN|syntax error|violates/;

/** Sends that many requests made of the served document, and judges every answer. */
export async function fuzz(
  gateway: string,
  { requests, seed }: { requests: number; seed: number },
): Promise<FuzzReport> {
  const run = new Run(gateway, seed, await descriptionOf(gateway), await peopleOf(gateway));
  const startedAt = performance.now();
  for (let first = 0; first < requests; first += ROUND) {
    await run.round(range(first, Math.min(ROUND, requests - first)));
  }
  run.end();
  return run.report(requests, (performance.now() - startedAt) / 1_000);
}

async function peopleOf(gateway: string): Promise<readonly FuzzPerson[]> {
  const staff = new FuzzPerson(gateway, STAFF_USER_ID, ['organiser', 'operator'], []);
  await staff.refresh();
  const path = '/v1/concerts/1/schedules';
  const answer = await call<{ items: { startsAt: string }[] }>(gateway, 'GET', path, {
    token: staff.jwt,
  });
  const dates = must(answer, 200).body.items.map(({ startsAt }) => startsAt.slice(0, 10));
  const buyers = range(1, BUYERS).map((userId) => new FuzzPerson(gateway, userId, [], dates));
  return [staff, ...buyers];
}

class Run {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: IN_PARALLEL });
  private readonly targets;
  private readonly byStatus: Record<string, number> = {};
  private readonly fulfilled = new Set<string>();
  private readonly faults = new Map<string, { count: number; example: string }>();

  constructor(
    private readonly gateway: string,
    private readonly seed: number,
    private readonly description: Description,
    private readonly people: readonly FuzzPerson[],
  ) {
    this.targets = targetsOf(description);
  }

  async round(indexes: readonly number[]): Promise<void> {
    const [staff, ...buyers] = this.people;
    if (staff === undefined) throw new Error('nobody to ask as');
    await staff.refresh();
    await restoreSale(staff);
    await inParallel(buyers, IN_PARALLEL, (buyer) => buyer.refresh());
    await inParallel(indexes, IN_PARALLEL, (index) => this.one(index));
  }

  end(): void {
    this.agent.destroy();
  }

  report(requests: number, seconds: number): FuzzReport {
    const names = this.targets.map(({ operation }) => operation.operationId);
    return {
      ...{ seed: this.seed, requests, seconds: Math.round(seconds), byStatus: this.byStatus },
      fulfilled: this.fulfilled.size,
      neverFulfilled: names.filter((name) => !this.fulfilled.has(name)),
      faults: [...this.faults].map(([fault, { count, example }]) => {
        return `${count} × ${fault}\n    ${example}`;
      }),
    };
  }

  /** Request `index` of a seed is the same in every run, but for ids that answers told. */
  private async one(index: number): Promise<void> {
    const target = this.targets[index % this.targets.length];
    if (target === undefined) throw new Error('the document describes nothing');
    const [staff, ...buyers] = this.people;
    const isForStaff = target.operation.tags.some(
      (tag) => tag.startsWith('op') || tag === 'organisers',
    );
    const seed = seedOf(this.seed, index);
    const everybody = isForStaff && seed % 8 !== 0 && staff !== undefined ? [staff] : buyers;
    const who = everybody[Math.abs(seed) % everybody.length];
    if (who === undefined) throw new Error('nobody to ask as');
    const [sending] = fc.sample(requestsTo(target, who), { seed, numRuns: 1 });
    if (sending === undefined) throw new Error('no request was made');
    const returned = await this.sent(sending);
    if (returned === undefined) return;
    const { status, text } = returned;
    this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
    const fault = this.faultOf(sending, returned);
    if (fault !== undefined) {
      const { method, template } = target;
      const said = `${method} ${template} → ${status}: ${fault}`;
      this.note(said, `${shownSending(sending)}\n    ${text.slice(0, 300)}`);
    }
    if (status >= 300 || sending.method !== target.method) return;
    this.fulfilled.add(target.operation.operationId);
    if (fault === undefined) who.learn(text);
  }

  private async sent(sending: Sending): Promise<Returned | undefined> {
    try {
      return await sendAsItIs(this.gateway, sending, this.agent);
    } catch (error) {
      const bytes = JSON.stringify(sending.headers).length + (sending.body?.length ?? 0);
      if (bytes < LARGE_BYTES) this.note(`no answer: ${String(error)}`, shownSending(sending));
      else this.byStatus['hung up on'] = (this.byStatus['hung up on'] ?? 0) + 1;
      return undefined;
    }
  }

  private faultOf({ method, path }: Sending, returned: Returned): string | undefined {
    const { status, text } = returned;
    if (status >= 500) return 'not the fault of the client';
    const [told] = status >= 400 ? (TELLTALE.exec(text) ?? []) : [];
    if (told !== undefined) return `an error tells ${told}`;
    return this.description.faultOf({ method, path, ...returned });
  }

  private note(fault: string, example: string): void {
    const known = this.faults.get(fault);
    this.faults.set(fault, { count: (known?.count ?? 0) + 1, example: known?.example ?? example });
  }
}

/** Neighbouring seeds would begin alike. */
function seedOf(seed: number, index: number): number {
  return createHash('sha256').update(`${seed} ${index}`).digest().readInt32BE(0);
}
