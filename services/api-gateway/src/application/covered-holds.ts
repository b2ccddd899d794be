import { HoldSeats, ReadWallet, type DebitWallet, type ReservationView } from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import { RefusalError } from '../clients/refusal-error.js';
import { Services } from '../clients/services.js';
import { Gate } from '../gate/gate.js';
import { ScheduleRooms } from '../gate/schedule-rooms.js';
import { Bookings } from './bookings.js';
import type { Done, Writer } from './caller.js';
import { SeatMaps } from './catalogue.js';

interface WantedSeat {
  readonly scheduleId: number;
  readonly seatNumber: number;
}

/**
 * Holds a seat only for who could pay for it at that moment. That is advice to the buyer, no more:
 * whether the money suffices is decided when it is taken.
 */
@Injectable()
export class CoveredHolds {
  constructor(
    private readonly services: Services,
    private readonly bookings: Bookings,
    private readonly seatMaps: SeatMaps,
    private readonly gate: Gate,
    private readonly rooms: ScheduleRooms,
  ) {}

  async hold(wanted: WantedSeat, writer: Writer): Promise<Done<ReservationView>> {
    const { scheduleId, seatNumber } = wanted;
    if (await this.isCovered(wanted, writer)) {
      return this.bookings.hold({ scheduleId, seats: { seatNumbers: [seatNumber] } }, writer);
    }
    // With the client's key it may have been asked before, when the money was still there.
    const asked = writer.fingerprint !== undefined;
    const earlier = asked ? await this.services.recall(HoldSeats, writer) : undefined;
    if (earlier !== undefined) return earlier;
    await this.gate.pass(await this.rooms.roomOf(scheduleId, writer), writer);
    throw new RefusalError(INSUFFICIENT);
  }

  /** Of a seat that is not free, the refusal to hold it says more. */
  private async isCovered({ scheduleId, seatNumber }: WantedSeat, writer: Writer) {
    const { userId } = writer;
    const [{ seats }, { balanceKrw }] = await Promise.all([
      this.seatMaps.of(scheduleId, writer),
      this.services.query(ReadWallet, { userId }, writer),
    ]);
    const seat = seats.find((one) => one.seatNumber === seatNumber);
    return seat?.status !== 'FREE' || seat.priceKrw <= balanceKrw;
  }
}

const INSUFFICIENT = 'WALLET_INSUFFICIENT_BALANCE' satisfies (typeof DebitWallet.refusals)[number];
