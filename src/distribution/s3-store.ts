/**
 * @file A store in a bucket of S3, or of a service with its API that creates objects only if absent
 *   (`If-None-Match: *`: Amazon since 2024, Cloudflare R2, Google, Ceph, MinIO and others).
 *
 * An entry's files are objects of their own, whose names end with their hash; then a list of them is created, which is
 * the entry. Whoever comes second with the same files has written the same objects, and whoever comes second with
 * other files has written objects that nobody reads.
 */
import { PromptuneError, UsageError } from '../errors.js';
import { say } from '../say.js';
import type { Store } from './store.js';
import { digestOf } from './work-key.js';

const listName = 'files.json';

/** A signed request, as aws4fetch makes it. */
export type SignedFetch = (url: string, request?: RequestInit) => Promise<Response>;

export interface S3Access {
  /** Of the service, such as `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly fetch: SignedFetch;
}

/** How often a write is repeated while another one of the same entry is under way. */
const maxTries = 20;

/**
 * @param url `s3://BUCKET/PREFIX`
 * @param access called on first use
 * @throws UsageError for another URL
 */
export function s3Store(url: string, access: () => Promise<S3Access>): Store {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*))?$/i.exec(url) ?? [];
  if (bucket === undefined)
    throw new UsageError([{ path: ['store'], message: say`expected s3://BUCKET/PREFIX, got ${url}` }]);
  const prefix = path.replace(/\/+$/, '');
  const keyOf = (name: string) => (prefix === '' ? name : `${prefix}/${name}`);
  let opened: Promise<S3Access> | undefined;

  async function send(method: string, query: string, what: string, init: RequestInit = {}) {
    opened ??= access();
    const { endpoint, fetch } = await opened;
    let response: Response;
    try {
      response = await fetch(`${endpoint}/${bucket}${query}`, { ...init, method });
    } catch (cause) {
      throw new PromptuneError(`${url}: ${what}: ${(cause as Error).message}`, {
        code: 'unavailable',
        cause,
      });
    }
    if (response.ok || [404, 409, 412].includes(response.status)) return response;
    const reason = (await response.text()).match(/<Message>(.*?)<\/Message>/s)?.[1] ?? response.statusText;
    throw new PromptuneError(`${url}: ${what}: ${response.status} ${reason}`, { code: 'unavailable' });
  }
  const object = (key: string) => `/${key.split('/').map(encodeURIComponent).join('/')}`;
  const write = (key: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
    send('PUT', object(key), say`${key} cannot be written`, { body: body as RequestInit['body'], headers });
  const read = async (key: string) => {
    const response = await send('GET', object(key), say`${key} cannot be read`);
    return response.status === 404 ? undefined : new Uint8Array(await response.arrayBuffer());
  };
  const listOf = async (name: string): Promise<Record<string, string> | undefined> => {
    const bytes = await read(`${keyOf(name)}/${listName}`);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  };

  return {
    url,

    async has(name) {
      const key = `${keyOf(name)}/${listName}`;
      return (await send('HEAD', object(key), say`${key} cannot be read`)).ok;
    },

    async get(name) {
      const objects = await listOf(name);
      if (!objects) return undefined;
      const files = new Map<string, Uint8Array>();
      for (const [file, key] of Object.entries(objects)) {
        const bytes = await read(`${keyOf(name)}/${key}`);
        if (!bytes) throw new PromptuneError(say`${url}: ${name} lists ${file}, which is missing`);
        files.set(file, bytes);
      }
      return files;
    },

    async create(name, files) {
      const objects: Record<string, string> = {};
      for (const [file, bytes] of files) {
        objects[file] = `${file}-${digestOf(bytes).slice(0, 16)}`;
        await write(`${keyOf(name)}/${objects[file]}`, bytes);
      }
      const list = `${JSON.stringify(objects)}\n`;
      for (let tries = 0; tries < maxTries; tries++) {
        const { ok, status } = await write(`${keyOf(name)}/${listName}`, list, { 'if-none-match': '*' });
        if (status !== 409) return ok; // 412: there is one; 409: another is at it
      }
      throw new PromptuneError(say`${url}: ${name} cannot be written: others are always at it`);
    },

    show: async (path, bytes) => void (await write(keyOf(path), bytes)),

    async list(name) {
      const start = `${keyOf(name)}/`;
      const found: string[] = [];
      for (let token: string | undefined; ; ) {
        const query = new URLSearchParams({ 'list-type': '2', prefix: start, delimiter: '/' });
        if (token !== undefined) query.set('continuation-token', token);
        const answer = await (await send('GET', `?${query}`, say`${start} cannot be listed`)).text();
        for (const [, key] of answer.matchAll(/<CommonPrefixes>\s*<Prefix>(.*?)\/<\/Prefix>/gs))
          found.push(`${name}/${textOf(key!).slice(start.length)}`);
        token = textOf(/<NextContinuationToken>(.*?)<\/NextContinuationToken>/s.exec(answer)?.[1] ?? '');
        if (token === '') return found;
      }
    },

    async remove(name) {
      const objects = await listOf(name);
      for (const key of [listName, ...Object.values(objects ?? {})])
        await send('DELETE', object(`${keyOf(name)}/${key}`), say`${name} cannot be removed`);
    },
  };
}

/** Text of XML without its escapes. */
const textOf = (xml: string) =>
  xml.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? '&',
  );
