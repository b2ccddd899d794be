import { messageIdOf } from '@encore/messaging';
import type { Writer } from './caller.js';

/**
 * One of the several changes that one request of a client takes. Its id follows from the request's,
 * so that the same request again is the same changes again.
 */
export function partOf(whole: Writer, ...names: readonly (string | number)[]): Writer {
  return { ...whole, messageId: messageIdOf(whole.messageId, ...names.map(String)) };
}
