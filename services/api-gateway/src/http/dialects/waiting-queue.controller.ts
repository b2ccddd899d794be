import type { EntryView } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { Bookings } from '../../application/bookings.js';
import { Catalogue } from '../../application/catalogue.js';
import { HeldPayments } from '../../application/held-payments.js';
import { Passes } from '../../application/passes.js';
import { Wallets } from '../../application/wallets.js';
import { Call, type HttpCall } from '../call.js';
import { Serves } from '../endpoint.js';
import { invalidRequest } from '../problem.js';
import { LocalTime } from './local-time.js';
import { PAY } from './waiting-queue-payment.endpoint.js';
import * as endpoints from './waiting-queue.endpoints.js';
import * as shapes from './waiting-queue.shapes.js';

/** `waiting-queue`, from the token to the turn. */
@Controller()
export class WaitingQueueController {
  constructor(
    private readonly passes: Passes,
    private readonly times: LocalTime,
  ) {}

  @Serves(endpoints.ISSUE)
  async issue(@Call() call: HttpCall<typeof endpoints.ISSUE>) {
    const { value, replayed } = await this.passes.issue(call.writer);
    return call.done({ value: await this.shapeOf(value.entry), replayed });
  }

  @Serves(endpoints.POSITION)
  async position(@Call() call: HttpCall<typeof endpoints.POSITION>) {
    const { entry } = await this.passes.ofUser(call.reader);
    return call.ok(await this.shapeOf(entry));
  }

  private async shapeOf(entry: EntryView) {
    return shapes.tokenShape(entry, await this.passes.tokenOf(entry), this.times);
  }
}

/** `waiting-queue`, from the seats to the payment. */
@Controller()
export class WaitingQueueConcertsController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly bookings: Bookings,
    private readonly heldPayments: HeldPayments,
    private readonly times: LocalTime,
  ) {}

  @Serves(endpoints.SCHEDULES)
  async schedules(@Call() call: HttpCall<typeof endpoints.SCHEDULES>) {
    const { concertId } = call.params;
    const schedules = await this.catalogue.bookable(concertId, call.reader);
    return call.ok(shapes.schedulesShape(concertId, schedules, this.times));
  }

  @Serves(endpoints.SEATS)
  async seats(@Call() call: HttpCall<typeof endpoints.SEATS>) {
    const { concertId, concertScheduleId: scheduleId } = call.params;
    return call.ok(
      shapes.seatsShape(await this.catalogue.seatMapOf({ concertId, scheduleId }, call.reader)),
    );
  }

  @Serves(endpoints.RESERVE)
  async reserve(@Call() call: HttpCall<typeof endpoints.RESERVE>) {
    const { concertId, concertScheduleId: scheduleId } = call.params;
    await this.catalogue.requireSchedule({ concertId, scheduleId }, call.origin);
    const wanted = { scheduleId, seats: { seatNumbers: call.body.seats } };
    const { value, replayed } = await this.bookings.hold(wanted, call.writer);
    return call.done({ value: shapes.holdShape(value), replayed });
  }

  @Serves(PAY)
  async pay(@Call() call: HttpCall<typeof PAY>) {
    const { concertId, concertScheduleId: scheduleId } = call.params;
    if (call.body.concertScheduleId !== scheduleId) {
      const message = 'must be the schedule of the path';
      throw invalidRequest([{ in: 'body', at: '/concertScheduleId', message }]);
    }
    await this.catalogue.requireSchedule({ concertId, scheduleId }, call.origin);
    const { value, replayed } = await this.heldPayments.payAll({ scheduleId }, call.writer);
    return call.done({ value: shapes.paymentShape(value, this.times), replayed });
  }
}

/** `waiting-queue`, about money. */
@Controller()
export class WaitingQueueBalancesController {
  constructor(private readonly wallets: Wallets) {}

  @Serves(endpoints.CHARGE)
  async charge(@Call() call: HttpCall<typeof endpoints.CHARGE>) {
    const { value, replayed } = await this.wallets.charge(call.body, call.writer);
    return call.done({ value: shapes.balanceShape(value), replayed });
  }

  @Serves(endpoints.BALANCE)
  async balance(@Call() call: HttpCall<typeof endpoints.BALANCE>) {
    return call.ok(shapes.balanceShape(await this.wallets.wallet(call.reader)));
  }
}
