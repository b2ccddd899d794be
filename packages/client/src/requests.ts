export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The path of a call: parameters put in, the query behind it. */
export function pathOf(
  template: string,
  parameters: Readonly<Record<string, string | number>> = {},
  query: Query = {},
): string {
  const path = template.replace(/\{(\w+)\}/g, (_match, name: string) =>
    segmentOf(name, parameters[name]),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.append(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

/** One segment and no way out of it: URLs resolve dots even when they are escaped. */
function segmentOf(name: string, value: string | number | undefined): string {
  const text = String(value ?? '');
  if (text === '' || text === '.' || text === '..') {
    throw new TypeError(`${name} cannot be ${JSON.stringify(text)}`);
  }
  return encodeURIComponent(text);
}

/** The path of a Location below the gateway; another server's would be given the token. */
export function pathOfLocation(location: string, baseUrl: string): string {
  if (/^\/(?!\/)/.test(location)) return location;
  if (location.startsWith(`${baseUrl}/`)) return location.slice(baseUrl.length);
  throw new TypeError(`the gateway sent us elsewhere: ${location}`);
}
