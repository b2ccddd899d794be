import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@encore/service-kit';
import type { Request, Response } from 'express';
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
    writeProblem(
      response,
      said.code === 'NOT_FOUND' ? this.refine(said, request) : said,
      requestId,
    );
  }

  /** Where only the method is wrong, 405 with the right ones says more than 404. */
  private refine(said: Problem, request: Request): Problem {
    const allowed = this.routes.methodsOf(request.path);
    if (allowed.length === 0) return said;
    return problem('METHOD_NOT_ALLOWED', { headers: { allow: allowed.join(', ') } });
  }
}

export function writeProblem(response: Response, said: Problem, requestId: string): void {
  response.status(said.status);
  response.setHeader('Content-Type', PROBLEM_CONTENT_TYPE);
  response.setHeader('Cache-Control', 'no-store');
  response.removeHeader('ETag');
  for (const [name, value] of Object.entries(said.headers ?? {})) response.setHeader(name, value);
  response.end(JSON.stringify(problemBody(said, requestId)));
}
