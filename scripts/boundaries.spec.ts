import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');

/** Each forbidden import, the file it is planted in and the rule that has to name it. */
const FORBIDDEN: Record<string, { file: string; source: string }> = {
  'service-to-service': {
    file: 'services/payment/src/use-cases/planted-service.ts',
    source: `import '../../../wallet/src/domain/wallet.js';`,
  },
  'library-to-service': {
    file: 'libs/messaging/src/planted-service.ts',
    source: `import '../../../services/wallet/src/domain/wallet.js';`,
  },
  'contracts-only-zod': {
    file: 'libs/contracts/src/planted-package.ts',
    source: `import 'pino';`,
  },
  'library-order-contracts': {
    file: 'libs/contracts/src/planted-library.ts',
    source: `import '@encore/database';`,
  },
  'library-order-database': {
    file: 'libs/database/src/planted-library.ts',
    source: `import '@encore/messaging';`,
  },
  'library-order-messaging': {
    file: 'libs/messaging/src/planted-library.ts',
    source: `import '@encore/saga';`,
  },
  'library-order-saga': {
    file: 'libs/saga/src/planted-library.ts',
    source: `import '@encore/service-kit';`,
  },
  'library-order-service-kit': {
    file: 'libs/service-kit/src/planted-library.ts',
    source: `import '@encore/saga';`,
  },
  'client-stands-alone': {
    file: 'packages/client/src/planted-contract.ts',
    source: `import type { EntryView } from '@encore/contracts'; export type Planted = EntryView;`,
  },
  'client-is-for-clients': {
    file: 'services/payment/src/use-cases/planted-client.ts',
    source: `import '@encore/client';`,
  },
  'domain-is-pure': {
    file: 'services/wallet/src/domain/planted-driver.ts',
    source: `import type { Database } from '@encore/database'; export type Planted = Database;`,
  },
  'persistence-below-use-cases': {
    file: 'services/wallet/src/persistence/planted-use-case.ts',
    source: `import '../use-cases/debit-wallet.js';`,
  },
  'use-cases-below-module': {
    file: 'services/wallet/src/use-cases/planted-module.ts',
    source: `import '../wallet.module.js';`,
  },
  'module-below-main': {
    file: 'services/payment/src/payment.module.ts',
    source: `import './main.js';`,
  },
  'gateway-without-database': {
    file: 'services/api-gateway/src/clients/planted-database.ts',
    source: `import '@encore/database';`,
  },
  'database-drivers-in-database': {
    file: 'services/wallet/src/persistence/planted-driver.ts',
    source: `import type { Pool } from 'pg'; export type Planted = Pool;`,
  },
  'broker-client-in-messaging': {
    file: 'services/wallet/src/use-cases/planted-client.ts',
    source: `import 'amqplib';`,
  },
  'test-library-in-tests': {
    file: 'services/wallet/src/use-cases/planted-test-library.ts',
    source: `import '@encore/testing';`,
  },
  'no-cycles': {
    file: 'services/queue/src/domain/planted-cycle.ts',
    source: `import './planted-returning.js';`,
  },
  resolvable: {
    file: 'services/queue/src/use-cases/planted-nowhere.ts',
    source: `import './nowhere.js';`,
  },
};

/** Imports that must stay allowed, so that no rule passes by forbidding everything. */
const ALLOWED: Record<string, string> = {
  'services/wallet/src/domain/wallet.ts': `import '@encore/contracts'; import 'node:assert';`,
  'services/wallet/src/use-cases/debit-wallet.ts': `import '../domain/wallet.js'; import '@encore/messaging';`,
  'services/wallet/src/use-cases/debit-wallet.int-spec.ts': `import '@encore/testing';`,
  'services/wallet/src/wallet.module.ts': `import './use-cases/debit-wallet.js';`,
  'services/payment/src/main.ts': `import '@encore/service-kit';`,
  'services/queue/src/domain/planted-returning.ts': `import './planted-cycle.js';`,
  'libs/contracts/src/index.ts': `import 'zod';`,
  'packages/client/src/index.ts': `import './client.js';`,
  'packages/client/src/client.ts': ``,
  'libs/database/src/index.ts': `import '@encore/contracts'; import 'pg'; import 'knex';`,
  'libs/messaging/src/index.ts': `import '@encore/database'; import 'amqplib';`,
  'libs/saga/src/index.ts': `import '@encore/messaging';`,
  'libs/service-kit/src/index.ts': `import '@encore/messaging';`,
  'libs/testing/src/index.ts': `import '@encore/service-kit';`,
};

interface Report {
  summary: { violations: { from: string; rule: { name: string } }[] };
}

/** The checker exits with the number of violations; its report is on stdout either way. */
function check(directory: string): Promise<Report> {
  const checker = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [checker, '--config', config, '--output-type', 'json', 'libs', 'packages', 'services'],
      { cwd: directory, maxBuffer: 64 * 1024 * 1024, env: { PATH: process.env['PATH'] } },
      (error, stdout, stderr) => {
        if (stdout === '') {
          reject(new Error(`the checker said nothing: ${stderr}`, { cause: error }));
        } else {
          resolve(JSON.parse(stdout) as Report);
        }
      },
    );
  });
}

// The imports are planted in a small tree of their own, laid out like this one: a run that dies
// half-way leaves nothing behind that could break a build.
describe('the boundary checker', () => {
  let directory: string;
  let caught: Map<string, Set<string>>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'encore-boundaries-'));
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    for (const config of ['tsconfig.base.json', 'tsconfig.check.json', 'package.json']) {
      await cp(join(root, config), join(directory, config));
    }
    const planted = Object.values(FORBIDDEN).map(({ file, source }) => [file, source] as const);
    for (const [file, source] of [...Object.entries(ALLOWED), ...planted]) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), `${source}\nexport {};\n`);
    }
    const report = await check(directory);
    caught = new Map();
    for (const { from, rule } of report.summary.violations) {
      caught.set(from, (caught.get(from) ?? new Set()).add(rule.name));
    }
  }, 60_000);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it.each(Object.entries(FORBIDDEN))('catches a violation of %s', (rule, { file }) => {
    expect([...(caught.get(file) ?? [])]).toContain(rule);
  });

  it('lets the allowed imports pass', () => {
    const other = new Set(Object.values(FORBIDDEN).map(({ file }) => file));
    other.add('services/queue/src/domain/planted-returning.ts');
    expect([...caught.keys()].filter((file) => !other.has(file))).toEqual([]);
  });
});
