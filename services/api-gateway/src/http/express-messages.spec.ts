import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import express, { type Request, type Response } from 'express';
import { messagesOf } from './express-messages.js';

describe('the messages of an application', () => {
  it('are what Express would make of them, before it sees them', () => {
    const http = express();
    const { request, response } = messagesMadeFor(http);
    const before = [Object.getPrototypeOf(request), Object.getPrototypeOf(response)];
    let seen: readonly unknown[] = [];
    http.use((asked, answer) => {
      seen = [Object.getPrototypeOf(asked), Object.getPrototypeOf(answer)];
    });
    http(request, response);
    expect(seen[0]).toBe(before[0]);
    expect(seen[1]).toBe(before[1]);
  });

  it('know the application they belong to and what it changed about its messages', () => {
    const http = express();
    Object.defineProperty(http.request, 'fresh', { value: 'as the application says' });
    const { request, response } = messagesMadeFor(http);
    request.headers['accept'] = 'application/json';
    expect(request.get('Accept')).toBe('application/json');
    expect(request.fresh).toBe('as the application says');
    expect(request.app).toBe(http);
    expect(response.status(418).statusCode).toBe(418);
    expect(response.app).toBe(http);
  });

  it('of one application are no messages of another', () => {
    const [one, other] = [express(), express()];
    Object.defineProperty(one.request, 'fresh', { value: 'only here' });
    const { request } = messagesMadeFor(one);
    expect(request.app).toBe(one);
    expect(messagesMadeFor(other).request.app).toBe(other);
    expect(Object.hasOwn(express.request, 'app')).toBe(false);
  });
});

function messagesMadeFor(http: express.Express): { request: Request; response: Response } {
  const { IncomingMessage, ServerResponse } = messagesOf(http);
  const request = new IncomingMessage(new Socket());
  request.url = '/';
  request.method = 'GET';
  return { request: request as Request, response: new ServerResponse(request) as Response };
}
