import type { Endpoint } from './endpoint.js';

interface Route<Served> {
  /** In any case, as the router takes them. */
  readonly pattern: RegExp;
  readonly methods: ReadonlySet<string>;
  readonly served: readonly Served[];
}

type Routed = Pick<Endpoint, 'method' | 'path'>;

/** What is served where, for everything that has to know it before or without the router. */
export class RouteTable<Served extends Routed = Endpoint> {
  private readonly routes: readonly Route<Served>[];

  constructor(endpoints: readonly Served[]) {
    const methods = new Map<string, Set<string>>();
    for (const { method, path } of endpoints) {
      const known = methods.get(path) ?? new Set();
      known.add(method);
      if (method === 'GET') known.add('HEAD');
      methods.set(path, known);
    }
    this.routes = [...methods].map(([path, known]) => ({
      pattern: new RegExp(`^${path.replace(/:[A-Za-z]+/g, '[^/]+')}/?$`, 'i'),
      methods: known,
      served: endpoints.filter((one) => one.path === path),
    }));
  }

  /** The endpoint a request is meant for; with a wrong method, another one of the same path. */
  at(method: string, path: string): Served | undefined {
    const served = this.routes.filter(({ pattern }) => pattern.test(path));
    const wanted = method === 'HEAD' ? 'GET' : method;
    const here = served.flatMap((route) => route.served);
    return here.find((one) => one.method === wanted) ?? here[0];
  }

  /** Empty when nothing is served there. */
  methodsOf(path: string): string[] {
    const matching = this.routes.filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  }
}
