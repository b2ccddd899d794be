/**
 * Who may import whom. Every rule names what it protects; `scripts/boundaries.spec.ts` plants one
 * violation of each and sees it caught.
 *
 * Types count too: a type taken from another service couples the two as surely as a function.
 */

/** What each library may be built on, itself aside. */
const LIBRARIES = {
  contracts: [],
  database: ['contracts'],
  messaging: ['contracts', 'database'],
  saga: ['contracts', 'database', 'messaging'],
  'service-kit': ['contracts', 'database', 'messaging'],
  testing: ['contracts', 'database', 'messaging', 'saga', 'service-kit'],
};

/** Tests and what only tests use. */
const SPEC = '[.](spec|int-spec|e2e-spec|fixture)[.]ts$|^services/[^/]+/src/testing/';

/**
 * A package by its name, or its types, wherever npm put it.
 * @param {string} name
 */
const packagePath = (name) => `(^|(^|/)node_modules/(@types/)?)${name}(/|$)`;

/** The test library serves the tests of every library, also of those it is built on. */
const libraryOrder = Object.entries(LIBRARIES).map(([library, below]) => ({
  name: `library-order-${library}`,
  comment: `libs/${library} is built on [${below.join(', ')}] and nothing above.`,
  severity: 'error',
  from: { path: `^libs/${library}/`, pathNot: SPEC },
  to: { path: '^libs/', pathNot: [library, ...below].map((allowed) => `^libs/${allowed}/`) },
}));

/**
 * Tests may go past the libraries, to look at what they did or to break it.
 * @param {string} name
 * @param {string[]} packages
 * @param {string[]} places
 */
const onlyIn = (name, packages, places) => ({
  name,
  comment: `${packages.join(', ')} may be imported by ${places.join(', ')} only.`,
  severity: 'error',
  from: { pathNot: [...places.map((place) => `^${place}`), SPEC, '^scripts/', '^bench/', '^e2e/'] },
  to: { path: packages.map(packagePath) },
});

/** Inside a service, each layer and what it must not know: everything to its right. */
const domain = '^services/[^/]+/src/domain/';
const persistence = '^services/[^/]+/src/persistence/';
const useCases = '^services/[^/]+/src/(use-cases|sagas)/';
const module = '^services/[^/]+/src/[^/]+[.]module[.]ts$';
const main = '^services/[^/]+/src/(main|migrate)[.]ts$';

/**
 * @param {string} name
 * @param {string} from
 * @param {string[]} to
 */
const layer = (name, from, to) => ({
  name,
  comment: 'Inside a service: domain ← persistence ← use-cases, sagas ← module ← main.',
  severity: 'error',
  from: { path: from, pathNot: SPEC },
  to: { path: to },
});

export default {
  forbidden: [
    {
      name: 'service-to-service',
      comment: 'A service reaches another only by a message from libs/contracts.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'library-to-service',
      comment: 'A library serves every service and knows none.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^services/' },
    },
    {
      name: 'contracts-only-zod',
      comment: 'Contracts are shapes: they import nothing but zod.',
      severity: 'error',
      from: { path: '^libs/contracts/', pathNot: SPEC },
      to: { pathNot: ['^libs/contracts/', packagePath('zod')] },
    },
    {
      name: 'client-stands-alone',
      comment: 'The client runs where nothing of ours is, in browsers too: it imports only itself.',
      severity: 'error',
      from: { path: '^packages/client/', pathNot: SPEC },
      to: { pathNot: '^packages/client/' },
    },
    {
      name: 'client-is-for-clients',
      comment:
        'Inside, one talks by messages: the client is for who calls the gateway from outside.',
      severity: 'error',
      from: { path: '^(libs|services)/' },
      to: { path: '^packages/' },
    },
    ...libraryOrder,
    {
      name: 'domain-is-pure',
      comment: 'Decisions know the contracts and nothing else: no clock, database or broker.',
      severity: 'error',
      from: { path: domain, pathNot: SPEC },
      to: { pathNot: [domain, '^libs/contracts/'], dependencyTypesNot: ['core'] },
    },
    layer('persistence-below-use-cases', persistence, [useCases, module, main]),
    layer('use-cases-below-module', useCases, [module, main]),
    layer('module-below-main', module, [main]),
    {
      name: 'gateway-without-database',
      comment: 'The gateway owns nothing but caches.',
      severity: 'error',
      from: { path: '^services/api-gateway/' },
      to: { path: ['^libs/(database|saga)/', packagePath('(pg|knex)')] },
    },
    // The test library creates databases and breaks connections on purpose.
    onlyIn('database-drivers-in-database', ['pg', 'knex'], ['libs/database/', 'libs/testing/']),
    onlyIn(
      'broker-client-in-messaging',
      ['amqplib', 'amqp-connection-manager'],
      ['libs/messaging/', 'libs/testing/'],
    ),
    {
      name: 'test-library-in-tests',
      comment: 'What serves the tests is not shipped.',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: ['^libs/testing/', SPEC] },
      to: { path: ['^libs/testing/', SPEC] },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or a third is missing.',
      severity: 'error',
      from: { pathNot: SPEC },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
