import { IssuePass, ReadPassOf } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Passes } from '../../application/passes.js';
import { Tokens } from '../../identity/tokens.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';
import { duration, place, placeOf, queueInfo, queueInfoOf } from './booking.shapes.js';
import { idInBody } from './inputs.js';
import { durationWords } from './waiting.js';

const dialects = ['booking'] as const;
const tag = 'booking';

const ISSUE = endpoint({
  method: 'POST',
  path: '/auth/token',
  dialects,
  tag,
  summary: 'Takes a place in the queue, or finds the one there is, with a token for it.',
  access: 'anyone',
  givesToken: true,
  body: z.strictObject({ userId: idInBody }),
  answers: [
    {
      status: 200,
      description: 'The token and the place.',
      body: z.object({ token: z.string(), expiresIn: duration, queueInfo }),
    },
  ],
  refusals: [...IssuePass.refusals, 'WALLET_USER_NOT_FOUND'],
  example: {
    body: { userId: '1' },
    answer: { token: 'JWT', expiresIn: '1h', queueInfo: { position: 1, waitTime: '5m' } },
  },
});

const DRAFT_ISSUE = endpoint({
  ...ISSUE,
  path: '/token',
  dialects: ['booking-draft'],
  tag: 'booking-draft',
  answers: [
    {
      status: 200,
      description: 'The token and the place.',
      body: z.object({ token: z.string(), queueInfo }),
    },
  ],
  example: {
    body: { userId: '1' },
    answer: { token: 'JWT', queueInfo: { position: 1, waitTime: '5m' } },
  },
});

const JOIN = endpoint({
  method: 'POST',
  path: '/auth/queue',
  dialects,
  tag,
  summary: 'Joins the queue again, or reports the live place.',
  access: 'identified',
  allowsEnded: true,
  answers: [{ status: 200, description: 'The place.', body: place }],
  refusals: [...IssuePass.refusals, 'WALLET_USER_NOT_FOUND'],
  example: { answer: { status: 'false', position: 1 } },
});

const READ = endpoint({
  method: 'GET',
  path: '/auth/queue',
  dialects,
  tag,
  summary: 'The own place: "true" when it is one’s turn.',
  access: 'identified',
  allowsEnded: true,
  answers: [{ status: 200, description: 'The place.', body: place }],
  refusals: ReadPassOf.refusals,
  example: { answer: { status: 'false', position: 1 } },
});

/** `booking` and its draft, from the token to the turn. */
@Controller()
export class BookingTokensController {
  constructor(
    private readonly passes: Passes,
    private readonly tokens: Tokens,
  ) {}

  @Serves(ISSUE)
  async issue(@Call() call: HttpCall<typeof ISSUE>) {
    const { value, replayed } = await this.passes.issue(call.writer);
    const token = await this.passes.tokenOf(value.entry);
    const expiresIn = durationWords(this.tokens.seconds);
    return call.done({
      value: { token, expiresIn, queueInfo: queueInfoOf(value.entry) },
      replayed,
    });
  }

  @Serves(DRAFT_ISSUE)
  async issueToDraft(@Call() call: HttpCall<typeof DRAFT_ISSUE>) {
    const { value, replayed } = await this.passes.issue(call.writer);
    const token = await this.passes.tokenOf(value.entry);
    return call.done({ value: { token, queueInfo: queueInfoOf(value.entry) }, replayed });
  }

  @Serves(JOIN)
  async join(@Call() call: HttpCall<typeof JOIN>) {
    const { value, replayed } = await this.passes.issue(call.writer);
    return call.done({ value: placeOf(value.entry), replayed });
  }

  @Serves(READ)
  async read(@Call() call: HttpCall<typeof READ>) {
    const { entry } = await this.passes.ofUser(call.reader);
    return call.ok(placeOf(entry));
  }
}
