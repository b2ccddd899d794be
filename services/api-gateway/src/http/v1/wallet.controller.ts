import { ChargeWallet, ListWalletEntries, ReadWallet, values } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Wallets } from '../../application/wallets.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { pageQuery } from '../inputs.js';

const tag = 'wallet';

const READ = endpoint({
  method: 'GET',
  path: '/v1/wallet',
  tag,
  summary: 'The own balance.',
  access: 'identified',
  answers: [{ status: 200, description: 'The wallet.', body: ReadWallet.reply }],
  refusals: ReadWallet.refusals,
});

const CHARGE = endpoint({
  method: 'POST',
  path: '/v1/wallet/charges',
  tag,
  summary: 'Puts money into the own wallet.',
  access: 'identified',
  body: z.strictObject({ amountKrw: values.amountKrw }),
  answers: [{ status: 201, description: 'The balance after it.', body: ChargeWallet.reply }],
  refusals: ChargeWallet.refusals,
});

const LIST_ENTRIES = endpoint({
  method: 'GET',
  path: '/v1/wallet/entries',
  tag,
  summary: 'What moved in the own wallet, newest first.',
  access: 'identified',
  query: z.strictObject(pageQuery),
  answers: [{ status: 200, description: 'A page.', body: ListWalletEntries.reply }],
  refusals: ListWalletEntries.refusals,
});

@Controller()
export class WalletController {
  constructor(private readonly wallets: Wallets) {}

  @Serves(READ)
  async read(@Call() call: HttpCall<typeof READ>) {
    return call.ok(await this.wallets.wallet(call.reader));
  }

  @Serves(CHARGE)
  async charge(@Call() call: HttpCall<typeof CHARGE>) {
    return call.created(await this.wallets.charge(call.body.amountKrw, call.writer));
  }

  @Serves(LIST_ENTRIES)
  async listEntries(@Call() call: HttpCall<typeof LIST_ENTRIES>) {
    return call.ok(await this.wallets.entries(call.query, call.reader));
  }
}
