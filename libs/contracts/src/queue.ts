import { z } from 'zod';
import { command, event, query, request } from './define.js';
import { done, id, instant, roomId } from './values.js';

export const entryState = z.enum(['WAITING', 'ACTIVE', 'USED', 'EXPIRED', 'LEFT']);
export type EntryState = z.output<typeof entryState>;

/** A person's place in a waiting room, as it stands at the moment of the answer. */
export const entryView = z.object({
  entryId: id,
  roomId,
  userId: id,
  state: entryState,
  /** People in front plus one; 0 when no longer waiting. */
  position: z.int().min(0),
  /** False when the position was estimated from places instead of counted. */
  positionIsExact: z.boolean(),
  /** From the measured admission rate; null when it isn't known. 0 when active. */
  estimatedWaitSeconds: z.int().min(0).nullable(),
  /** When to ask again: grows with the distance from the head, with jitter. */
  nextPollMs: z.int().min(0),
  joinedAt: instant,
  /** Until when the entry may act; null while waiting. */
  activeUntil: instant.nullable(),
  /** When the entry lapses unless polled (waiting) or used (active). */
  lapsesAt: instant,
});
export type EntryView = z.output<typeof entryView>;

/**
 * Guests are people whose user id is not known yet. They take places under ids of a range of their
 * own, above every user's.
 */
const FIRST_GUEST_ID = 2 ** 52;

/** Whether the id stands for a guest of a waiting room, of whom nothing else is known. */
export function isGuestId(userId: number): boolean {
  return userId >= FIRST_GUEST_ID;
}

/**
 * An entry with the two secrets that prove whose it is. Who shows either is its owner, so no other
 * message carries them.
 */
export const passView = z.object({
  /** Random, 53 bits: for clients that can keep nothing but a number. */
  tokenId: id,
  tokenUuid: z.uuid(),
  /** True until the pass is bound to a user. */
  isGuest: z.boolean(),
  entry: entryView,
});
export type PassView = z.output<typeof passView>;

/** How a waiting room lets people in. Every field can be changed while people wait. */
export const roomPolicy = z.object({
  /** Most entries active at one instant. */
  activeCap: z.int().min(0).max(1_000_000),
  /** Most admissions a second, averaged; bursts up to one second's worth. */
  admissionsPerSecond: z.number().min(0.01).max(100_000),
  /** Nobody is admitted while true; people may still join. */
  paused: z.boolean(),
  /** Nobody new may join while true; those inside are still admitted. */
  draining: z.boolean(),
  activeSeconds: z.int().min(1).max(86_400),
  /** A waiter not polling for this long is skipped and removed. */
  graceSeconds: z.int().min(1).max(86_400),
  /** The sale this room belongs to: never more admitted than seats left. Null for a shared room. */
  scheduleId: id.nullable(),
});
export type RoomPolicy = z.output<typeof roomPolicy>;

export const roomView = z.object({
  roomId,
  policy: roomPolicy,
  waiting: z.int().min(0),
  active: z.int().min(0),
  /** Measured over the last minute; null before anything was measured. */
  admissionsPerSecondMeasured: z.number().min(0).nullable(),
  seatsLeft: z.int().min(0).nullable(),
});
export type RoomView = z.output<typeof roomView>;

/**
 * A payment that is through and the entry it used up, told by whoever has seen the payment's end:
 * the queue service may not have heard of it yet.
 */
export const usedEntry = z.object({ entryId: id, paymentId: id });
export type UsedEntry = z.output<typeof usedEntry>;

/** No live place any more, should it be the asking person's. */
const usedUp = usedEntry.nullable().default(null);

export const JoinWaitingRoom = request('queue', 'JoinWaitingRoom', {
  summary: 'Takes a place in a waiting room; asking again returns the same live place.',
  payload: z.object({ roomId, userId: id, usedUp }),
  reply: entryView,
  refusals: ['QUEUE_ROOM_NOT_FOUND', 'QUEUE_ROOM_DRAINING'],
});

export const LeaveWaitingRoom = request('queue', 'LeaveWaitingRoom', {
  summary: 'Gives up the live place of a person; its capacity is given on at once.',
  payload: z.object({ roomId, userId: id }),
  reply: entryView,
  refusals: ['QUEUE_ROOM_NOT_FOUND', 'QUEUE_ENTRY_NOT_FOUND'],
});

export const ReadEntry = query('queue', 'ReadEntry', {
  summary: 'The latest entry of a person in a room, live or ended; a live waiter counts as seen.',
  payload: z.object({ roomId, userId: id }),
  reply: entryView,
  refusals: ['QUEUE_ROOM_NOT_FOUND', 'QUEUE_ENTRY_NOT_FOUND'],
});

export const IssuePass = request('queue', 'IssuePass', {
  summary:
    'Takes a place like JoinWaitingRoom, and shows its secrets; without a user, for a new guest.',
  actor: 'owner-or-guest',
  payload: z.object({ roomId, userId: id.nullable(), usedUp }),
  reply: passView,
  refusals: ['QUEUE_ROOM_NOT_FOUND', 'QUEUE_ROOM_DRAINING', 'QUEUE_USER_ID_RESERVED'],
});

export const ReadPass = query('queue', 'ReadPass', {
  summary: 'The entry a secret belongs to, in any state; a live waiter counts as seen.',
  actor: 'anyone',
  payload: z.object({
    by: z.union([z.object({ tokenId: id }), z.object({ tokenUuid: z.uuid() })]),
  }),
  reply: passView,
  refusals: ['QUEUE_PASS_NOT_FOUND'],
});

export const ReadPassOf = query('queue', 'ReadPassOf', {
  summary: 'The latest entry of a user in a room with its secrets; a live waiter counts as seen.',
  payload: z.object({ roomId, userId: id }),
  reply: passView,
  refusals: ['QUEUE_ENTRY_NOT_FOUND'],
});

export const BindPass = request('queue', 'BindPass', {
  summary:
    "Makes a guest's live pass a user's for good; if the user has a live place, that one counts.",
  payload: z.object({ tokenUuid: z.uuid(), userId: id }),
  reply: passView,
  refusals: ['QUEUE_PASS_NOT_FOUND', 'QUEUE_PASS_OF_ANOTHER', 'QUEUE_USER_ID_RESERVED'],
});

export const SetRoomPolicy = request('queue', 'SetRoomPolicy', {
  summary: 'Creates a waiting room or changes the given fields of its policy, live.',
  actor: 'organiser',
  payload: z.object({ roomId, policy: roomPolicy.partial() }),
  reply: roomView,
  refusals: ['QUEUE_SCHEDULE_NOT_FOUND'],
});

export const ReadRoom = query('queue', 'ReadRoom', {
  summary: 'Policy and counts of one waiting room.',
  actor: 'organiser',
  payload: z.object({ roomId }),
  reply: roomView,
  refusals: ['QUEUE_ROOM_NOT_FOUND'],
});

export const ListRooms = query('queue', 'ListRooms', {
  summary: 'Policies and counts of every waiting room, by id; at most 1,000.',
  actor: 'organiser',
  payload: z.object({}),
  reply: z.object({ items: z.array(roomView) }),
  refusals: [],
});

export const ExpireQueueEntry = command('queue', 'ExpireQueueEntry', {
  summary: 'Marks an entry as used up by a completed payment; repeating it changes nothing.',
  payload: z.object({ entryId: id, paymentId: id }),
  reply: done,
  refusals: ['QUEUE_ENTRY_NOT_FOUND'],
});

export const EntryAdmitted = event('queue', 'EntryAdmitted', {
  summary: 'A person may now act until `activeUntil`.',
  payload: z.object({ entryId: id, roomId, userId: id, activeUntil: instant }),
});

export const EntryEnded = event('queue', 'EntryEnded', {
  summary: 'An entry will never act (again): used by a payment, lapsed, or left.',
  payload: z.object({
    entryId: id,
    roomId,
    userId: id,
    state: z.enum(['USED', 'EXPIRED', 'LEFT']),
  }),
});
