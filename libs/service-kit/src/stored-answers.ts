import { accepted, STORED_ANSWERS, type ServiceName } from '@encore/contracts';
import { Answers, type Inbox, type Received } from '@encore/messaging';
import { Controller, type Type } from '@nestjs/common';

/**
 * Answers `ReadStoredAnswer` from the service's inbox: the same for every service, like `Ping`. Of
 * other people's requests it knows nothing.
 */
export function storedAnswersController(service: ServiceName, inbox: Pick<Inbox, 'find'>): Type {
  const contract = STORED_ANSWERS[service];

  @Controller()
  class StoredAnswersController {
    @Answers(contract)
    async answer(queries: Received<typeof contract>[]) {
      const known = await inbox.find(queries.map(({ payload }) => payload.messageId));
      const byId = new Map(known.map((message) => [message.messageId, message]));
      return queries.map(({ payload, actor }) => {
        const message = byId.get(payload.messageId);
        const actorId = message?.actorId ?? null;
        const isOwn = actorId !== null && actorId === actor?.userId;
        if (message === undefined || !isOwn) return accepted({ request: null });
        const { messageType: type, fingerprint, reply: outcome } = message;
        return accepted({ request: { type, fingerprint, outcome } });
      });
    }
  }
  return StoredAnswersController;
}
