import { accepted, ReadReservation, refused } from '@encore/contracts';
import { createLogger } from '@encore/service-kit';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Services } from '../clients/services.js';
import { reservation } from '../testing/samples.js';
import { ScriptedServices } from '../testing/scripted-services.js';
import { actorsOnStage, servicesOptions } from '../testing/services-options.js';
import { ReservedSchedules } from './reserved-schedules.js';

const reader = { requestId: 'r', traceparent: 't', userId: 7 };

describe('the schedule of a reservation', () => {
  let services: ScriptedServices;
  let reserved: ReservedSchedules;

  beforeEach(() => {
    services = new ScriptedServices();
    const logger = createLogger({ name: 't', level: 'fatal' });
    reserved = new ReservedSchedules(
      new Services(services, servicesOptions, logger, actorsOnStage),
      100,
    );
  });

  it('is asked for once', async () => {
    const mine = reservation({ userId: 7, reservationId: 5, scheduleId: 3 });
    services.on(ReadReservation, () => accepted(mine));
    expect(await reserved.scheduleOf(5, reader)).toBe(3);
    expect(await reserved.scheduleOf(5, reader)).toBe(3);
    expect(services.of(ReadReservation)).toHaveLength(1);
  });

  it('is known of whoever has just held it, and told to nobody else', async () => {
    reserved.learn(reservation({ userId: 8, reservationId: 5, scheduleId: 3 }));
    services.on(ReadReservation, () => refused('RESERVATION_NOT_YOURS'));
    expect(await reserved.scheduleOf(5, { ...reader, userId: 8 })).toBe(3);
    await expect(reserved.scheduleOf(5, reader)).rejects.toMatchObject({
      refusal: 'RESERVATION_NOT_YOURS',
    });
  });
});
