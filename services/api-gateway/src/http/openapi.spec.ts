import { describe, expect, it } from '@jest/globals';
import { endpointsOf } from './endpoint.js';
import { openApiDocument } from './openapi.js';
import { CONTROLLERS } from './controllers.js';

interface Operation {
  operationId: string;
  security?: object[];
  parameters: { name: string; in: string; required: boolean; schema: { type?: string } }[];
  requestBody?: object;
  responses: Record<string, { description: string; content?: object }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { type: string; properties: object }> };
}

const endpoints = endpointsOf(CONTROLLERS);
// A document is JSON: what does not survive that is not in it.
const text = JSON.stringify(openApiDocument(endpoints, '1.2.3'));
const document = JSON.parse(text) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('the OpenAPI document', () => {
  it('is version 3.1', () => expect(document.openapi).toBe('3.1.0'));

  it('describes each endpoint once, and nothing else', () => {
    const served = endpoints.map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(described.sort()).toEqual(served.sort());
    expect(new Set(served).size).toBe(served.length);
    expect(served.length).toBeGreaterThan(30);
  });

  it('gives each operation a name of its own', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('describes every parameter of a path', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = operation.parameters.filter((one) => one.in === 'path');
      expect(described.map(({ name }) => name)).toEqual(inPath);
      expect(described.every(({ required }) => required)).toBe(true);
    }
  });

  it('refers only to what is in it', () => {
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of new Set(references)) {
      const name = reference?.replace('#/components/schemas/', '') ?? '';
      expect(document.components.schemas).toHaveProperty(name);
    }
    expect(text).not.toContain('$defs');
  });

  it('describes ids in URLs as the integers they are', () => {
    const operation = document.paths['/v1/concerts/{concertId}']?.['get'];
    expect(operation?.parameters[0]?.schema).toEqual({ type: 'integer', minimum: 1 });
  });

  it('says that every change takes an idempotency key, and no read does', () => {
    for (const { method, operation } of operations) {
      const takesKey = operation.parameters.some(({ name }) => name === 'Idempotency-Key');
      expect(takesKey).toBe(method !== 'get');
    }
  });

  it('says which calls need a token, which a role, and which an active entry', () => {
    const problemsOf = (path: string, method: string) =>
      Object.values(document.paths[path]?.[method]?.responses ?? {})
        .map(({ description }) => description)
        .join();
    expect(document.paths['/v1/concerts']?.['get']?.security).toBeUndefined();
    expect(document.paths['/v1/wallet']?.['get']?.security).toEqual([{ token: [] }]);
    expect(problemsOf('/v1/ops/queues', 'get')).toContain('ROLE_REQUIRED');
    expect(problemsOf('/v1/reservations', 'post')).toContain('ENTRY_WAITING');
    expect(problemsOf('/v1/reservations', 'post')).toContain('RESERVATION_SEATS_TAKEN');
    expect(problemsOf('/v1/reservations/{reservationId}', 'delete')).not.toContain('ENTRY_WAITING');
  });

  it('describes the bodies that are taken with the fields they have', () => {
    const body = document.paths['/v1/reservations']?.['post']?.requestBody;
    expect(JSON.stringify(body)).toContain('"additionalProperties":false');
    expect(JSON.stringify(body)).toContain('bestAvailable');
  });
});
