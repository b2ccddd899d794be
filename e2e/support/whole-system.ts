import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Stranger } from '@encore/testing';
import { publishDemoData } from '../../scripts/demo-data.mjs';
import { localSecrets, type Secrets } from '../../scripts/secrets.mjs';
import { testDirectory } from './test-directory.js';
import { startSystem, type System, type SystemOptions } from '../../scripts/system.mjs';
import { Books } from './books.js';
import { Person } from './person.js';

type Choices = Partial<Pick<SystemOptions, 'broker' | 'env' | 'envOf' | 'preload'>>;

/** What one spec works with: six processes of its own, its own databases and queues, demo data. */
export interface WholeSystem {
  readonly system: System;
  readonly gateway: string;
  readonly books: Books;
  readonly secrets: Secrets;
  person(userId: number): Promise<Person>;
  /** Somebody at the broker, past the gateway. */
  stranger(): Promise<Stranger>;
  /** Everything down and forgotten. */
  end(): Promise<void>;
}

/** The demo data puts four schedules of 50 seats at this price behind each of three concerts. */
export const SEAT_PRICE_KRW = 10_000;
export const SEATS_PER_SCHEDULE = 50;

function serverUrl(variable: 'POSTGRES_URL' | 'AMQP_URL'): string {
  const url = process.env[variable];
  if (url === undefined) throw new Error(`${variable} is not set: run the tests with npm test`);
  return url;
}

/** A gateway that signs with a key of the test's is to be believed like any other. */
function secretsFor({ envOf }: Choices, directory: string): Secrets {
  const secrets = localSecrets(directory);
  const keys = envOf?.['api-gateway']?.['TOKEN_SIGNING_KEYS'];
  if (keys === undefined) return secrets;
  return { ...secrets, tokenSigningKeys: JSON.parse(keys) as Secrets['tokenSigningKeys'] };
}

/** Boots the processes that `npm start` boots, on the backing servers the tests were given. */
export async function bootWholeSystem(choices: Choices = {}): Promise<WholeSystem> {
  const mark = `e2e${randomBytes(4).toString('hex')}`;
  const directory = testDirectory(mark);
  const broker = choices.broker ?? serverUrl('AMQP_URL');
  const queuePrefix = `${mark}.`;
  const secrets = secretsFor(choices, directory);
  const system = await startSystem({
    ...choices,
    postgres: serverUrl('POSTGRES_URL'),
    broker,
    secrets,
    logDirectory: join(directory, 'logs'),
    databasePrefix: `${mark}_`,
    queuePrefix,
  });
  try {
    await system.awaitAllReady();
    await publishDemoData({ broker, queuePrefix, signingKeys: secrets.tokenSigningKeys });
  } catch (error) {
    await system.stop();
    throw error;
  }
  const books = new Books(system);
  return {
    system,
    gateway: system.gateway,
    books,
    secrets,
    person: (userId) => Person.as(system.gateway, userId),
    stranger: () => Stranger.at({ url: broker, prefix: queuePrefix }),
    end: async () => {
      await books.close();
      await system.stop();
      await system.dropDatabases();
    },
  };
}
