import { describe, expect, it } from '@jest/globals';
import { contextOf, stripIdentity } from './request-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('the context of a request', () => {
  it('keeps the id the client gave', () => {
    expect(contextOf({ 'request-id': 'order-17:a' }).requestId).toBe('order-17:a');
  });

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(129), 'a, b', '"quoted"'])(
    'makes an id of its own instead of %j',
    (given) => {
      const { requestId } = contextOf({ 'request-id': given });
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('continues the trace of the client with a span of its own', () => {
    const { traceparent } = contextOf({ traceparent: `00-${TRACE}-${SPAN}-00` });
    expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(traceparent).not.toContain(SPAN);
  });

  it.each([
    undefined,
    '',
    `01-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ])('begins a trace instead of continuing %j', (traceparent) => {
    const headers = traceparent === undefined ? {} : { traceparent };
    const begun = contextOf(headers).traceparent;
    expect(begun).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(begun).not.toContain(TRACE);
  });

  it('drops the headers in which proxies name users', () => {
    const headers = {
      host: 'a',
      authorization: 'Bearer x',
      'x-user-id': '1',
      'x-encore-roles': 'operator',
      'x-forwarded-user': '1',
      'x-forwarded-email': 'a@b',
      'x-auth-request-user': '1',
      'remote-user': '1',
      'x-forwarded-for': '10.0.0.1',
    };
    stripIdentity(headers);
    expect(Object.keys(headers)).toEqual(['host', 'authorization', 'x-forwarded-for']);
  });
});
