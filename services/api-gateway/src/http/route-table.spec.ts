import { describe, expect, it } from '@jest/globals';
import { RouteTable } from './route-table.js';

describe('the route table', () => {
  const routes = new RouteTable([
    { method: 'GET', path: '/v1/things/:thingId' },
    { method: 'DELETE', path: '/v1/things/:thingId' },
    { method: 'POST', path: '/v1/things' },
  ]);

  it.each([
    ['/v1/things/5', ['DELETE', 'GET', 'HEAD']],
    ['/v1/things/5/', ['DELETE', 'GET', 'HEAD']],
    ['/v1/things', ['POST']],
    ['/V1/Things', ['POST']],
    ['/v1/things/5/6', []],
    ['/v1', []],
    ['/', []],
  ])('knows the methods of %s', (path, methods) => {
    expect(routes.methodsOf(path)).toEqual(methods);
  });

  it('knows the endpoint a request is meant for, also by a wrong method', () => {
    expect(routes.at('DELETE', '/v1/things/5')?.method).toBe('DELETE');
    expect(routes.at('HEAD', '/v1/things/5/')?.method).toBe('GET');
    expect(routes.at('PUT', '/v1/things/5')?.path).toBe('/v1/things/:thingId');
    expect(routes.at('GET', '/v1/nothing')).toBeUndefined();
  });
});
