import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DebitWallet, PINGS } from '@encore/contracts';
import { type BatchContext, Handles, type Received } from '@encore/messaging';
import { Controller, Module } from '@nestjs/common';
import { connect } from 'amqplib';
import { bootService, type BootedService } from './boot-service.js';

@Controller()
class GenerousWallet {
  handled = 0;

  @Handles(DebitWallet)
  debit(commands: Received<typeof DebitWallet>[], _context: BatchContext) {
    this.handled += commands.length;
    const balanceKrw = this.handled;
    return Promise.resolve(
      commands.map(({ payload: { userId } }) => ({
        ok: true as const,
        value: { userId, balanceKrw },
      })),
    );
  }
}

@Module({ controllers: [GenerousWallet] })
class GenerousModule {}

let service: BootedService;

beforeAll(async () => {
  service = await bootService({ name: 'wallet', module: GenerousModule, migrations: [] });
});

afterAll(async () => {
  const { url, prefix } = service.broker;
  await service.close();
  const connection = await connect(url);
  const channel = await connection.createChannel();
  // The broker closes a channel that asks for a queue which is not there.
  channel.on('error', () => undefined);
  await expect(channel.checkQueue(`${prefix}wallet.requests`)).rejects.toThrow('NOT_FOUND');
  await connection.close();
});

it('boots a service that can be asked, and again after a restart', async () => {
  expect((await service.ask(PINGS.wallet, {})).ok).toBe(true);
  await service.restart();
  expect((await service.ask(PINGS.wallet, {})).ok).toBe(true);
});

it('waits for the reply to this sending of a command, not for an earlier one', async () => {
  const id = 'b8ab9b86-1f2e-4a1c-9a5e-111111111111';
  const payload = { userId: 1, paymentId: 1, amountKrw: 1 };
  const first = await service.order(DebitWallet, payload, { id });
  const second = await service.order(DebitWallet, payload, { id });
  expect(second).toEqual(first);
  expect(service.replies.to(id)).toHaveLength(2);
});
