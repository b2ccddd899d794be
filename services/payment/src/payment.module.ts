import { Database } from '@encore/database';
import { CommandSender, DeferredAnswers, ServiceClient } from '@encore/messaging';
import { SagaReader, SagaRunner } from '@encore/saga';
import { LOGGER, type Logger } from '@encore/service-kit';
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { sagaTimingsOf, type PaymentConfig } from './config.js';
import { PaymentsRepository } from './persistence/payments.repository.js';
import { RefundsRepository } from './persistence/refunds.repository.js';
import { payForReservation } from './sagas/pay-for-reservation.saga.js';
import { refundPayment } from './sagas/refund-payment.saga.js';
import { canAskThrough } from './use-cases/can-ask.js';
import { EarlyPins, PIN_LIMITS } from './use-cases/early-pins.js';
import { ReadPaymentsHandler } from './use-cases/read-payments.js';
import { ReadRefundsHandler } from './use-cases/read-refunds.js';
import { ReadSagasHandler } from './use-cases/read-sagas.js';
import { ReadSalesReportHandler } from './use-cases/read-sales-report.js';
import { RequestPaymentHandler } from './use-cases/request-payment.js';
import { REFUND_POLICY, RequestRefundHandler } from './use-cases/request-refund.js';
import { RunSagasHandler, SWEEP_LIMITS } from './use-cases/run-sagas.js';
import { SettlePayments } from './use-cases/settle-payments.js';
import { SettleRefunds } from './use-cases/settle-refunds.js';

/** The one list of this service's parts. */
@Module({})
export class PaymentModule {
  static register(config: PaymentConfig): DynamicModule {
    return {
      module: PaymentModule,
      controllers: [
        RequestPaymentHandler,
        RequestRefundHandler,
        RunSagasHandler,
        ReadPaymentsHandler,
        ReadRefundsHandler,
        ReadSagasHandler,
        ReadSalesReportHandler,
      ],
      providers: [
        PaymentsRepository,
        RefundsRepository,
        EarlyPins,
        SettlePayments,
        SettleRefunds,
        sagaRunner(config),
        {
          provide: SagaReader,
          inject: [Database],
          useFactory: (database: Database) => new SagaReader(database),
        },
        {
          provide: PIN_LIMITS,
          useValue: { timeoutMs: config.PIN_TIMEOUT_MS, pauseMs: config.PIN_PAUSE_MS },
        },
        { provide: REFUND_POLICY, useValue: config.REFUND_POLICY },
        {
          provide: SWEEP_LIMITS,
          useValue: {
            everyMs: config.SAGA_SWEEP_EVERY_MS,
            sagasMax: config.SAGA_SWEEP_SAGAS_MAX,
          },
        },
      ],
    };
  }
}

function sagaRunner(config: PaymentConfig): FactoryProvider<SagaRunner> {
  return {
    provide: SagaRunner,
    inject: [
      Database,
      CommandSender,
      DeferredAnswers,
      ServiceClient,
      LOGGER,
      SettlePayments,
      SettleRefunds,
    ],
    useFactory: (
      database: Database,
      commands: CommandSender,
      answers: DeferredAnswers,
      client: ServiceClient,
      logger: Logger,
      payments: SettlePayments,
      refunds: SettleRefunds,
    ) =>
      new SagaRunner({
        database,
        commands,
        answers,
        canAsk: canAskThrough(client),
        logger,
        timings: sagaTimingsOf(config),
        unhurriedPaceMs: config.SAGA_UNHURRIED_PACE_MS,
        sagas: [
          { definition: payForReservation, milestones: payments.milestones },
          { definition: refundPayment, milestones: refunds.milestones },
        ],
      }),
  };
}
