import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** What a server makes its messages of. */
interface Messages {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * The classes a server must make its requests and responses of, so that they are the application's
 * from the beginning. Express would give each another prototype after it was made, and with that
 * everything V8 has learned about it is lost; of these it finds the right one already.
 */
export function messagesOf(http: Express): Messages {
  class OwnRequest extends IncomingMessage {}
  class OwnResponse<Asked extends IncomingMessage> extends ServerResponse<Asked> {}
  http.request = bornWith(OwnRequest.prototype, http.request);
  http.response = bornWith(OwnResponse.prototype, http.response);
  return { IncomingMessage: OwnRequest, ServerResponse: OwnResponse };
}

function bornWith<Message extends object>(prototype: object, express: Message): Message {
  return Object.setPrototypeOf(prototype, express) as Message;
}
