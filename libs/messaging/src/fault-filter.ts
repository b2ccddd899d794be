import { Catch, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands a fault on as it is. Nest's own last filter would replace it by "Internal server error",
 * and the transport could no longer tell a database that is away from a bug.
 */
@Catch()
class FaultPassThroughFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Where Nest keeps the filters of a class: what `@UseFilters` writes. */
const FILTERS_METADATA = '__exceptionFilters__';
const filter = new FaultPassThroughFilter();

/**
 * Puts the filter before the class's own ones: Nest asks the last one first, so every filter a
 * controller or a method declares comes before it.
 */
export function passFaultsThrough(prototype: object): void {
  const controller = prototype.constructor;
  const declared: unknown = Reflect.getOwnMetadata(FILTERS_METADATA, controller);
  const filters: unknown[] = Array.isArray(declared) ? declared : [];
  if (filters.includes(filter)) return;
  Reflect.defineMetadata(FILTERS_METADATA, [filter, ...filters], controller);
}
