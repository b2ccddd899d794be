import { z } from 'zod';

/** The services that own a database and answer messages, in the order a purchase meets them. */
export const SERVICES = ['queue', 'concert', 'reservation', 'wallet', 'payment'] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * How a message travels.
 * - `command`: durable, confirmed, answered into the sender's replies queue; sent by sagas.
 * - `request`: changes something while a client waits; not durable, dropped past its deadline,
 *   safe to repeat under the same message id.
 * - `query`: reads only; carried like a request, never deduplicated.
 * - `event`: a durable fact nobody asked for; no reply.
 */
export type MessageKind = 'command' | 'request' | 'query' | 'event';

/** What somebody may be besides a user: identities carry these, and messages ask for them. */
export const ACTOR_ROLES = ['organiser', 'operator'] as const;
export type ActorRole = (typeof ACTOR_ROLES)[number];

/**
 * Whose word a request or query has to be. The service checks it before its handler hears of the
 * message, by an identity it verifies itself: nobody between the person and the row is believed.
 * - `owner`: of the user its payload names as `userId`. What every payload with a `userId` needs
 *   unless it says otherwise.
 * - `owner-or-guest`: likewise; where `userId` is null it is about nobody yet, and for anybody.
 * - `organiser`, `operator`: of somebody with that role.
 * - `identified`: of anybody whose identity is verified.
 * - `anyone`: it shows nothing that is anybody's, or its payload is the proof itself.
 * - `service`: a service's own word, as commands and events are; nothing offers it to people.
 */
export type AskActor = 'owner' | 'owner-or-guest' | ActorRole | 'identified' | 'anyone' | 'service';

/** Facts of a refusal that help the client, such as the seats that were taken. JSON values only. */
export type RefusalDetail = Readonly<Record<string, unknown>>;

export interface Contract<
  Kind extends MessageKind = MessageKind,
  Payload extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Refusal extends string = string,
> {
  readonly kind: Kind;
  /** The service that handles the message; for events, the one that announces it. */
  readonly service: ServiceName;
  /** Verb-noun for commands, requests and queries; noun-past for events. */
  readonly name: string;
  /** `<service>.<kebab-name>`, with `-v<n>` from version 2 on. */
  readonly wireName: string;
  readonly version: number;
  /** One sentence for docs/messages.md: what it does and what makes it safe to repeat. */
  readonly summary: string;
  readonly payload: Payload;
  readonly reply: Reply;
  readonly refusals: readonly Refusal[];
  readonly actor: AskActor;
}

export type AnyContract = Contract;
export type EventContract = Contract<'event'>;
/** Everything that is answered. */
export type AskableContract = Contract<'command' | 'request' | 'query'>;

export type PayloadOf<C extends AnyContract> = z.output<C['payload']>;
export type ReplyOf<C extends AnyContract> = z.output<C['reply']>;
export type RefusalOf<C extends AnyContract> = C['refusals'][number];

export interface Accepted<Value> {
  readonly ok: true;
  readonly value: Value;
}
export interface Refused<Refusal extends string = string> {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly detail?: RefusalDetail;
}
/** What a handler decides about one message: yes with a value, or no with a code it declared. */
export type Outcome<C extends AnyContract> = Accepted<ReplyOf<C>> | Refused<RefusalOf<C>>;

export function accepted<Value>(value: Value): Accepted<Value> {
  return { ok: true, value };
}

export function refused<Refusal extends string>(
  refusal: Refusal,
  detail?: RefusalDetail,
): Refused<Refusal> {
  return detail === undefined ? { ok: false, refusal } : { ok: false, refusal, detail };
}

interface Definition<
  Payload extends z.ZodType,
  Reply extends z.ZodType,
  Refusals extends readonly string[],
> {
  summary: string;
  version?: number;
  payload: Payload;
  reply: Reply;
  refusals: Refusals;
}

interface AskDefinition<
  Payload extends z.ZodType,
  Reply extends z.ZodType,
  Refusals extends readonly string[],
> extends Definition<Payload, Reply, Refusals> {
  /** `owner` when absent; a payload without a `userId` has to say it. */
  actor?: AskActor;
}

/** `DebitWallet` of `wallet` is `wallet.debit-wallet`, its version 2 `wallet.debit-wallet-v2`. */
export function wireNameOf(service: string, name: string, version: number): string {
  const kebab = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
  return `${service}.${kebab}${version > 1 ? `-v${version}` : ''}`;
}

function definer<Kind extends 'request' | 'query'>(kind: Kind) {
  return <
    Payload extends z.ZodType,
    Reply extends z.ZodType,
    const Refusals extends readonly string[],
  >(
    service: ServiceName,
    name: string,
    definition: AskDefinition<Payload, Reply, Refusals>,
  ): Contract<Kind, Payload, Reply, Refusals[number]> => {
    return Object.freeze({
      kind,
      ...named(service, name, definition.version),
      summary: definition.summary,
      payload: definition.payload,
      reply: definition.reply,
      refusals: definition.refusals,
      actor: actorOf(name, definition),
    });
  };
}

export const request = definer('request');
export const query = definer('query');

export function command<
  Payload extends z.ZodType,
  Reply extends z.ZodType,
  const Refusals extends readonly string[],
>(
  service: ServiceName,
  name: string,
  definition: Definition<Payload, Reply, Refusals>,
): Contract<'command', Payload, Reply, Refusals[number]> {
  return Object.freeze({
    kind: 'command' as const,
    ...named(service, name, definition.version),
    summary: definition.summary,
    payload: definition.payload,
    reply: definition.reply,
    refusals: definition.refusals,
    actor: 'service' as const,
  });
}

function named(service: ServiceName, name: string, version = 1) {
  return { service, name, wireName: wireNameOf(service, name, version), version };
}

/** Forgetting to say whose word is needed never means that anybody's will do. */
function actorOf(
  name: string,
  { actor, payload }: { actor?: AskActor; payload: z.ZodType },
): AskActor {
  const namesUser = payload instanceof z.ZodObject && 'userId' in payload.shape;
  if (actor === undefined && !namesUser) throw new TypeError(`${name}: whose word does it need?`);
  if (actor?.startsWith('owner') === true && !namesUser) {
    throw new TypeError(`${name} has an owner, but its payload has no userId`);
  }
  return actor ?? 'owner';
}

export function event<Payload extends z.ZodType>(
  service: ServiceName,
  name: string,
  definition: { summary: string; version?: number; payload: Payload },
): Contract<'event', Payload, z.ZodNever, never> {
  return Object.freeze({
    kind: 'event' as const,
    ...named(service, name, definition.version),
    summary: definition.summary,
    payload: definition.payload,
    reply: NO_REPLY,
    refusals: [],
    actor: 'service' as const,
  });
}

const NO_REPLY = z.never();
