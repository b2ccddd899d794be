import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** One answer as it came over the wire, and what it answers. */
export interface Seen {
  readonly method: string;
  /** As it was sent, with or without a query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Json;
  readonly example?: unknown;
}
type Json = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema: Json; readonly example?: unknown }>>;

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

interface Place {
  readonly template: string;
  readonly pattern: RegExp;
}

/** The gateway's own pages, which are no part of the API. */
const PAGES = /^\/(?:healthz|readyz|openapi\.json|docs(?:\/.*)?)\/?$/i;
/** What a path or method that is not served is answered with. */
const NOT_SERVED = new Set([400, 404, 405, 408, 413, 414, 415, 429, 431]);
const ROOT = 'served';
const JSON_TYPE = /^(application\/(?:problem\+)?json)(?:; charset=utf-8)?$/;

/** The served OpenAPI document as a judge: every answer is one it describes, or a fault. */
export class Description {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  private readonly places: readonly Place[];
  private readonly checks = new Map<string, ValidateFunction>();

  constructor(readonly document: OpenApi) {
    addFormats.default(this.ajv);
    this.ajv.addSchema(document, ROOT);
    // What is written out comes before what is a parameter, as in the gateway's router.
    this.places = Object.keys(document.paths)
      .sort((one, other) => parametersIn(one) - parametersIn(other))
      .map((template) => ({ template, pattern: patternOf(template) }));
  }

  /** What is wrong with an answer; undefined when the document describes it. */
  faultOf(seen: Seen): string | undefined {
    const path = pathOf(seen.path);
    if (PAGES.test(path)) return undefined;
    const [template, method, operation] = this.operationAt(seen.method, path);
    if (operation === undefined) return this.faultOfNotServed(seen);
    const response = operation.responses[seen.status];
    if (response === undefined) return 'the status is not described';
    const types = Object.keys(response.content ?? {});
    if (types.length === 0 || seen.method === 'HEAD') {
      return seen.text === '' ? undefined : 'a body came where none is described';
    }
    const [, type = 'nothing'] = JSON_TYPE.exec(seen.contentType ?? '') ?? [];
    if (!types.includes(type)) return `${seen.contentType ?? 'nothing'} is not ${types.join()}`;
    const pointer = ['paths', template, method, 'responses', seen.status, 'content', type];
    return this.faultOfBody([...pointer, 'schema'], seen.text);
  }

  private operationAt(
    sent: string,
    path: string,
  ): readonly [template: string, method: string, operation: Operation | undefined] {
    const method = (sent === 'HEAD' ? 'GET' : sent).toLowerCase();
    for (const { template, pattern } of this.places) {
      const operation = this.document.paths[template]?.[method];
      if (operation !== undefined && pattern.test(path)) return [template, method, operation];
    }
    return ['', method, undefined];
  }

  private faultOfNotServed({ method, status, contentType, text }: Seen): string | undefined {
    if (!NOT_SERVED.has(status)) return 'nothing is served there, and yet it was answered so';
    const [, type] = JSON_TYPE.exec(contentType ?? '') ?? [];
    if (type === undefined) return `${contentType ?? 'nothing'} is no problem document`;
    if (method === 'HEAD') return undefined;
    // With a wrong method, the path decides what an error looks like.
    const names = type === 'application/json' ? ['ErrorWithText', 'ErrorWithCode'] : ['Problem'];
    const faults = names.map((name) => this.faultOfBody(['components', 'schemas', name], text));
    return faults.includes(undefined) ? undefined : faults.join('; ');
  }

  private faultOfBody(pointer: readonly (string | number)[], text: string): string | undefined {
    const reference = pointer
      .map((part) => encodeURIComponent(String(part).replace(/~/g, '~0').replace(/\//g, '~1')))
      .join('/');
    const check = this.checks.get(reference) ?? this.ajv.compile({ $ref: `${ROOT}#/${reference}` });
    this.checks.set(reference, check);
    try {
      if (check(JSON.parse(text))) return undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return 'the body is not JSON';
      throw error;
    }
    return this.ajv.errorsText(check.errors, { dataVar: 'body' });
  }
}

function pathOf(sent: string): string {
  const [path = ''] = sent.split('?');
  return path;
}

function parametersIn(template: string): number {
  return template.split('{').length;
}

function patternOf(template: string): RegExp {
  const source = template
    .split(/\{\w+\}/)
    .map((part) => part.replace(/[.\\]/g, '\\$&'))
    .join('[^/]+');
  return new RegExp(`^${source}/?$`, 'i');
}

let known: Description | undefined;

/** The gateway's document; every gateway of one build serves the same, so it is read once. */
export async function descriptionOf(gateway: string): Promise<Description> {
  known ??= new Description((await (await fetch(`${gateway}/openapi.json`)).json()) as OpenApi);
  return known;
}

/** Throws unless the served document describes the answer: part of every call of the tests. */
export async function requireDescribed(gateway: string, seen: Seen): Promise<void> {
  const fault = (await descriptionOf(gateway)).faultOf(seen);
  if (fault === undefined) return;
  const { method, path, status, text } = seen;
  throw new Error(`${method} ${path} → ${status}: ${fault}\n${text.slice(0, 2_000)}`);
}

/** `fetch` for tests: an answer the served document does not describe fails the test. */
export async function describedFetch(
  input: Parameters<typeof fetch>[0],
  init?: Parameters<typeof fetch>[1],
): Promise<Response> {
  const response = await fetch(input, init);
  const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
  await requireDescribed(origin, {
    method: init?.method ?? (input instanceof Request ? input.method : 'GET'),
    path: pathname,
    status: response.status,
    contentType: response.headers.get('content-type') ?? undefined,
    text: await response.clone().text(),
  });
  return response;
}
