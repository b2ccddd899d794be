import 'reflect-metadata';
import {
  Body,
  Controller,
  HttpException,
  Inject,
  Injectable,
  Module,
  type PipeTransform,
  Post,
  UnprocessableEntityException,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import { announceReady } from '../shared/program.js';
import { type Payment, type PaymentRequest, paymentRequest } from './messages.js';
import { clientsOf } from './microservice.js';

const ANSWER_LIMIT_MS = 30_000;

@Injectable()
class PaymentRequestPipe implements PipeTransform<unknown, PaymentRequest> {
  transform(body: unknown): PaymentRequest {
    const parsed = paymentRequest.safeParse(body);
    if (!parsed.success) throw new UnprocessableEntityException(parsed.error.issues);
    return parsed.data;
  }
}

/** A refusal carries its status; whatever else a service says is a fault. */
function httpErrorOf(error: unknown): HttpException {
  const { status, message } = error as { status?: unknown; message?: string };
  return new HttpException(message ?? 'error', typeof status === 'number' ? status : 500);
}

@Controller('payment')
class PaymentController {
  constructor(@Inject('payment') private readonly payments: ClientProxy) {}

  @Post()
  async pay(@Body(PaymentRequestPipe) request: PaymentRequest): Promise<Payment> {
    try {
      const answer = this.payments.send<Payment>('payment.pay', request);
      return await firstValueFrom(answer.pipe(timeout(ANSWER_LIMIT_MS)));
    } catch (error) {
      throw httpErrorOf(error);
    }
  }
}

@Module({ imports: [clientsOf('payment')], controllers: [PaymentController] })
class GatewayModule {}

const app = await NestFactory.create(GatewayModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
announceReady({ port: Number(new URL(await app.getUrl()).port) });
