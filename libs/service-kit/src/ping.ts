import { accepted, PINGS, type ServiceName } from '@encore/contracts';
import { Answers, type Received } from '@encore/messaging';
import { Controller, type Type } from '@nestjs/common';

/** Answers the service's `Ping`: the same for every service, hence made here and not in each. */
export function pingController(service: ServiceName, version: string): Type {
  const contract = PINGS[service];

  @Controller()
  class PingController {
    @Answers(contract)
    answer(queries: Received<typeof contract>[]) {
      return Promise.resolve(queries.map(() => accepted({ version })));
    }
  }
  return PingController;
}
