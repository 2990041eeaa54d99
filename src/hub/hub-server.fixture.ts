/**
 * @file An imitation of the Hub on this machine: the commit of a model or a data set, its list of files, and the
 * files, by range.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubServerOptions {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** Default: a model's. */
  readonly kind?: 'models' | 'datasets';
  /** The names of the one revision that there is. Default: main and v1. */
  readonly revisions?: readonly string[];
  /** Called before the usual answer to a request; true where it has answered itself. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface HubServer {
  readonly endpoint: string;
  /** Path, range and authorization of every request so far. */
  readonly requests: { path: string; range?: string; authorization?: string }[];
  readonly close: () => Promise<void>;
}

export const commit = 'c0ffee'.padEnd(40, '0');

export const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
export const gitHash = (content: Buffer | string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');

export async function startHubServer({
  name,
  files,
  kind = 'models',
  revisions = ['main', 'v1'],
  intercept,
}: HubServerOptions): Promise<HubServer> {
  const page = kind === 'models' ? name : `${kind}/${name}`;
  const requests: HubServer['requests'] = [];
  const entries = Object.entries(files).map(([path, content]) => ({
    type: 'file',
    path,
    size: Buffer.byteLength(content),
    oid: gitHash(content),
    ...(path.endsWith('.safetensors')
      ? { lfs: { oid: sha256(content), size: Buffer.byteLength(content) } }
      : {}),
  }));

  /** What stands in a folder, with the folders in it. */
  const listed = (folder: string) => {
    const within = entries.filter(({ path }) => path.startsWith(folder));
    const own = within.filter(({ path }) => !path.slice(folder.length).includes('/'));
    const names = within.flatMap(({ path }) => /^([^/]+)\//.exec(path.slice(folder.length))?.[1] ?? []);
    const folders = [...new Set(names)].map((path) => ({ type: 'directory', path, size: 0, oid: commit }));
    return [...folders, ...own];
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const { range, authorization } = request.headers;
    requests.push({ path: pathname, range, authorization });
    if (intercept?.(request, response)) return;
    const api = `/api/${kind}/${name}`;
    if ([...revisions, commit].some((known) => pathname === `${api}/revision/${encodeURIComponent(known)}`))
      return sendJson(response, { _id: '1', id: name, sha: commit, lastModified: '2024-01-01T00:00:00Z' });
    if (pathname.startsWith(`${api}/revision/`)) return refuse(response, 404, 'RevisionNotFound');
    const [, within] = pathname.split(`${api}/tree/${commit}`);
    if (within !== undefined) {
      const isWhole = searchParams.get('recursive') === 'true';
      return sendJson(response, isWhole ? entries : listed(within === '' ? '' : `${within.slice(1)}/`));
    }
    const content = files[pathname.replace(`/${page}/resolve/${commit}/`, '')];
    if (content === undefined) return refuse(response, 404, 'RepoNotFound');
    sendRange(response, Buffer.from(content), range);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

export function refuse(response: ServerResponse, status: number, code?: string): void {
  if (code) response.setHeader('x-error-code', code);
  response.writeHead(status).end();
}

export function sendRange(response: ServerResponse, content: Buffer, range: string | undefined): void {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (range)
    response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
  response.end(content.subarray(from));
}

/** Announces the whole content, sends only so many bytes of it, and drops the connection. */
export function sendCut(response: ServerResponse, content: Buffer, bytes: number): void {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, bytes), () => setImmediate(() => response.destroy()));
}
