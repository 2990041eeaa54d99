/** @file The studio's page for tests: built once, served as static files. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { buildStudioTab } from '../../tools/build-studio-tab.js';
import { servePages } from './page-server.js';
import { root } from './site.js';

export interface StudioSite {
  readonly origin: string;
  /** The folder of the built page. */
  readonly page: string;
  close(): Promise<void>;
}

/** As any host of static files has it. */
export async function startStudioSite(): Promise<StudioSite> {
  const page = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
  await build({
    configFile: join(root, 'studio/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: page, emptyOutDir: true },
  });
  await buildStudioTab(page);
  const index = await readFile(join(page, 'index.html'), 'utf8');
  const { origin, close } = await servePages({ folders: { '/': page }, pages: { '/': index } });
  return {
    origin,
    page,
    async close() {
      await close();
      await rm(page, { recursive: true, force: true });
    },
  };
}
