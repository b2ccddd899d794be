import { accepted } from '@encore/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { of, type Observable } from 'rxjs';
import { AnswersEach, Handles, Listens } from './decorators.js';
import { PoisonError } from './handlers.fixture.js';
import type { Received } from './handling.js';
import {
  Do,
  Happened,
  Look,
  LookEach,
  openGround,
  openStation,
  Rumour,
  type Ground,
} from './station.fixture.js';

let ground: Ground;

beforeAll(async () => {
  ground = await openGround();
});

afterAll(() => ground.close());

function open(...controllers: Type[]) {
  const { url, prefix } = ground.broker;
  const { database } = ground.store;
  return openStation({ service: 'wallet', url, prefix, database, controllers });
}

class Counting implements NestInterceptor {
  calls = 0;

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.calls += 1;
    return next.handle();
  }
}
const counting = new Counting();

@Catch(PoisonError)
class Antidote implements ExceptionFilter {
  catch(_error: PoisonError, _host: ArgumentsHost): Observable<unknown> {
    return of(accepted({ done: 'survived' }));
  }
}

@Controller()
@UseFilters(new Antidote())
@UseInterceptors(counting)
class Guarded {
  @AnswersEach(LookEach)
  async look({ payload }: Received<typeof LookEach>) {
    if (payload.what === 'poison') throw new PoisonError('this one kills');
    if (payload.what === 'other') throw new Error('a fault of its own');
    return accepted({ done: payload.what });
  }
}

describe('a handler', () => {
  it('has its interceptors and filters, and a fault no filter takes keeps its cause', async () => {
    const station = await open(Guarded);
    const ask = (what: string) =>
      station.client.ask(LookEach, { what }, { timeoutMs: 10_000, correlationId: 'test' });
    await expect(ask('plain')).resolves.toMatchObject({ value: { done: 'plain' } });
    await expect(ask('poison')).resolves.toMatchObject({ value: { done: 'survived' } });
    await expect(ask('other')).rejects.toThrow('a fault of its own');
    expect(counting.calls).toBe(3);
    await station.close();
  });
});

@Controller()
class First {
  @Handles(Do)
  async do() {
    return [];
  }
}

@Controller()
class Second {
  @Handles(Do)
  async do() {
    return [];
  }
}

@Controller()
class Foreign {
  @MessagePattern('wallet.do')
  do() {
    return [];
  }
}

@Controller()
class Eavesdropper {
  @Listens(Rumour)
  async hear(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a service', () => {
  it('refuses to start with two handlers for one type', async () => {
    await expect(open(First, Second)).rejects.toThrow('Two handlers for wallet.do');
  });

  it('refuses to start with a handler that was not declared for this transport', async () => {
    await expect(open(Foreign)).rejects.toThrow('not declared with a decorator of messaging');
  });

  it('refuses to start when it listens to what nobody keeps for it', async () => {
    await expect(open(Eavesdropper)).rejects.toThrow('add it to SUBSCRIPTIONS');
  });

  it('refuses to start with a handler of another service’s messages', async () => {
    const { url, prefix } = ground.broker;
    const { database } = ground.store;
    const controllers = [First];
    const opening = openStation({ service: 'payment', url, prefix, database, controllers });
    await expect(opening).rejects.toThrow('belongs to wallet, not to payment');
  });

  it('answers a type it does not know with a fault, at once', async () => {
    const station = await open(First);
    const options = { timeoutMs: 3_600_000, correlationId: 'test' };
    const asking = station.client.ask(Look, { what: 'is it' }, options);
    await expect(asking).rejects.toThrow('Nothing here handles wallet.look');
    await station.close();
  });

  it('treats an answer of the wrong length as a fault', async () => {
    const station = await open(First);
    const options = { timeoutMs: 3_600_000, correlationId: 'test' };
    const asking = station.client.ask(Do, { what: 'it' }, options);
    await expect(asking).rejects.toThrow('one outcome for each message');
    await station.close();
  });
});

describe('an event', () => {
  it('is named as one that exists, or no queue would be bound to it', () => {
    expect(Happened.wireName).toBe('concert.schedule-published');
  });
});
