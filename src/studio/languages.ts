/**
 * @file The language of a request: that of the page that it comes from. Requests in several are answered at once, so
 *   each says its own to what runs for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Catalog, languages, speakPerCall } from '../say.js';
import { catalogs } from '../sentences/index.js';

const ofCall = new AsyncLocalStorage<Catalog | undefined>();
speakPerCall(() => ofCall.getStore());

/** Says everything in a language that `work` says, also what it says later. undefined: the language of the process. */
export const speaking = <Result>(catalog: Catalog | undefined, work: () => Result): Result =>
  ofCall.run(catalog, work);

/** The first language of a header `Accept-Language` that is spoken here. Browsers list them by preference. */
export function preferred(acceptLanguage: string | undefined): Catalog | undefined {
  const tags = (acceptLanguage ?? '').toLowerCase().split(',');
  const names = tags.map((tag) => /^[a-z]+/.exec(tag.trim())?.[0]);
  const found = names.find((name) => languages.some((known) => known === name));
  return found === undefined ? undefined : catalogs[found as keyof typeof catalogs];
}
