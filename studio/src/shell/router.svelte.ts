/**
 * @file Where the reader is, from the address after `#`: `#/runs/sst2?compare=a` is the view `runs`, at the path
 *   `['sst2']`, with a query. `href(...)` writes such addresses, `go(...)` follows one.
 */

export const views = ['learn', 'try', 'see', 'runs', 'serve'] as const;
export type ViewName = (typeof views)[number];

export interface Route {
  /** Undefined for an address that leads nowhere. */
  readonly view: ViewName | undefined;
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

const isView = (name: string): name is ViewName => (views as readonly string[]).includes(name);

/** @param hash with its `#` */
function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [view = '', ...rest] = path.split('/').filter(Boolean).map(decoded);
  if (view === '') return { view: 'learn', path: [], query: {} };
  return {
    view: isView(view) ? view : undefined,
    path: rest,
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

let current = $state.raw(parseRoute(location.hash));
addEventListener('hashchange', () => {
  current = parseRoute(location.hash);
});

export const route = {
  get view() {
    return current.view;
  },
  get path() {
    return current.path;
  },
  get query() {
    return current.query;
  },
};

export function href(
  view: ViewName,
  path: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams(query).toString();
  return `#/${[view, ...path].map(encodeURIComponent).join('/')}${search && `?${search}`}`;
}

/** @param isReplaced whether the way back skips where the reader is now */
export function go(address: string, { isReplaced = false } = {}): void {
  if (!isReplaced) {
    location.hash = address;
    return;
  }
  history.replaceState(null, '', address);
  current = parseRoute(address);
}
