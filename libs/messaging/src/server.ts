import { type CustomTransportStrategy, Server } from '@nestjs/microservices';

/** The transport Nest's handlers are served by: `createMicroservice(module, { strategy: server })`. */
export class MessagingServer extends Server implements CustomTransportStrategy {
  listen(_callback: (error?: unknown) => void): void {
    throw new Error('not built yet');
  }
  /** Drains: stops consuming, finishes what runs, publishes, acks. Bounded by the grace limit. */
  close(): Promise<void> {
    throw new Error('not built yet');
  }
  on(): never {
    throw new Error('The transport has no events to listen to');
  }
  unwrap<T>(): T {
    throw new Error('The transport hides its connections');
  }
}
