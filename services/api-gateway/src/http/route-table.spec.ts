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
    ['/v1/things/5/6', []],
    ['/v1', []],
    ['/', []],
  ])('knows the methods of %s', (path, methods) => {
    expect(routes.methodsOf(path)).toEqual(methods);
  });
});
