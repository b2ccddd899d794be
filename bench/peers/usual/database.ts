import { Global, Module } from '@nestjs/common';
import knex from 'knex';
import { setting } from '../shared/program.js';

/** The name knex is injected by: it is a function, not a class. */
export const DATABASE = 'DATABASE';

@Global()
@Module({
  providers: [
    {
      provide: DATABASE,
      useFactory: () =>
        knex({ client: 'pg', connection: setting('DATABASE_URL'), pool: { min: 2, max: 10 } }),
    },
  ],
  exports: [DATABASE],
})
export class DatabaseModule {}
