import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEncoreClient, EncoreProblem } from '@encore/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootWholeSystem, SEAT_PRICE_KRW, type WholeSystem } from './support/whole-system.js';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const COMPILER = join(root, 'node_modules/typescript/bin/tsc');

/** The booking that the client's README shows. */
async function bookingOfTheReadme(): Promise<string> {
  const readme = await readFile(join(root, 'packages/client/README.md'), 'utf8');
  const [, script] = /```ts booking\n([^]*?)```/.exec(readme) ?? [];
  if (script === undefined) throw new Error('the README of the client shows no booking');
  return script;
}

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2022', 'DOM'],
    module: 'NodeNext',
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
  },
  files: ['booking.ts'],
};

describe('The packed client, in a project that knows nothing of this one', () => {
  let whole: WholeSystem;
  let project: string;

  beforeAll(async () => {
    whole = await bootWholeSystem();
    // Outside of the workspace on purpose: nothing of it must be found by looking upwards.
    project = await mkdtemp(join(tmpdir(), 'encore-client-'));
    const packed = await run(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', project],
      { cwd: join(root, 'packages/client') },
    );
    const [tarball] = Object.values(JSON.parse(packed.stdout) as Record<string, unknown>) as {
      filename: string;
    }[];
    const manifest = { name: 'scratch', private: true, type: 'module' };
    await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    await run(
      'npm',
      ['install', '--offline', '--no-audit', '--no-fund', `./${tarball?.filename ?? ''}`],
      { cwd: project },
    );
  });
  afterAll(async () => {
    await whole.end();
    await rm(project, { recursive: true, force: true });
  });

  it('compiles a booking of at most 20 lines under strict TypeScript and books a seat', async () => {
    const script = await bookingOfTheReadme();
    expect(script.trim().split('\n').length).toBeLessThanOrEqual(20);
    await writeFile(join(project, 'booking.ts'), script);
    await run(process.execPath, [COMPILER], { cwd: project });
    const booked = await run(process.execPath, ['booking.js', whole.gateway], { cwd: project });
    expect(booked.stdout).toMatch(/^COMPLETED: seat \d+ for 10000 KRW\n$/);
    const sold = await whole.books.number(
      'reservation',
      `select count(*) as value from reservations where state = 'CONFIRMED'`,
    );
    expect(sold).toBe(1);
    expect(await whole.books.violations()).toEqual([]);
  });

  it('does not compile a call the API does not have', async () => {
    const lines = [
      `import { createEncoreClient } from '@encore/client';`,
      `const encore = createEncoreClient({ baseUrl: '' });`,
      `void encore.reservations.hold({ scheduleId: '1', seatNumbers: [1] });`,
      `void encore.send('POST', '/v1/wallet');`,
      `void encore.send('POST', '/v1/payments', {});`,
      `void encore.wallet.read().then(({ balance }) => balance);`,
    ];
    await writeFile(join(project, 'wrong.ts'), lines.join('\n'));
    const tsconfig = { ...TSCONFIG, files: ['wrong.ts'] };
    await writeFile(join(project, 'wrong.json'), JSON.stringify(tsconfig));
    const said = await run(process.execPath, [COMPILER, '-p', 'wrong.json'], {
      cwd: project,
    }).catch((error: unknown) => error as { stdout: string });
    const faulty = [...said.stdout.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => line);
    expect([...new Set(faulty)]).toEqual(['3', '4', '5', '6']);
  });

  it('ships compiled code and types, and nothing else', async () => {
    const installed = join(project, 'node_modules/@encore/client');
    const names = (await readdir(installed, { recursive: true })).sort();
    const others = names.filter((name) => !/^dist\/[a-z-]+(\.d\.ts|\.js)$/.test(name));
    expect(others).toEqual(['README.md', 'dist', 'package.json']);
    const lock = await readFile(join(project, 'package-lock.json'), 'utf8');
    const { packages } = JSON.parse(lock) as { packages: Record<string, unknown> };
    expect(Object.keys(packages)).toEqual(['', 'node_modules/@encore/client']);
  });

  it('carries somebody through the whole of /v1, and says no as the gateway does', async () => {
    const nobody = createEncoreClient({ baseUrl: whole.gateway });
    const { userId } = await nobody.users.create();
    const { token } = await nobody.tokens.issue({ userId });
    const encore = nobody.withToken(token);
    const [concert] = (await encore.concerts.list({ limit: 1 })).items;
    const concertId = concert?.concertId ?? 0;
    expect((await encore.concerts.read(concertId)).name).toBe(concert?.name);
    const [schedule] = (await encore.concerts.schedules(concertId, { bookableOnly: true })).items;
    const scheduleId = schedule?.scheduleId ?? 0;
    const refused: unknown = await encore.schedules.seats(scheduleId).catch((no: unknown) => no);
    expect(refused).toBeInstanceOf(EncoreProblem);
    expect(refused).toMatchObject({ status: 403, code: 'ENTRY_REQUIRED' });
    expect((refused as EncoreProblem).requestId).not.toBe('');

    const entry = await encore.waitingRooms.waitUntilActive(schedule?.waitingRoomId ?? '');
    expect(entry).toMatchObject({ state: 'ACTIVE', userId });
    expect((await encore.schedules.seats(scheduleId)).seats).toHaveLength(50);
    await encore.wallet.charge(2 * SEAT_PRICE_KRW);
    const held = await encore.reservations.hold({ scheduleId, bestAvailable: 2 });
    const { reservationId } = held;
    expect((await encore.reservations.extend(reservationId)).extended).toBe(true);
    const paid = await encore.payments.pay({ reservationId, amountKrw: 2 * SEAT_PRICE_KRW });
    expect(paid.state).toBe('COMPLETED');
    expect((await encore.payments.read(paid.paymentId)).steps.length).toBeGreaterThan(0);
    expect((await encore.payments.list()).items).toHaveLength(1);

    expect((await encore.reservations.cancel(reservationId)).state).toBe('CANCELLED');
    const refund = await encore.refunds.request({ reservationId });
    expect(refund).toMatchObject({ state: 'COMPLETED', amountKrw: 2 * SEAT_PRICE_KRW });
    expect((await encore.refunds.read(refund.refundId)).state).toBe('COMPLETED');
    expect((await encore.wallet.read()).balanceKrw).toBe(2 * SEAT_PRICE_KRW);
    expect((await encore.wallet.entries()).items).toHaveLength(3);
    expect(await whole.books.violations()).toEqual([]);
  });
});
