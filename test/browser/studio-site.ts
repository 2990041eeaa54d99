/** @file The studio's page for tests: built once, served as static files. */
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { writeStaticPage } from '../../src/studio/static-page.js';
import { buildBrowser } from '../../tools/build-browser.js';
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
  const folder = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [page, browser, site] = ['page', 'browser', 'site'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await build({
    configFile: join(root, 'studio/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: page, emptyOutDir: true },
  });
  await buildBrowser(browser);
  await writeStaticPage(site, { page, browser });
  return site;
}

/** As any host of static files has it. */
export async function startStudioSite(): Promise<StudioSite> {
  built ??= buildPage();
  const page = await built;
  const index = await readFile(join(page, 'index.html'), 'utf8');
  return { page, ...(await servePages({ folders: { '/': page }, pages: { '/': index } })) };
}
