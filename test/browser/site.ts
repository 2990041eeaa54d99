/** @file A site for tests: the package as it is published, pages, models and an imitation of the Hub. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildBrowser } from '../../tools/build-browser.js';
import { type PageServer, type PageServerOptions, servePages } from './page-server.js';

export const root = join(import.meta.dirname, '../..');
const installed = '/node_modules/promptune';

export interface Site extends PageServer {
  readonly metafile: Metafile;
  /** The folder of what was built. */
  readonly built: string;
}

/** What a page imports. */
export const library = `${installed}/dist/browser/index.js`;

export async function startSite({
  folders,
  pages,
  isIsolated,
}: Partial<PageServerOptions> = {}): Promise<Site> {
  const built = await mkdtemp(join(tmpdir(), 'promptune-browser-'));
  const metafile = await buildBrowser(built);
  const server = await servePages({
    folders: {
      [`${installed}/dist/browser/`]: built,
      [`${installed}/models/`]: join(root, 'models'),
      '/node_modules/onnxruntime-web/': join(root, 'node_modules/onnxruntime-web'),
      '/presets/': join(root, 'presets'),
      ...folders,
    },
    pages: { '/': '<!doctype html><title>Promptune</title>', ...pages },
    isIsolated,
  });
  return {
    ...server,
    metafile,
    built,
    async close() {
      await server.close();
      await rm(built, { recursive: true, force: true });
    },
  };
}
