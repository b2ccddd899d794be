import type { Forgery, Mode } from './forgeries.js';
import type { Persona } from './personas.js';
import type { Need, Row } from './rows.js';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One way to ask for what one may not have, and what has to be the answer. */
export interface Cell {
  readonly name: string;
  readonly request: Request;
  /** Undefined where who asks gets an answer about nobody but itself. */
  readonly status: number | undefined;
}

/** The people of the matrix. */
export interface Cast {
  readonly mode: Mode;
  /** Whose things everybody is after. */
  readonly owner: Persona;
  readonly attacker: Persona;
  readonly usedUp: Persona;
  readonly lapsed: Persona;
  readonly waiting: Persona;
  readonly organiser: string;
  readonly operator: string;
  readonly forgeries: readonly Forgery[];
  /** A token the gateway itself gave the owner, with a pass. */
  readonly ownToken: string;
  readonly sagaId: string;
}

export interface Place {
  readonly method: string;
  readonly template: string;
  readonly row: Row;
}

const UNKNOWN_UUID = '00000000-0000-4000-8000-000000000000';
const UNKNOWN_NUMBER = '4503599627370497';

export function needOf({ row, template }: Place, mode: Mode): Need {
  if (mode === 'open') return row.needs;
  const isPublished = !template.startsWith('/v1/');
  if (row.needsInOidcMode !== undefined) return row.needsInOidcMode;
  return isPublished && row.needs === 'nothing' ? 'identity' : row.needs;
}

/** The right request of a person, with whatever credential. */
export function requestOf(place: Place, person: Persona, cast: Cast, token?: string): Request {
  const { method, template, row } = place;
  const values: Record<string, string | number> = {
    ...{ room: 'default', concertId: person.concertId, scheduleId: person.scheduleId },
    ...{ concertDetailId: person.scheduleId, concertScheduleId: person.scheduleId },
    ...{ date: person.date, userId: person.userId, sagaId: cast.sagaId },
    ...{ paymentId: person.paid.paymentId, refundId: person.refundId },
    ...row.path?.(person),
  };
  const path = template.replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name]));
  const query = Object.entries(row.query?.(person) ?? {});
  const search = query.map(([name, value]) => `${name}=${value}`).join('&');
  return {
    method,
    path: search === '' ? path : `${path}?${search}`,
    headers: {
      ...row.headers?.(person),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(row.body === undefined ? {} : { body: row.body(person) }),
  };
}

/** Every cell of one row. */
export function cellsOf(place: Place, cast: Cast): Cell[] {
  return [
    ...withoutProof(place, cast),
    ...outOfTurn(place, cast),
    ...withPasses(place, cast),
    ...asSomebodyElse(place, cast),
    ...namingSomebodyElse(place, cast),
  ];
}

/** No token, no good token. */
function withoutProof(place: Place, cast: Cast): Cell[] {
  const { mode, owner, forgeries, ownToken } = cast;
  const { row } = place;
  const as = (token?: string) => requestOf(place, owner, cast, token);
  const isOpen = needOf(place, mode) === 'nothing';
  const noToken = isOpen && row.openModeOnly === true && mode === 'oidc' ? 403 : 401;
  const isIgnored = (name: string) =>
    mode === 'open' && row.givesPass === true && name === 'a token expired';
  return [
    ...(isOpen && noToken === 401 ? [] : [{ name: 'no token', request: as(), status: noToken }]),
    ...forgeries
      .filter(({ name }) => !isIgnored(name))
      .map(({ name, token }) => ({ name, request: as(token), status: 401 })),
    ...(mode === 'open'
      ? []
      : [{ name: 'a token of ours alone', request: as(ownToken), status: 401 }]),
  ];
}

/** An identity that is right, at the wrong moment or for the wrong thing. */
function outOfTurn(place: Place, cast: Cast): Cell[] {
  const { mode, attacker, usedUp, lapsed, waiting, organiser, operator } = cast;
  const need = needOf(place, mode);
  const own = (person: Persona, token = person.identity) => requestOf(place, person, cast, token);
  if (need === 'organiser' || need === 'operator') {
    const other = need === 'organiser' ? operator : organiser;
    return [
      { name: 'a token without a role', request: own(attacker), status: 403 },
      { name: 'a token with another role', request: own(attacker, other), status: 403 },
    ];
  }
  if (need !== 'turn') return [];
  const over = isPublished(place) ? 401 : 403;
  return [
    { name: 'a person whose entry is used up', request: own(usedUp), status: over },
    { name: 'a person whose entry has lapsed', request: own(lapsed), status: over },
    { name: 'a person who waits', request: own(waiting), status: 403 },
  ];
}

/** The secrets of places, which are credentials in the published documents alone. */
function withPasses(place: Place, cast: Cast): Cell[] {
  const { mode, owner, usedUp, lapsed, waiting } = cast;
  const { row, template } = place;
  const passes = (whose: string, person: Persona, status: number): Cell[] =>
    [
      { kind: 'tokenId', token: String(person.tokenId) },
      { kind: 'uuid', token: `${person.tokenUuid}_0` },
    ].map(({ kind, token }) => ({
      name: `the ${kind} of ${whose}`,
      request: requestOf(place, person, cast, token),
      status,
    }));
  if (mode === 'oidc' || !isPublished(place)) return passes('a live place alone', owner, 401);
  if (row.givesPass === true) return [];
  const nobody = { ...owner, tokenId: Number(UNKNOWN_NUMBER), tokenUuid: UNKNOWN_UUID };
  const isQueueToken = /^\/(?:queue|concerts|payment\/concerts|balance\/users)\//.test(template);
  return [
    ...passes('nobody', nobody, isQueueToken ? 404 : 401),
    ...(row.endedIsEnough === true
      ? []
      : [...passes('a used-up place', usedUp, 401), ...passes('a lapsed place', lapsed, 401)]),
    ...(row.needs === 'turn' ? passes('a waiting place', waiting, 403) : []),
  ];
}

/** The owner's request with somebody else's token. */
function asSomebodyElse(place: Place, cast: Cast): Cell[] {
  const { mode, owner, attacker } = cast;
  const { row, method } = place;
  const request = requestOf(place, owner, cast, attacker.identity);
  const need = needOf(place, mode);
  const cells: Cell[] = [];
  if (row.toOthers !== undefined) {
    cells.push({ name: 'the token of another user', request, status: row.toOthers });
  } else if (method === 'GET' && need !== 'organiser' && need !== 'operator') {
    cells.push({ name: 'the token of another user', request, status: undefined });
  }
  if (!isPublished(place)) return cells;
  const second = { ...request.headers, token: String(owner.tokenId) };
  cells.push({
    name: 'two tokens of two users',
    request: { ...request, headers: second },
    status: 403,
  });
  return cells;
}

/** A right request of somebody with the owner's id in one more place. */
function namingSomebodyElse(place: Place, cast: Cast): Cell[] {
  const { mode, owner, attacker } = cast;
  const { row, template } = place;
  if (row.openModeOnly === true && mode === 'open') return [];
  const own = requestOf(place, attacker, cast, attacker.identity);
  const need = needOf(place, mode);
  const isAllowed = need !== 'organiser' && need !== 'operator' && row.openModeOnly !== true;
  // `/v1` knows no user but the token's: a field that names one is a field it does not know.
  const status = isPublished(place) || !isAllowed ? 403 : 400;
  const userId = owner.userId;
  const cells: Cell[] = [];
  const isObject = own.body === undefined || typeof own.body === 'object';
  if (isObject) {
    const body = { ...(own.body as object | undefined), userId };
    const request = { ...own, body };
    cells.push({ name: 'the id of another user in the body', request, status });
  }
  const [path = '', search = ''] = own.path.split('?');
  const query = new URLSearchParams(search);
  query.set('userId', String(userId));
  const asked = { ...own, path: `${path}?${query.toString()}` };
  cells.push({ name: 'the id of another user in the query', request: asked, status });
  if (template.includes('{userId}')) {
    const ofOther = requestOf(place, { ...attacker, userId }, cast, attacker.identity);
    cells.push({ name: 'the id of another user in the path', request: ofOther, status });
  }
  if (isPublished(place)) {
    const headers = { ...own.headers, 'user-id': String(userId) };
    const request = { ...own, headers };
    cells.push({ name: 'the id of another user in a header', request, status });
  }
  return cells;
}

function isPublished({ template }: Place): boolean {
  return !template.startsWith('/v1/');
}
