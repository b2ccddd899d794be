import type { components, paths } from './gateway-api.js';

type Schemas = components['schemas'];

export type Concert = Schemas['Concert'];
export type Schedule = Schemas['Schedule'];
export type Seat = Schemas['Seat'];
export type Entry = Schemas['WaitingRoomEntry'];
export type Reservation = Schemas['Reservation'];
export type Wallet = Schemas['Wallet'];
export type WalletEntry = Schemas['WalletEntry'];
export type Payment = Schemas['Payment'];
export type Refund = Schemas['Refund'];
/** An RFC 9457 problem as the gateway writes it. */
export type ProblemDocument = Readonly<Schemas['Problem']>;
/** Every code this version of the API knows; a newer gateway may have more. */
export type ProblemCode = Schemas['ProblemCode'];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The paths that can be called with a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<Lowercase<M>, { responses: object }> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> =
  paths[P] extends Record<Lowercase<M>, infer Found> ? Found : never;

type PathInput<O> = O extends { parameters: { path: infer Path } } ? { path: Path } : object;
type QueryInput<O> = O extends { parameters: { query?: infer Query } }
  ? [Query] extends [undefined]
    ? object
    : { query?: Query }
  : object;
type BodyInput<O> = O extends { requestBody: { content: { 'application/json': infer Body } } }
  ? { body: Body }
  : object;

/** What a call takes besides its method and path. */
export type InputOf<M extends Method, P extends keyof paths> = PathInput<Operation<M, P>> &
  QueryInput<Operation<M, P>> &
  BodyInput<Operation<M, P>>;

type BodyOf<Answers> = {
  [Status in keyof Answers]: Answers[Status] extends {
    content: { 'application/json': infer Body };
  }
    ? Body
    : never;
}[keyof Answers];

/** What a call answers when all goes well. */
export type OutputOf<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { responses: infer Answers } ? BodyOf<Answers> : never;

/** The query of a list or a read. */
export type QueryOf<P extends PathOf<'GET'>> =
  InputOf<'GET', P> extends { query?: infer Query } ? Query : never;
