import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientsModule,
  type MicroserviceOptions,
  type RmqOptions,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { announceReady, setting } from '../shared/program.js';
import { type ServiceName } from './messages.js';

/** Requests in flight are lost with their service anyway: nothing is written or acknowledged. */
function queueOf(service: ServiceName): RmqOptions {
  return {
    transport: Transport.RMQ,
    options: {
      urls: [setting('AMQP_URL')],
      queue: `${setting('QUEUE_PREFIX')}.${service}`,
      queueOptions: { durable: true },
      noAck: true,
      persistent: false,
      prefetchCount: 0,
      // Without it a small frame waits up to 40 ms for another one's acknowledgement.
      socketOptions: { connectionOptions: { noDelay: true } },
    },
  };
}

/** Clients of other services, injected by their names. */
export function clientsOf(...services: ServiceName[]): DynamicModule {
  return ClientsModule.register(
    services.map((service) => ({ name: service, ...queueOf(service) })),
  );
}

export async function startMicroservice(service: ServiceName, module: Type): Promise<void> {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    ...queueOf(service),
    logger: false,
  });
  await app.listen();
  announceReady();
}

/** A refusal travels to the gateway as an error with the status it should answer with. */
export function refused(code: string): RpcException {
  return new RpcException({ status: 409, message: code });
}
