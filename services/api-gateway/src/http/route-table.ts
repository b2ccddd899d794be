import type { Endpoint } from './endpoint.js';

interface Route {
  readonly pattern: RegExp;
  readonly methods: ReadonlySet<string>;
}

/** Which methods a path knows, for the answer to a wrong one. */
export class RouteTable {
  private readonly routes: readonly Route[];

  constructor(endpoints: readonly Pick<Endpoint, 'method' | 'path'>[]) {
    const methods = new Map<string, Set<string>>();
    for (const { method, path } of endpoints) {
      const known = methods.get(path) ?? new Set();
      known.add(method);
      if (method === 'GET') known.add('HEAD');
      methods.set(path, known);
    }
    this.routes = [...methods].map(([path, known]) => ({
      pattern: new RegExp(`^${path.replace(/:[A-Za-z]+/g, '[^/]+')}/?$`),
      methods: known,
    }));
  }

  /** Empty when nothing is served there. */
  methodsOf(path: string): string[] {
    const matching = this.routes.filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  }
}
