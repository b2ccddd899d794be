import {
  concertView,
  entryView,
  paymentView,
  refundView,
  reservationView,
  roomPolicy,
  roomView,
  sagaLogEntry,
  sagaView,
  scheduleView,
  seatView,
  walletEntry,
  walletView,
} from '@encore/contracts';
import { z } from 'zod';
import type { Answer, Endpoint } from './endpoint.js';
import {
  DIALECT_ERROR_SCHEMAS,
  PROBLEM_SCHEMA,
  problemsOf,
  type Json,
} from './openapi-problems.js';

/** Shapes that occur in many places get a name of their own in the document. */
const NAMED = z.registry<{ id: string }>();
NAMED.add(concertView, { id: 'Concert' });
NAMED.add(scheduleView, { id: 'Schedule' });
NAMED.add(seatView, { id: 'Seat' });
NAMED.add(entryView, { id: 'WaitingRoomEntry' });
NAMED.add(roomView, { id: 'WaitingRoom' });
NAMED.add(roomPolicy, { id: 'WaitingRoomPolicy' });
NAMED.add(reservationView, { id: 'Reservation' });
NAMED.add(walletView, { id: 'Wallet' });
NAMED.add(walletEntry, { id: 'WalletEntry' });
NAMED.add(paymentView, { id: 'Payment' });
NAMED.add(sagaLogEntry, { id: 'SagaLogEntry' });
NAMED.add(refundView, { id: 'Refund' });
NAMED.add(sagaView, { id: 'Saga' });

const DESCRIPTION =
  'Concert seats when far more people want them than there are: a fair waiting room, holds, a wallet, ' +
  'payments that are wholly done or wholly undone, refunds. Every error is an RFC 9457 problem with a ' +
  'stable `code`. Every change takes an `Idempotency-Key`: the same key and body get the same answer ' +
  'again, with `Idempotent-Replayed: true`, for 24 hours.';

/** The OpenAPI 3.1 document of exactly the endpoints given. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): Json {
  const components: Json = { Problem: PROBLEM_SCHEMA, ...DIALECT_ERROR_SCHEMAS };
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:([A-Za-z]+)/g, '{$1}');
    const operation = operationOf(endpoint, components);
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Encore', version, description: DESCRIPTION },
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.flatMap(tagsOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        tokenInAuthorization: { type: 'apiKey', in: 'header', name: 'Authorization' },
        tokenHeader: { type: 'apiKey', in: 'header', name: 'Token' },
      },
    },
  };
}

/** A route that several published documents share is found under each of them. */
function tagsOf(endpoint: Endpoint): readonly string[] {
  return endpoint.dialects ?? [endpoint.tag];
}

function operationOf(endpoint: Endpoint, components: Json): Json {
  return {
    operationId: operationIdOf(endpoint),
    tags: tagsOf(endpoint),
    summary: endpoint.summary,
    ...securityOf(endpoint),
    parameters: [
      ...parametersOf(endpoint, 'path', components),
      ...parametersOf(endpoint, 'query', components),
      ...parametersOf(endpoint, 'header', components),
      ...(endpoint.method === 'GET' ? [] : [IDEMPOTENCY_KEY]),
    ],
    ...requestBodyOf(endpoint, components),
    responses: {
      ...Object.fromEntries(
        endpoint.answers.map((answer) => [answer.status, answerOf(answer, endpoint, components)]),
      ),
      ...(endpoint.conditional === true ? { 304: { description: 'Unchanged.' } } : {}),
      ...problemsOf(endpoint),
    },
  };
}

/** The clients of published documents put their token where their document says. */
function securityOf({ access, dialects }: Endpoint): Json {
  if (dialects === undefined) return access === 'anyone' ? {} : { security: [{ token: [] }] };
  const anyHeader = [{ token: [] }, { tokenInAuthorization: [] }, { tokenHeader: [] }];
  return { security: access === 'anyone' ? [{}, ...anyHeader] : anyHeader };
}

function requestBodyOf(endpoint: Endpoint, components: Json): Json {
  const { body, query, queryInBody, bareNumber, example } = endpoint;
  const described = body ?? (queryInBody === true ? query : undefined);
  if (described === undefined) return {};
  const content = {
    schema: schemaOf(described, 'input', components),
    ...(example?.body === undefined ? {} : { example: example.body }),
  };
  return {
    requestBody: {
      required: body?.safeParse(undefined).success === false,
      ...(queryInBody === true ? { description: 'Instead of the query parameters.' } : {}),
      content: {
        'application/json': content,
        ...(bareNumber === true ? { 'text/plain': content } : {}),
      },
    },
  };
}

function operationIdOf({ method, path, dialects }: Endpoint): string {
  const words = path
    .replace('/v1/', '')
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== '');
  const capitalised = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const name = method.toLowerCase() + capitalised.join('');
  if (dialects === undefined) return name;
  const dialect = (dialects[0] ?? '').replace(/-(\w)/g, (_dash, letter: string) =>
    letter.toUpperCase(),
  );
  return dialect + name.charAt(0).toUpperCase() + name.slice(1);
}

const text = { type: 'string' };
const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes it safe to send the request again. Visible ASCII, unique per intent.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]{1,255}$' },
};

const PARTS = { path: 'params', query: 'query', header: 'headers' } as const;

function parametersOf(
  endpoint: Endpoint,
  where: 'path' | 'query' | 'header',
  components: Json,
): Json[] {
  const schema = endpoint[PARTS[where]];
  const examples: Readonly<Record<string, unknown>> = endpoint.example?.[PARTS[where]] ?? {};
  // What may come in the body instead cannot be required here.
  const mayBeElsewhere = where === 'query' && endpoint.queryInBody === true;
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...rest } = schemaOf(field as z.ZodType, 'input', components);
    return {
      name,
      in: where,
      required:
        !mayBeElsewhere && (where === 'path' || !(field as z.ZodType).safeParse(undefined).success),
      ...(description === undefined ? {} : { description }),
      schema: rest,
      ...(Object.hasOwn(examples, name) ? { example: examples[name] } : {}),
    };
  });
}

function answerOf(answer: Answer, endpoint: Endpoint, components: Json): Json {
  const headers: Json = { 'Request-Id': { schema: text } };
  if (endpoint.conditional === true) headers['ETag'] = { schema: text };
  if (answer.status !== 200) headers['Location'] = { schema: text };
  if (endpoint.method !== 'GET') headers['Idempotent-Replayed'] = { schema: { const: 'true' } };
  const example = endpoint.example?.answer;
  return {
    description: answer.description,
    headers,
    content: {
      'application/json': {
        schema: schemaOf(answer.body, 'output', components),
        ...(example === undefined ? {} : { example }),
      },
    },
  };
}

/** A schema as the document shows it; named shapes move to the components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $defs, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    metadata: NAMED,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const said = z.globalRegistry.get(zodSchema);
      if (said === undefined) return;
      // What arrives as text in a URL is described as what it means.
      if (said['type'] !== undefined && said['type'] !== 'string') {
        for (const name of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, name);
      }
      Object.assign(jsonSchema, said);
    },
  });
  for (const [name, definition] of Object.entries($defs ?? {})) {
    const shape = relink(definition) as Json;
    Reflect.deleteProperty(shape, 'id');
    components[name] = shape;
  }
  Reflect.deleteProperty(rest, '$schema');
  return relink(rest) as Json;
}

function relink(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relink);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      name === '$ref' && typeof item === 'string'
        ? item.replace('#/$defs/', '#/components/schemas/')
        : relink(item),
    ]),
  );
}
