import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@encore/service-kit';
import type { Request, Response } from 'express';
import { dialectAnswerOf } from './dialects/errors.js';
import { problem, problemBody, PROBLEM_CONTENT_TYPE, type Problem } from './problem.js';
import { foreseenProblemOf } from './problem-of.js';
import type { RouteTable } from './route-table.js';

/** Answers every error, wherever it arose, with a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const { requestId } = request.context;
    if (response.headersSent) {
      this.logger.warn({ err: error, requestId }, 'a response broke off');
      response.destroy();
      return;
    }
    let said = foreseenProblemOf(error);
    if (said === undefined) {
      this.logger.error({ err: error, requestId }, 'a request met an error nobody foresaw');
      said = problem('INTERNAL');
    }
    if (said.code === 'NOT_FOUND') said = this.refine(said, request);
    const place = this.routes.at(request.method, request.path);
    if (place?.dialects === undefined) writeProblem(response, said, requestId);
    else {
      const { status, body } = dialectAnswerOf(place, said, requestId);
      write(response, { status, headers: said.headers, type: JSON_CONTENT_TYPE, body });
    }
  }

  /** Where only the method is wrong, 405 with the right ones says more than 404. */
  private refine(said: Problem, request: Request): Problem {
    const allowed = this.routes.methodsOf(request.path);
    if (allowed.length === 0) return said;
    return problem('METHOD_NOT_ALLOWED', { headers: { allow: allowed.join(', ') } });
  }
}

const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

export function writeProblem(response: Response, said: Problem, requestId: string): void {
  const body = problemBody(said, requestId);
  write(response, { ...said, type: PROBLEM_CONTENT_TYPE, body });
}

interface Written {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
}

function write(response: Response, { status, headers, type, body }: Written): void {
  response.status(status);
  response.setHeader('Content-Type', type);
  response.setHeader('Cache-Control', 'no-store');
  response.removeHeader('ETag');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  response.end(JSON.stringify(body));
}
