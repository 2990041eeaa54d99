/**
 * @file Serves pages and the package as a site has them: `/node_modules/promptune/` is this package with what was
 *   built, and its peer lies next to it.
 */
import { readFile, stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
};

export interface PageServer {
  /** Without a slash at its end. */
  readonly origin: string;
  /** Bytes sent so far, packed where that makes them fewer, by path. */
  readonly sent: Map<string, number>;
  close(): Promise<void>;
}

export interface PageServerOptions {
  /** Folders by the beginnings of the paths that they are served under, the longest of which counts. */
  readonly folders: Readonly<Record<string, string>>;
  /** Content of further paths. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Whether pages are cross-origin isolated. Default true. */
  readonly isIsolated?: boolean;
}

export async function servePages({
  folders,
  pages = {},
  isIsolated = true,
}: PageServerOptions): Promise<PageServer> {
  const sent = new Map<string, number>();
  const beginnings = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer(async ({ url = '/', method }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    if (isIsolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.setHeader('Cache-Control', 'max-age=3600');
    response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
    const page = pages[path];
    if (page !== undefined) {
      response.setHeader('Content-Type', types['.html']!);
      response.end(page);
      return;
    }
    const beginning = beginnings.find((beginning) => path.startsWith(beginning));
    const file = beginning && join(folders[beginning]!, normalize(path.slice(beginning.length)));
    const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
    if (!found?.isFile()) return refuse(response);
    if (method === 'HEAD') {
      response.setHeader('Content-Length', found.size);
      response.end();
      return;
    }
    const isPacked = extname(path) in types && found.size > 1000;
    if (isPacked) response.setHeader('Content-Encoding', 'gzip');
    const content = isPacked ? await packed(file!) : await readFile(file!);
    sent.set(path, (sent.get(path) ?? 0) + content.length);
    response.setHeader('Content-Length', content.length);
    response.end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Packed once. */
const packedFiles = new Map<string, Promise<Buffer>>();

function packed(file: string): Promise<Buffer> {
  const known = packedFiles.get(file) ?? readFile(file).then((content) => promisify(gzip)(content));
  packedFiles.set(file, known);
  return known;
}

function refuse(response: ServerResponse): void {
  response.writeHead(404).end();
}
