import { Controller } from '@nestjs/common';
import { Organising } from '../../application/organising.js';
import { Call, type HttpCall } from '../call.js';
import { Serves } from '../endpoint.js';

import {
  ADD_SCHEDULE,
  CHANGE_CONCERT,
  CHANGE_SCHEDULE,
  CREATE_CONCERT,
  SALES_REPORT,
  SET_SEAT_PRICES,
} from './admin.endpoints.js';

@Controller()
export class AdminController {
  constructor(private readonly organising: Organising) {}

  @Serves(CREATE_CONCERT)
  async createConcert(@Call() call: HttpCall<typeof CREATE_CONCERT>) {
    const concert = await this.organising.createConcert(call.body, call.change);
    return call.created(concert, `/v1/concerts/${concert.value.concertId}`);
  }

  @Serves(CHANGE_CONCERT)
  async changeConcert(@Call() call: HttpCall<typeof CHANGE_CONCERT>) {
    const changed = { concertId: call.params.concertId, ...call.body };
    return call.done(await this.organising.changeConcert(changed, call.change));
  }

  @Serves(ADD_SCHEDULE)
  async addSchedule(@Call() call: HttpCall<typeof ADD_SCHEDULE>) {
    const schedule = await this.organising.addSchedule(
      { concertId: call.params.concertId, ...call.body },
      call.change,
    );
    return call.created(schedule, `/v1/schedules/${schedule.value.scheduleId}`);
  }

  @Serves(CHANGE_SCHEDULE)
  async changeSchedule(@Call() call: HttpCall<typeof CHANGE_SCHEDULE>) {
    const changed = { scheduleId: call.params.scheduleId, ...call.body };
    return call.done(await this.organising.changeSchedule(changed, call.change));
  }

  @Serves(SET_SEAT_PRICES)
  async setSeatPrices(@Call() call: HttpCall<typeof SET_SEAT_PRICES>) {
    const prices = { scheduleId: call.params.scheduleId, seats: call.body.seats };
    return call.done(await this.organising.setSeatPrices(prices, call.change));
  }

  @Serves(SALES_REPORT)
  async salesReport(@Call() call: HttpCall<typeof SALES_REPORT>) {
    return call.ok(await this.organising.salesReport(call.params.concertId, call.origin));
  }
}
