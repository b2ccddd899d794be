import { describe, expect, it } from '@jest/globals';
import { CONTROLLERS } from './controllers.js';
import { endpointsOf } from './endpoint.js';
import { laneOf } from './lanes.js';

const endpoints = endpointsOf(CONTROLLERS);

describe('the lane of a request', () => {
  it('is that of the sale for everything behind the gate', () => {
    const gated = endpoints.filter((one) => one.gated === true).map(({ path }) => path);
    expect(gated.length).toBeGreaterThan(2);
    expect(gated.filter((path) => laneOf(path) !== 'selling')).toEqual([]);
  });

  it.each([
    ...['/v1/waiting-rooms/default/entries', '/v1/waiting-rooms/default/entries/me'],
    ...['/v1/reservations/7', '/v1/payments', '/V1/Payments/', '/v1/schedules/1/seats'],
  ])('is that of the sale for %s', (path) => {
    expect(laneOf(path)).toBe('selling');
  });

  it.each([
    ...['/', '/v1/concerts', '/v1/wallet/charges', '/v1/tokens', '/v1/concerts/1', '/docs'],
    ...['/v1/admin/waiting-rooms/default', '/v1/admin/schedules/1/seats', '/v1/ops/queues'],
    ...['/nothing/here', '/seatsandmore'],
  ])('is the other one for %s', (path) => {
    expect(laneOf(path)).toBe('other');
  });
});
