import {
  ChargeWallet,
  ListWalletEntries,
  ReadWallet,
  type ReplyOf,
  type WalletView,
} from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import { Services } from '../clients/services.js';
import type { Done, PageRequest, Reader, Writer } from './caller.js';

/** A person's own money. */
@Injectable()
export class Wallets {
  constructor(private readonly services: Services) {}

  wallet(reader: Reader): Promise<WalletView> {
    return this.services.query(ReadWallet, { userId: reader.userId }, reader);
  }

  charge(amountKrw: number, writer: Writer): Promise<Done<ReplyOf<typeof ChargeWallet>>> {
    return this.services.request(ChargeWallet, { userId: writer.userId, amountKrw }, writer);
  }

  entries(page: PageRequest, reader: Reader): Promise<ReplyOf<typeof ListWalletEntries>> {
    return this.services.query(ListWalletEntries, { ...page, userId: reader.userId }, reader);
  }
}
