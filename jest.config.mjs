/**
 * Three kinds of test, told apart by their file name:
 *   unit  `*.spec.ts`      pure: no server, no clock, no network
 *   int   `*.int-spec.ts`  one package on a real PostgreSQL and RabbitMQ
 *   e2e   `*.e2e-spec.ts`  the whole system
 *
 * Everything is ESM, because Nest 12 is. `@encore/<lib>` is read from its sources, so a test
 * never runs against a stale build.
 */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          // Nest injects by the parameter types the compiler records.
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  resolver: '<rootDir>/jest.resolver.cjs',
  moduleNameMapper: {
    '^@encore/client$': '<rootDir>/packages/client/src/index.ts',
    '^@encore/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/\\.encore/'],
  modulePathIgnorePatterns: [
    '<rootDir>/(libs|packages|services)/[^/]+/dist/',
    '<rootDir>/\\.encore/',
  ],
  injectGlobals: false,
};

export default {
  maxWorkers: 2,
  // Jest heeds this for all projects at once and not for one: e2e/patience.mjs gives more.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{libs,packages,services}/*/src/**/*.spec.ts',
        '<rootDir>/scripts/**/*.spec.ts',
      ],
    },
    {
      ...shared,
      displayName: 'int',
      testMatch: ['<rootDir>/{libs,packages,services}/*/src/**/*.int-spec.ts'],
    },
    {
      ...shared,
      displayName: 'e2e',
      // The system under test is the built one, and so are the libs that start and fill it.
      modulePathIgnorePatterns: ['<rootDir>/\\.encore/'],
      testMatch: ['<rootDir>/e2e/**/*.e2e-spec.ts'],
      setupFilesAfterEnv: ['<rootDir>/e2e/patience.mjs'],
    },
  ],
};
