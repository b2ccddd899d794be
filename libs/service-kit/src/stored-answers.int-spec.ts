import { randomUUID } from 'node:crypto';
import { accepted, ChargeWallet, STORED_ANSWERS } from '@encore/contracts';
import { Handles, type Received } from '@encore/messaging';
import { bootService, type BootedService } from '@encore/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';

@Controller()
class GenerousWallet {
  @Handles(ChargeWallet)
  charge(requests: Received<typeof ChargeWallet>[]) {
    return Promise.resolve(
      requests.map(({ payload: { userId, amountKrw } }) =>
        accepted({ userId, balanceKrw: amountKrw, entryId: 1 }),
      ),
    );
  }
}

@Module({ controllers: [GenerousWallet] })
class GenerousModule {}

describe('the answer to an earlier request', () => {
  const messageId = randomUUID();
  let service: BootedService;

  beforeAll(async () => {
    service = await bootService({ name: 'wallet', module: GenerousModule, migrations: [] });
    await service.ask(ChargeWallet, { userId: 7, amountKrw: 5 }, { messageId });
  });
  afterAll(() => service.close());

  const tell = (userId: number | null, id: string = messageId) =>
    service.ask(STORED_ANSWERS.wallet, { messageId: id }, { as: { userId, roles: ['operator'] } });

  it('is told to the user whose request it was', async () => {
    const outcome = { ok: true, value: { userId: 7, balanceKrw: 5, entryId: 1 } };
    const request = { type: ChargeWallet.wireName, fingerprint: null, outcome };
    expect(await tell(7)).toMatchObject({ ok: true, value: { request } });
  });

  it.each([
    ['another user', 8],
    ['who is no user', null],
  ])('is as if there was none to %s, whatever the role', async (_who, userId) => {
    expect(await tell(userId)).toMatchObject({ ok: true, value: { request: null } });
  });

  it('is none when there was no such request', async () => {
    expect(await tell(7, randomUUID())).toMatchObject({ ok: true, value: { request: null } });
  });
});
