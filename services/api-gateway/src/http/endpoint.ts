import { applyDecorators, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
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

/**
 * Everything there is to say about one call of the API, said once: the router, the validation, the
 * identity guard and the OpenAPI document all read it here.
 */
export interface Endpoint<
  Params extends Fields = Fields,
  Query extends Fields = Fields,
  Body extends z.ZodType = z.ZodType,
> {
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
  readonly body?: Body;
  readonly answers: readonly Answer[];
  /** What the services behind it may refuse. */
  readonly refusals: readonly RefusalCode[];
}

/** Keeps the exact types of the schemas, so that a handler's input is typed by them. */
export function endpoint<
  Params extends Fields = Nothing,
  Query extends Fields = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(definition: Endpoint<Params, Query, Body>): Endpoint<Params, Query, Body> {
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
