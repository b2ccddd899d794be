import { isGuestId, type ScheduleView } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { Catalogue } from '../../application/catalogue.js';
import { FirstFree } from '../../application/first-free.js';
import { Passes } from '../../application/passes.js';
import { Wallets } from '../../application/wallets.js';
import { RefusalError } from '../../clients/refusal-error.js';
import { requireLive } from '../../identity/credentials.js';
import { Call, type HttpCall } from '../call.js';
import { Serves } from '../endpoint.js';
import { LocalTime } from './local-time.js';
import * as endpoints from './user-token.endpoints.js';
import * as shapes from './user-token.shapes.js';

/** `user-token`, from the token to the turn. */
@Controller()
export class UserTokenController {
  constructor(private readonly passes: Passes) {}

  @Serves(endpoints.ISSUE)
  async issue(@Call() call: HttpCall<typeof endpoints.ISSUE>) {
    const { value, replayed } = await this.placeOf(call);
    return call.done({ value: shapes.tokenShape(value), replayed });
  }

  /** The document has no word for a place that has ended: position 0 is somebody's turn. */
  @Serves(endpoints.STATUS)
  async status(@Call() call: HttpCall<typeof endpoints.STATUS>) {
    const entry = await this.passes.ofToken(call.entry, call.reader);
    requireLive(entry);
    return call.ok(shapes.placeShape(entry));
  }

  private async placeOf(call: HttpCall<typeof endpoints.ISSUE>) {
    const { caller, entry, guestUuid } = call;
    if (caller === undefined) return this.passes.issueToGuest(call.change);
    if (!isGuestId(caller.userId)) return this.passes.issue(call.writer);
    // A guest can be found by the secret alone, and has shown it.
    if (entry === undefined || guestUuid === undefined) throw new TypeError('a guest without pass');
    return { value: { tokenUuid: guestUuid, entry }, replayed: false };
  }
}

/** `user-token`, in front of the seats. */
@Controller()
export class UserTokenConcertController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly firstFree: FirstFree,
    private readonly times: LocalTime,
  ) {}

  @Serves(endpoints.DATES)
  async dates(@Call() call: HttpCall<typeof endpoints.DATES>) {
    const schedules = await this.catalogue.bookable(undefined, call.reader);
    return call.ok(shapes.datesShape(schedules, this.times));
  }

  @Serves(endpoints.SEATS)
  async seats(@Call() call: HttpCall<typeof endpoints.SEATS>) {
    const { concertId, concertDate } = call.query;
    const schedules = await this.catalogue.bookable(concertId, call.reader);
    const maps = this.onDay(concertDate, schedules).map(({ scheduleId }) =>
      this.catalogue.seatMap(scheduleId, call.reader),
    );
    return call.ok(shapes.seatsShape(await Promise.all(maps)));
  }

  @Serves(endpoints.RESERVE)
  async reserve(@Call() call: HttpCall<typeof endpoints.RESERVE>) {
    const { concertId, concertDate, seatNumber } = call.body;
    const schedules = await this.catalogue.bookable(concertId, call.writer);
    const days = concertDate === undefined ? schedules : this.onDay(concertDate, schedules);
    const scheduleIds = days.map(({ scheduleId }) => scheduleId);
    const wanted = { scheduleIds, seatNumbers: [seatNumber] };
    const { value, replayed } = await this.firstFree.hold(wanted, call.writer);
    return call.done({ value: shapes.holdShape(value, this.times), replayed });
  }

  private onDay(date: string, schedules: readonly ScheduleView[]): ScheduleView[] {
    const found = schedules.filter(({ startsAt }) => this.times.date(startsAt) === date);
    if (found.length === 0) throw new RefusalError('CONCERT_SCHEDULE_NOT_FOUND');
    return found;
  }
}

/** `user-token`, about money. */
@Controller()
export class UserTokenMoneyController {
  constructor(private readonly wallets: Wallets) {}

  @Serves(endpoints.CHARGE)
  async charge(@Call() call: HttpCall<typeof endpoints.CHARGE>) {
    const { value, replayed } = await this.wallets.charge(call.body.amount, call.writer);
    return call.done({ value: shapes.chargeShape(value), replayed });
  }

  @Serves(endpoints.BALANCE)
  async balance(@Call() call: HttpCall<typeof endpoints.BALANCE>) {
    return call.ok(shapes.balanceShape(await this.wallets.wallet(call.reader)));
  }
}
