import type { PassView } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { Bookings } from '../../application/bookings.js';
import { Catalogue } from '../../application/catalogue.js';
import { Passes } from '../../application/passes.js';
import { Payments } from '../../application/payments.js';
import { Wallets } from '../../application/wallets.js';
import { Call, type HttpCall } from '../call.js';
import { Serves } from '../endpoint.js';
import { ProblemError } from '../problem.js';
import { LocalTime } from './local-time.js';
import * as endpoints from './queue-token.endpoints.js';
import * as money from './queue-token-money.endpoints.js';
import * as shapes from './queue-token.shapes.js';

/** `queue-token`, from the token to the turn. */
@Controller()
export class QueueTokenController {
  constructor(
    private readonly passes: Passes,
    private readonly times: LocalTime,
  ) {}

  @Serves(endpoints.ISSUE_TOKEN)
  async issue(@Call() call: HttpCall<typeof endpoints.ISSUE_TOKEN>) {
    const { value, replayed } = await this.passes.issue(call.writer);
    return call.done({ value: await this.shapeOf(value), replayed });
  }

  @Serves(endpoints.READ_TOKEN)
  async read(@Call() call: HttpCall<typeof endpoints.READ_TOKEN>) {
    return call.ok(await this.shapeOf(await this.passes.liveOfUser(call.reader)));
  }

  @Serves(endpoints.READ_STATUS)
  async status(@Call() call: HttpCall<typeof endpoints.READ_STATUS>) {
    const entry = await this.passes.ofToken(call.entry, call.reader);
    return call.ok(shapes.statusShape(entry, this.times));
  }

  private async shapeOf(pass: PassView) {
    return shapes.tokenShape(pass, await this.passes.tokenOf(pass.entry), this.times);
  }
}

/** `queue-token`, in front of the seats. */
@Controller()
export class QueueTokenConcertsController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly bookings: Bookings,
    private readonly times: LocalTime,
  ) {}

  @Serves(endpoints.LIST_SCHEDULES)
  async schedules(@Call() call: HttpCall<typeof endpoints.LIST_SCHEDULES>) {
    const { concertId } = call.params;
    const schedules = await this.catalogue.bookable(concertId, call.reader);
    return call.ok(shapes.schedulesShape(concertId, schedules, this.times));
  }

  @Serves(endpoints.LIST_SEATS)
  async seats(@Call() call: HttpCall<typeof endpoints.LIST_SEATS>) {
    const map = await this.catalogue.seatMapOf(call.params, call.reader);
    return call.ok(shapes.seatsShape(map, this.times));
  }

  @Serves(endpoints.RESERVE)
  async reserve(@Call() call: HttpCall<typeof endpoints.RESERVE>) {
    const { concertId, scheduleId, seatId } = call.body;
    const wanted = { concertId, scheduleId, seatId };
    const { value, replayed } = await this.bookings.holdById(wanted, call.writer);
    return call.done({ value: shapes.reservationShape(value, this.times), replayed });
  }
}

/** `queue-token`, where money moves. */
@Controller()
export class QueueTokenMoneyController {
  constructor(
    private readonly payments: Payments,
    private readonly wallets: Wallets,
  ) {}

  @Serves(money.PAY)
  async pay(@Call() call: HttpCall<typeof money.PAY>) {
    const wanted = { reservationId: call.body.reservationId, expectedAmountKrw: null };
    const { value, replayed } = await this.payments.pay(wanted, call.writer);
    // The document knows no payment that is under way.
    if (value.state === 'PENDING') {
      throw new ProblemError('OUTCOME_UNKNOWN', { headers: { 'retry-after': '1' } });
    }
    return call.done({ value: shapes.paymentShape(value), replayed });
  }

  @Serves(money.CHARGE)
  async charge(@Call() call: HttpCall<typeof money.CHARGE>) {
    const { value, replayed } = await this.wallets.charge(call.body.amount, call.writer);
    return call.done({ value: shapes.balanceShape(value), replayed });
  }

  @Serves(money.READ_BALANCE)
  async balance(@Call() call: HttpCall<typeof money.READ_BALANCE>) {
    return call.ok(shapes.balanceShape(await this.wallets.wallet(call.reader)));
  }
}
