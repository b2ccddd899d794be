import type { ServiceName } from '@encore/contracts';
import { applyDecorators, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { Dialect } from './dialects/dialect.js';
import type { ErrorTexts } from './dialects/errors.js';
import type { RefusalCode } from './refusal-statuses.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** Who may call: anybody, whoever has a token, or whoever has a token with that role. */
export type Access = 'anyone' | 'identified' | 'organiser' | 'operator';

type Fields = z.ZodObject<z.ZodRawShape>;
type Nothing = z.ZodObject<Record<string, never>>;

export interface Answer {
  readonly status: 200 | 201 | 202;
  readonly description: string;
  readonly body: z.ZodType;
}

/** A request and its answer as a published document shows them. */
export interface Example {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly answer?: unknown;
}

/** What only the published documents need. */
interface Published {
  /** Those it belongs to: they decide where a credential is found and what an error looks like. */
  readonly dialects?: readonly Dialect[];
  readonly example?: Example;
  /** What an error is called here, where that differs from the dialect's usual words. */
  readonly errors?: ErrorTexts;
  /** True when a `token` field of the query or the body is a credential, as a header is. */
  readonly tokenField?: boolean;
  /** True when it gives a token: then one that has ended may come along, and is ignored. */
  readonly givesToken?: boolean;
  /** True when the token of an entry that has ended is good enough: to read that it has. */
  readonly allowsEnded?: boolean;
  /** True when the fields of the query may come as a JSON body too. */
  readonly queryInBody?: boolean;
  /** True when the body is one JSON number, also as `text/plain`. */
  readonly bareNumber?: boolean;
}

/**
 * Everything there is to say about one call of the API, said once: the router, the validation, the
 * identity guard and the OpenAPI document all read it here.
 */
export interface Endpoint<
  Params extends Fields = Fields,
  Query extends Fields = Fields,
  Body extends z.ZodType = z.ZodType,
  Headers extends Fields = Fields,
> extends Published {
  readonly method: Method;
  /** With `:name` for each parameter. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  /** True when it needs an active entry of the waiting room. */
  readonly gated?: boolean;
  /** True when the answer carries an ETag and may be a 304. */
  readonly conditional?: boolean;
  readonly params?: Params;
  readonly query?: Query;
  /** By lower-case name; other headers are nobody's business. */
  readonly headers?: Headers;
  readonly body?: Body;
  /** Only while the gateway gives tokens to whoever asks. */
  readonly openModeOnly?: boolean;
  /** Who may call when a provider vouches for people; as `access` if absent. */
  readonly accessInOidcMode?: Access;
  readonly answers: readonly Answer[];
  /** The service that answers only when the whole is done: when that one is full, 503 at once. */
  readonly waitsFor?: ServiceName;
  /** What the services behind it may refuse. */
  readonly refusals: readonly RefusalCode[];
}

/** Keeps the exact types of the schemas, so that a handler's input is typed by them. */
export function endpoint<
  Params extends Fields = Nothing,
  Query extends Fields = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
  Headers extends Fields = Nothing,
>(definition: Endpoint<Params, Query, Body, Headers>): Endpoint<Params, Query, Body, Headers> {
  return Object.freeze(definition);
}

export const ENDPOINT = 'encore:endpoint';

/** Routes the calls of an endpoint to the method below it. */
export function Serves(definition: Endpoint): MethodDecorator {
  return applyDecorators(
    RequestMapping({ method: RequestMethod[definition.method], path: definition.path }),
    SetMetadata(ENDPOINT, definition),
  );
}

type ControllerClass = new (...parameters: never[]) => object;

/** The endpoints a list of controllers serves, in the order they are declared. */
export function endpointsOf(controllers: readonly ControllerClass[]): Endpoint[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, unknown>;
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const member = prototype[name];
      if (typeof member !== 'function') return [];
      const definition = Reflect.getMetadata(ENDPOINT, member) as Endpoint | undefined;
      return definition === undefined ? [] : [definition];
    });
  });
}
