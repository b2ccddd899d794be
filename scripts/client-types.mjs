// Writes the types of packages/client from the gateway's OpenAPI document, or with --check says
// whether they are current. The document comes from the built gateway, without servers.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import typescript from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = 'packages/client/src/gateway-api.ts';
const gateway = join(root, 'services/api-gateway/dist/http');

/** @param {string} file @returns {Promise<any>} */
const fromGateway = (file) => import(pathToFileURL(join(gateway, file)).href);

const HEADER = `// The shapes of /v1, written from the gateway's OpenAPI document by
// \`node scripts/client-types.mjs\`; do not edit.

`;

/**
 * What is answered when all goes well; what can go wrong looks the same everywhere, so it is said
 * once, as the list of all codes.
 * @param {any} document
 */
function condensed(document) {
  const codes = new Set();
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const problem = response.content?.['application/problem+json'];
      for (const { properties } of problem?.schema.allOf ?? []) {
        for (const code of properties?.code.enum ?? []) codes.add(code);
      }
      delete response.headers;
      if (!/^2/.test(status)) delete operation.responses[status];
    }
  }
  const { schemas } = document.components;
  const used = namesIn(document.paths, schemas).add('Problem');
  document.components.schemas = {
    ...Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name))),
    ProblemCode: { type: 'string', enum: [...codes].sort() },
  };
  return document;
}

/**
 * The schemas a part of the document refers to, directly or through others.
 * @param {unknown} part @param {Record<string, unknown>} schemas @param {Set<string>} [found]
 */
function namesIn(part, schemas, found = new Set()) {
  for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (found.has(name)) continue;
    found.add(name);
    namesIn(schemas[name], schemas, found);
  }
  return found;
}

async function render() {
  const [{ openApiDocument }, { endpointsOf }, { V1_CONTROLLERS }] = await Promise.all(
    ['openapi.js', 'endpoint.js', 'v1/controllers.js'].map(fromGateway),
  );
  // The client speaks /v1 alone: a change of an older API is none of its own.
  const document = openApiDocument(endpointsOf(V1_CONTROLLERS), 'v1');
  const types = await openapiTS(condensed(JSON.parse(JSON.stringify(document))), {
    alphabetize: true,
    // A field with a default may be left out of what is sent.
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    silent: true,
  });
  return HEADER + astToString(types.filter((node) => !isEmptyType(node)));
}

/**
 * `webhooks` and `$defs` are always written, and always empty here.
 * @param {import('typescript').Node} node
 */
function isEmptyType(node) {
  return typescript.isTypeAliasDeclaration(node);
}

const text = await render();
if (process.argv.includes('--check')) {
  if (readFileSync(join(root, target), 'utf8') !== text) {
    console.error(`${target} is not what the gateway says: node scripts/client-types.mjs`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(join(root, target), text);
}
