/** @file The studio's page for tests: built once, served as static files. */
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
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

/** Where it is built: once for all files of tests, which share their modules. */
let built: Promise<string> | undefined;

async function buildPage(): Promise<string> {
  const page = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
  process.once('exit', () => rmSync(page, { recursive: true, force: true }));
  await build({
    configFile: join(root, 'studio/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: page, emptyOutDir: true },
  });
  await buildStudioTab(page);
  return page;
}

/** As any host of static files has it. */
export async function startStudioSite(): Promise<StudioSite> {
  built ??= buildPage();
  const page = await built;
  const index = await readFile(join(page, 'index.html'), 'utf8');
  return { page, ...(await servePages({ folders: { '/': page }, pages: { '/': index } })) };
}
