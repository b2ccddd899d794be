import { describe, expect, it } from '@jest/globals';
import {
  OutcomeUnknownError,
  ServiceUnavailableError,
  type ServiceClient,
} from '@encore/messaging';
import { canAskThrough } from './can-ask.js';

/** A client whose broker comes and goes as the test says. */
class StagedClient {
  interruptions = 0;
  failure: Error | undefined;
  /** Happens while the service asks itself. */
  meanwhile = () => {};

  ask: ServiceClient['ask'] = async () => {
    this.meanwhile();
    throw this.failure ?? new OutcomeUnknownError('payment', 'an answer that is late');
  };
}

describe('whether anything can be asked', () => {
  it('is denied only when a question surely could not be sent', async () => {
    const client = new StagedClient();
    const canAsk = canAskThrough(client);
    expect(await canAsk()).toBe(true);
    client.failure = new ServiceUnavailableError('payment', 'not connected to the broker');
    expect(await canAsk()).toBe(false);
    client.failure = new TypeError('a mistake of ours');
    await expect(canAsk()).rejects.toThrow('a mistake of ours');
  });

  it('is denied once for an outage that began and ended between two questions', async () => {
    const client = new StagedClient();
    const canAsk = canAskThrough(client);
    expect(await canAsk()).toBe(true);
    client.interruptions += 2;
    expect([await canAsk(), await canAsk()]).toEqual([false, true]);
  });

  it('is denied for an outage that began during the question', async () => {
    const client = new StagedClient();
    const canAsk = canAskThrough(client);
    client.meanwhile = () => (client.interruptions += 1);
    expect(await canAsk()).toBe(false);
    client.meanwhile = () => {};
    expect(await canAsk()).toBe(true);
  });
});
