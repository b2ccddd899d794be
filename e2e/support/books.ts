import pg from 'pg';
import { eventually } from '@encore/testing';
import type { System } from '../../scripts/system.mjs';

const QUIET_LIMIT_MS = 60_000;
const SERVICES = ['queue', 'concert', 'reservation', 'wallet', 'payment'] as const;
type Service = (typeof SERVICES)[number];
type Row = Record<string, unknown>;

interface PaymentRow extends Row {
  payment_id: string;
  user_id: string;
  reservation_id: string;
  state: string;
  amount_krw: string | null;
  refunded_krw: string;
}

/**
 * All databases side by side, which no service ever sees: every guarantee that spans them is a
 * query here. Each finding is one sentence; no findings, no violation. The names I1 … I9 are those
 * of the list in docs/ARCHITECTURE.md.
 */
export class Books {
  private readonly pools = new Map<Service, pg.Pool>();

  constructor(private readonly system: System) {}

  async rows<Found extends Row>(service: Service, text: string): Promise<Found[]> {
    return (await this.poolOf(service).query<Found>(text)).rows;
  }

  async number(service: Service, text: string): Promise<number> {
    const [row] = await this.rows<{ value: string }>(service, text);
    return Number(row?.value);
  }

  /** Waits until no saga is open and nothing is left to publish. */
  async quiet(): Promise<void> {
    await eventually(
      async () => {
        const open = await this.rows<{ id: string; state: string; step: string }>(
          'payment',
          `select id, state, step from sagas where state not in ('COMPLETED', 'COMPENSATED')`,
        );
        if (open.length > 0) throw new Error(`${open.length} open: ${JSON.stringify(open[0])}`);
        for (const service of SERVICES) {
          const left = await this.number(service, 'select count(*) as value from outbox');
          if (left > 0) throw new Error(`${left} events of ${service} are not published`);
        }
      },
      { timeoutMs: QUIET_LIMIT_MS },
    );
  }

  /** Every violated invariant, once everything is quiet. */
  async violations(): Promise<string[]> {
    await this.quiet();
    const found = await Promise.all([
      this.ledger(),
      this.payments(),
      this.seats(),
      this.holdsAndEntries(),
      this.sagaLogs(),
    ]);
    return found.flat();
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
  }

  /** I1 and I6: balances are sums of balanced pairs, and money is neither made nor lost. */
  private async ledger(): Promise<string[]> {
    const wrong = await this.rows<{ user_id: string }>(
      'wallet',
      `select a.user_id from accounts a
         left join account_balances b on b.account = a.user_id
        where a.balance_krw <> coalesce(b.balance_krw, 0) or a.balance_krw < 0`,
    );
    const sum = (text: string) => this.number('wallet', text);
    const total = await sum(
      'select coalesce(sum(signed_amount_krw), 0) as value from ledger_entries',
    );
    const charged = await sum(
      `select coalesce(sum(amount_krw), 0) as value from movements where kind = 'CHARGE'`,
    );
    const balances = await sum('select coalesce(sum(balance_krw), 0) as value from accounts');
    const kept = await this.number(
      'payment',
      `select coalesce(sum(amount_krw - refunded_krw), 0) as value
         from payments where state not in ('PENDING', 'FAILED')`,
    );
    return [
      ...wrong.map(({ user_id }) => `I1: the balance of ${user_id} is not the sum of its entries`),
      ...(total === 0 ? [] : [`I1: the ledger sums to ${total}`]),
      ...(charged === balances + kept
        ? []
        : [`I6: ${charged} charged, but ${balances} in wallets and ${kept} in payments`]),
    ];
  }

  /** I2 and I3: a payment is completed exactly when it was debited once and owns its seats. */
  private async payments(): Promise<string[]> {
    const payments = await this.rows<PaymentRow>('payment', 'select * from payments');
    const moved = new Map(
      (
        await this.rows<{ payment_id: string; debits: string; kept: string }>(
          'wallet',
          `select payment_id,
                  count(*) filter (where kind = 'PAYMENT') as debits,
                  sum(case when kind = 'PAYMENT' then amount_krw else -amount_krw end) as kept
             from movements where payment_id is not null group by payment_id`,
        )
      ).map((row) => [row.payment_id, row]),
    );
    const reservations = new Map(
      (
        await this.rows<{ reservation_id: string; state: string; payment_id: string | null }>(
          'reservation',
          'select reservation_id, state, payment_id from reservations',
        )
      ).map((row) => [row.reservation_id, row]),
    );
    return payments.flatMap((payment) => {
      const { payment_id: id, state } = payment;
      const debits = Number(moved.get(id)?.debits ?? 0);
      const kept = Number(moved.get(id)?.kept ?? 0);
      const reservation = reservations.get(payment.reservation_id);
      const isBought =
        reservation?.payment_id === id &&
        ['CONFIRMED', 'CANCELLED', 'REFUNDED'].includes(reservation.state);
      if (state === 'PENDING') return [`I3: payment ${id} never came to an end`];
      if (state === 'FAILED') {
        if (kept !== 0) return [`I3: failed payment ${id} kept ${kept}`];
        return isBought ? [`I3: failed payment ${id} bought its reservation`] : [];
      }
      const owed = Number(payment.amount_krw) - Number(payment.refunded_krw);
      return [
        ...(debits === 1 ? [] : [`I3: payment ${id} was debited ${debits} times`]),
        ...(kept === owed ? [] : [`I2: payment ${id} should keep ${owed} and keeps ${kept}`]),
        ...(isBought ? [] : [`I3: payment ${id} is ${state} without its reservation`]),
      ];
    });
  }

  /** I4: a seat has one live owner, and a confirmed reservation has one successful payment. */
  private async seats(): Promise<string[]> {
    const twice = await this.rows<{ schedule_id: string; seat_number: number }>(
      'reservation',
      `select schedule_id, seat_number from reservation_seats s
         join reservations r using (reservation_id, schedule_id)
        where not s.cancelled and (r.state in ('PAYING', 'CONFIRMED')
              or (r.state = 'HELD' and r.expires_at > now()))
        group by schedule_id, seat_number having count(*) > 1`,
    );
    const paid = new Set(
      (
        await this.rows<{ reservation_id: string }>(
          'payment',
          `select reservation_id from payments where state not in ('PENDING', 'FAILED')`,
        )
      ).map((row) => row.reservation_id),
    );
    const sold = await this.rows<{ reservation_id: string }>(
      'reservation',
      `select reservation_id from reservations where state in ('CONFIRMED', 'CANCELLED', 'REFUNDED')`,
    );
    const stuck = await this.rows<{ reservation_id: string }>(
      'reservation',
      `select reservation_id from reservations where state = 'PAYING'`,
    );
    return [
      ...twice.map((seat) => `I4: seat ${seat.seat_number} of ${seat.schedule_id} has two owners`),
      ...sold
        .filter(({ reservation_id: id }) => !paid.has(id))
        .map(({ reservation_id: id }) => `I4: reservation ${id} is sold and nobody paid`),
      ...stuck.map(({ reservation_id: id }) => `I4: reservation ${id} is PAYING for nobody`),
    ];
  }

  /** I5: the cap is kept and the counters of a room are the truth. */
  private async holdsAndEntries(): Promise<string[]> {
    const rooms = await this.rows<{ room_id: string }>(
      'queue',
      `select room_id from rooms r
        where active_count > active_cap
           or active_count <> (select count(*) from entries e
                                where e.room_id = r.room_id and state = 'ACTIVE')
           or waiting_count <> (select count(*) from entries e
                                 where e.room_id = r.room_id and state = 'WAITING')`,
    );
    return rooms.map(({ room_id: id }) => `I5: the counts of room ${id} are wrong or over its cap`);
  }

  /** I9: a saga's log has no gaps and ends as the saga did. */
  private async sagaLogs(): Promise<string[]> {
    const wrong = await this.rows<{ id: string }>(
      'payment',
      `select s.id from sagas s
         join (select saga_id, count(*) as lines, max(sequence) as highest,
                      (array_agg(event order by sequence desc))[1] as last
                 from saga_timeline group by saga_id) l on l.saga_id = s.id
        where l.lines <> l.highest or l.highest <> s.log_length or l.last <> s.state`,
    );
    return wrong.map(({ id }) => `I9: the log of saga ${id} does not tell its story`);
  }

  private poolOf(service: Service): pg.Pool {
    const known = this.pools.get(service);
    if (known !== undefined) return known;
    const url = this.system.services[service]?.database;
    if (typeof url !== 'string') throw new Error(`${service} has no database`);
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    this.pools.set(service, pool);
    return pool;
  }
}
