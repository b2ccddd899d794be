import { values } from '@encore/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Identities } from '../../application/identities.js';
import { role } from '../../identity/tokens.js';
import { Call, type HttpCall } from '../call.js';
import { endpoint, Serves } from '../endpoint.js';

const ISSUE_TOKEN = endpoint({
  method: 'POST',
  path: '/v1/tokens',
  tag: 'identity',
  summary: 'A token for a user, while the gateway runs in open mode.',
  access: 'anyone',
  openModeOnly: true,
  body: z.strictObject({
    userId: values.id,
    roles: z.array(role).max(2).default([]),
  }),
  answers: [
    {
      status: 201,
      description: 'The token. It is not stored: an Idempotency-Key changes nothing here.',
      body: z.object({
        token: z.string(),
        tokenType: z.literal('Bearer'),
        expiresAt: values.instant,
        userId: values.id,
        roles: z.array(role),
      }),
    },
  ],
  refusals: ['WALLET_USER_NOT_FOUND'],
});

const CREATE_USER = endpoint({
  method: 'POST',
  path: '/v1/users',
  tag: 'identity',
  summary: 'Creates a user with an empty wallet.',
  access: 'anyone',
  accessInOidcMode: 'operator',
  answers: [
    {
      status: 201,
      description: 'The new user.',
      body: z.object({ userId: values.id }),
    },
  ],
  refusals: [],
});

@Controller()
export class IdentityController {
  constructor(private readonly identities: Identities) {}

  @Serves(ISSUE_TOKEN)
  async issueToken(@Call() call: HttpCall<typeof ISSUE_TOKEN>) {
    const { userId } = call.body;
    const roles = [...new Set(call.body.roles)];
    const { token, expiresAt } = await this.identities.issueToken({ userId, roles }, call.origin);
    const value = { token, tokenType: 'Bearer', expiresAt: expiresAt.toISOString(), userId, roles };
    return call.created({ value, replayed: false });
  }

  @Serves(CREATE_USER)
  async createUser(@Call() call: HttpCall<typeof CREATE_USER>) {
    return call.created(await this.identities.createUser(call.change));
  }
}
