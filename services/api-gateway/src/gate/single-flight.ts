import { BriefMap } from '@encore/messaging';

/** Lets everybody who asks the same question at the same time wait for one answer. */
export class SingleFlight<Value> {
  private readonly flights = new BriefMap<string, Promise<Value>>();

  run(key: string, ask: () => Promise<Value>): Promise<Value> {
    const running = this.flights.get(key);
    if (running !== undefined) return running;
    const flight = ask().finally(() => this.flights.delete(key));
    this.flights.set(key, flight);
    return flight;
  }
}
