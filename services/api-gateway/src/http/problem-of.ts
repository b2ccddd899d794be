import {
  ForbiddenActorError,
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
  ServiceUnavailableError,
} from '@encore/messaging';
import { HttpException } from '@nestjs/common';
import { RefusalError } from '../clients/refusal-error.js';
import { meaningOf } from './refusal-statuses.js';
import { problem, ProblemError, type Problem } from './problem.js';

const RETRY_SOON = { 'retry-after': '1' };
const RETRY_LATER = { 'retry-after': '2' };

/**
 * What a client is told about an error. Undefined for an error nobody foresaw: that one is logged
 * and answered with 500, without a word of what it was.
 */
export function foreseenProblemOf(error: unknown): Problem | undefined {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof RefusalError) return refusalProblem(error);
  if (error instanceof ServiceUnavailableError) return unavailable(error.service);
  if (error instanceof OutcomeUnknownError) return outcomeUnknown(error.service);
  if (error instanceof ForbiddenActorError) return problem('FORBIDDEN');
  if (error instanceof KeyReusedError) return problem('IDEMPOTENCY_KEY_REUSED');
  if (error instanceof InProgressError) {
    return problem('IDEMPOTENCY_IN_PROGRESS', { headers: RETRY_SOON });
  }
  if (error instanceof HttpException) return frameworkProblem(error.getStatus());
  return undefined;
}

function refusalProblem(error: RefusalError): Problem {
  const { status, title } = meaningOf(error.refusal);
  return {
    status,
    code: error.refusal,
    title,
    ...(error.detail === undefined ? {} : { members: { details: error.detail } }),
  };
}

function unavailable(service: string): Problem {
  return problem('SERVICE_UNAVAILABLE', {
    detail: `The ${service} service cannot be asked just now. Nothing was changed: try again.`,
    headers: RETRY_LATER,
    members: { service },
  });
}

function outcomeUnknown(service: string): Problem {
  return problem('OUTCOME_UNKNOWN', {
    detail:
      `The ${service} service was asked and has not answered: it may or may not have done it. ` +
      'Send the same request with the same Idempotency-Key again to learn the outcome.',
    headers: RETRY_LATER,
    members: { service },
  });
}

/** What Nest and Express find wrong by themselves before any route of ours is reached. */
function frameworkProblem(status: number): Problem | undefined {
  if (status === 404) return problem('NOT_FOUND');
  if (status === 413) return problem('BODY_TOO_LARGE');
  if (status === 415) return problem('UNSUPPORTED_MEDIA_TYPE');
  if (status >= 400 && status < 500) return problem('MALFORMED_REQUEST');
  return undefined;
}
