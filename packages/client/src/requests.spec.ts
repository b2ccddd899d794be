import { describe, expect, it } from '@jest/globals';
import { pathOf, pathOfLocation } from './requests.js';

describe('the path of a call', () => {
  it('has its parameters escaped and its query behind it', () => {
    expect(pathOf('/v1/a/{room}/b', { room: 'x/y?' }, { limit: 2, cursor: undefined })).toBe(
      '/v1/a/x%2Fy%3F/b?limit=2',
    );
    expect(pathOf('/v1/things/{id}', { id: 7 }, {})).toBe('/v1/things/7');
  });

  it.each(['', '.', '..', undefined])('cannot have the parameter %s', (room) => {
    const parameters = room === undefined ? {} : { room };
    expect(() => pathOf('/v1/a/{room}/b', parameters)).toThrow('room cannot be');
  });
});

describe('a Location', () => {
  const base = 'https://tickets.example/api';

  it('may be a path, or the whole of it', () => {
    expect(pathOfLocation('/v1/payments/5', base)).toBe('/v1/payments/5');
    expect(pathOfLocation(`${base}/v1/payments/5`, base)).toBe('/v1/payments/5');
  });

  it.each([
    'https://elsewhere.example/v1/payments/5',
    '//elsewhere.example/v1/payments/5',
    'https://tickets.example/api.elsewhere/v1',
    'payments/5',
  ])('does not lead the token to %s', (location) => {
    expect(() => pathOfLocation(location, base)).toThrow('elsewhere');
  });
});
