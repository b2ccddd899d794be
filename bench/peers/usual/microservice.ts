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

/** A queue per service, durable; everything else as the transport has it by default. */
function queueOf(service: ServiceName): RmqOptions {
  return {
    transport: Transport.RMQ,
    options: {
      urls: [setting('AMQP_URL')],
      queue: `${setting('QUEUE_PREFIX')}.${service}`,
      queueOptions: { durable: true },
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
    logger: ['error', 'warn'],
  });
  await app.listen();
  announceReady();
}

/** A refusal travels to the gateway as an error with the status it should answer with. */
export function refused(code: string): RpcException {
  return new RpcException({ status: 409, message: code });
}
