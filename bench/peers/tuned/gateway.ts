import 'reflect-metadata';
import { Body, Controller, HttpException, Inject, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { announceReady } from '../shared/program.js';
import { type Payment, type PaymentRequest } from './messages.js';
import { clientsOf } from './microservice.js';

const KEEP_ALIVE_MS = 65_000;

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Two numbers: a schema library would cost more than the rest of the validation. */
function validated(body: unknown): PaymentRequest {
  const { userId, reservationId } = (body ?? {}) as Record<string, unknown>;
  if (!isId(userId) || !isId(reservationId)) throw new HttpException('INVALID_REQUEST', 422);
  return { userId, reservationId };
}

@Controller('payment')
class PaymentController {
  constructor(@Inject('payment') private readonly payments: ClientProxy) {}

  @Post()
  async pay(@Body() body: unknown): Promise<Payment> {
    const request = validated(body);
    try {
      return await firstValueFrom(this.payments.send<Payment>('pay', request));
    } catch (error) {
      const { status, message } = error as { status?: number; message?: string };
      throw new HttpException(message ?? 'error', status ?? 500);
    }
  }
}

@Module({ imports: [clientsOf('payment')], controllers: [PaymentController] })
class GatewayModule {}

const app = await NestFactory.create<NestExpressApplication>(GatewayModule, { logger: false });
app.disable('x-powered-by');
app.disable('etag');
const server = await app.listen(0, '127.0.0.1');
server.keepAliveTimeout = KEEP_ALIVE_MS;
announceReady({ port: Number(new URL(await app.getUrl()).port) });
