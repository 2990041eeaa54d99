/**
 * @file An imitation of what the Hub does when files are sent: repositories that can be made, large files, and
 * commits.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuse, sendJson, sha256 } from './hub-server.fixture.js';

export interface PushServer {
  readonly endpoint: string;
  /** Method and path of every request so far. */
  readonly requests: { readonly line: string; readonly authorization?: string }[];
  /** By name: whether it is private, and its files by path, after the last commit. */
  readonly repositories: Map<string, { private: boolean; files: Map<string, Buffer>; title?: string }>;
  readonly close: () => Promise<void>;
}

interface CommitLine {
  readonly key: 'header' | 'file' | 'lfsFile';
  readonly value: { summary: string; path: string; content: string; oid: string };
}

/** @param refusal the status that every request gets, and what the Hub says of it */
export async function startPushServer(refusal?: { status: number; said?: string }): Promise<PushServer> {
  const requests: PushServer['requests'] = [];
  const repositories: PushServer['repositories'] = new Map();
  const large = new Map<string, Buffer>();
  let endpoint = '';

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const line = `${request.method} ${pathname}`;
    requests.push({ line, authorization: request.headers.authorization });
    const body = await bodyOf(request);
    if (refusal) {
      if (refusal.said) response.setHeader('x-error-message', refusal.said);
      return refuse(response, refusal.status);
    }
    if (line === 'POST /api/repos/create') {
      const { name, organization, visibility } = JSON.parse(body.toString());
      repositories.set(`${organization}/${name}`, { private: visibility === 'private', files: new Map() });
      return sendJson(response, { url: `${endpoint}/${organization}/${name}`, id: '1' });
    }
    const blob = /^PUT \/large\/(\w+)$/.exec(line)?.[1];
    if (blob) {
      if (sha256(body) !== blob) return refuse(response, 400);
      large.set(blob, body);
      return response.end();
    }
    const [, name = '', action] =
      /^\w+ \/(?:api\/models\/)?([^/]+\/[^/.]+)(?:\/|\.git\/)(revision|raw|preupload|info|commit)\//.exec(
        line,
      ) ?? [];
    const repository = repositories.get(name);
    if (!repository) return refuse(response, 404, 'RepoNotFound');
    if (action === 'revision')
      return sendJson(response, { _id: '1', id: name, private: repository.private, lastModified: 0 });
    if (action === 'raw') {
      const path = pathname.replace(`/${name}/raw/main/`, '');
      return repository.files.has(path) ? response.end() : refuse(response, 404, 'EntryNotFound');
    }
    if (action === 'preupload') {
      const { files } = JSON.parse(body.toString()) as { files: { path: string }[] };
      const modeOf = (path: string) => (path.endsWith('.safetensors') ? 'lfs' : 'regular');
      return sendJson(response, { files: files.map(({ path }) => ({ path, uploadMode: modeOf(path) })) });
    }
    if (action === 'info') {
      const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
      const upload = (oid: string) => ({ upload: { href: `${endpoint}/large/${oid}`, header: {} } });
      return sendJson(response, {
        transfer: 'basic',
        objects: objects.map(({ oid, size }) => ({ oid, size, actions: upload(oid) })),
      });
    }
    for (const { key, value } of body
      .toString()
      .split('\n')
      .map((text) => JSON.parse(text) as CommitLine)) {
      if (key === 'header') repository.title = value.summary;
      else if (key === 'file') repository.files.set(value.path, Buffer.from(value.content, 'base64'));
      else repository.files.set(value.path, large.get(value.oid)!);
    }
    sendJson(response, { commitOid: '1', commitUrl: `${endpoint}/${name}/commit/1`, hookOutput: '' });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    requests,
    repositories,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
