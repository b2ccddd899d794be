import type * as contracts from '@encore/contracts';
import type { AnyContract } from '@encore/contracts';

type Exported = (typeof contracts)[keyof typeof contracts];
type RefusalIn<Export> = Export extends AnyContract ? Export['refusals'][number] : never;

/** Every "no" any contract knows. */
export type RefusalCode = RefusalIn<Exported>;

interface Meaning {
  readonly status: 402 | 403 | 404 | 409 | 422;
  readonly title: string;
}

/**
 * What each refusal means over HTTP. The type takes its keys from the contracts: a refusal that is
 * missing here, or no longer exists there, does not compile.
 *
 * 404 the thing named does not exist, 403 it is somebody else's, 402 the money does not suffice,
 * 409 its state forbids it now, 422 the values can never be right.
 */
export const REFUSALS: Readonly<Record<RefusalCode, Meaning>> = {
  QUEUE_ROOM_NOT_FOUND: { status: 404, title: 'There is no such waiting room.' },
  QUEUE_ROOM_DRAINING: { status: 409, title: 'The waiting room takes nobody new.' },
  QUEUE_ENTRY_NOT_FOUND: { status: 404, title: 'There is no place in this waiting room.' },
  QUEUE_SCHEDULE_NOT_FOUND: { status: 404, title: 'There is no such schedule.' },
  QUEUE_PASS_NOT_FOUND: { status: 404, title: 'There is no such pass.' },
  QUEUE_PASS_OF_ANOTHER: { status: 403, title: 'The pass belongs to somebody else.' },
  QUEUE_USER_ID_RESERVED: { status: 422, title: 'The user id is one of those kept for guests.' },
  CONCERT_NOT_FOUND: { status: 404, title: 'There is no such concert.' },
  CONCERT_SCHEDULE_NOT_FOUND: { status: 404, title: 'There is no such schedule.' },
  CONCERT_SEAT_NOT_FOUND: { status: 404, title: 'There is no such seat.' },
  CONCERT_SEATS_INVALID: { status: 422, title: 'The seat ranges overlap or are too many.' },
  CONCERT_SCHEDULE_IN_THE_PAST: { status: 422, title: 'A schedule cannot lie in the past.' },
  RESERVATION_NOT_FOUND: { status: 404, title: 'There is no such reservation.' },
  RESERVATION_NOT_YOURS: { status: 403, title: 'The reservation belongs to somebody else.' },
  RESERVATION_SCHEDULE_NOT_FOUND: { status: 404, title: 'There is no such schedule.' },
  RESERVATION_SEAT_NOT_FOUND: { status: 404, title: 'The schedule has no such seat.' },
  RESERVATION_SEATS_TAKEN: { status: 409, title: 'Some of the seats are taken.' },
  RESERVATION_NOT_ENOUGH_SEATS: { status: 409, title: 'There are not enough free seats.' },
  RESERVATION_SALE_CLOSED: { status: 409, title: 'The sale is not open.' },
  RESERVATION_SEAT_CAP_REACHED: { status: 409, title: 'That is more seats than one may hold.' },
  RESERVATION_COOLDOWN: { status: 409, title: 'After so many releases, wait a little.' },
  RESERVATION_NOT_HELD: { status: 409, title: 'The reservation is not held any more.' },
  RESERVATION_ALREADY_EXTENDED: { status: 409, title: 'The hold was extended before.' },
  RESERVATION_PAYMENT_RUNNING: { status: 409, title: 'A payment of the reservation is running.' },
  RESERVATION_CONCERT_STARTED: { status: 409, title: 'The concert has begun.' },
  RESERVATION_EXPIRED: { status: 409, title: 'The hold has lapsed.' },
  RESERVATION_ALREADY_PAID: { status: 409, title: 'The reservation is paid.' },
  RESERVATION_AMOUNT_DIFFERS: { status: 422, title: 'The amount is not the price.' },
  RESERVATION_PIN_WITHDRAWN: { status: 409, title: 'The payment was given up.' },
  RESERVATION_NOT_PINNED: { status: 409, title: 'The reservation is not being paid.' },
  RESERVATION_NOT_PAID: { status: 409, title: 'The reservation is not paid.' },
  RESERVATION_SEATS_ALREADY_REFUNDED: { status: 409, title: 'The seats are refunded already.' },
  WALLET_USER_NOT_FOUND: { status: 404, title: 'There is no such user.' },
  WALLET_AMOUNT_OUT_OF_RANGE: { status: 422, title: 'The amount is beyond the limit of a charge.' },
  WALLET_CAP_REACHED: { status: 409, title: 'The wallet cannot hold that much.' },
  WALLET_DAILY_CAP_REACHED: { status: 409, title: 'No more can be charged today.' },
  WALLET_INSUFFICIENT_BALANCE: { status: 402, title: 'The balance does not suffice.' },
  WALLET_DEBIT_WITHDRAWN: { status: 409, title: 'The payment was given up.' },
  PAYMENT_IN_PROGRESS: { status: 409, title: 'Another payment of the reservation is running.' },
  PAYMENT_ALREADY_COMPLETED: { status: 409, title: 'The reservation is paid.' },
  PAYMENT_ABANDONED: { status: 409, title: 'The payment was given up.' },
  PAYMENT_NOT_FOUND: { status: 404, title: 'There is no such payment.' },
  PAYMENT_NOT_YOURS: { status: 403, title: 'The payment belongs to somebody else.' },
  PAYMENT_NOT_REFUNDABLE: { status: 409, title: 'The payment cannot be refunded.' },
  PAYMENT_ALREADY_REFUNDED: { status: 409, title: 'The payment is refunded already.' },
  PAYMENT_REFUND_IN_PROGRESS: { status: 409, title: 'A refund of the payment is running.' },
  PAYMENT_REFUND_TOO_LATE: { status: 409, title: 'The time for a refund is over.' },
  PAYMENT_SEAT_NOT_PAID: { status: 409, title: 'A seat is not part of the payment.' },
  PAYMENT_REFUND_NOT_FOUND: { status: 404, title: 'There is no such refund.' },
  PAYMENT_SAGA_NOT_FOUND: { status: 404, title: 'There is no such saga.' },
};

/**
 * A newer service may refuse with a code this gateway has not learnt: still a "no", not a fault.
 */
const UNKNOWN_REFUSAL = { status: 409, title: 'The state of things forbids it.' } as const;

export function meaningOf(code: string): Meaning {
  return isKnown(code) ? REFUSALS[code] : UNKNOWN_REFUSAL;
}

function isKnown(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSALS, code);
}
