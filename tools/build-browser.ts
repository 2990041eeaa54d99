/**
 * @file `promptune/browser` as a page loads it: four files without imports of their own, so that it needs no bundler,
 *   and any bundler takes it. Part of `npm run build`.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = (path: string) => join(root, 'src', path);

/** zod exports the messages of all languages; English is built in. */
const zodInEnglish: Plugin = {
  name: 'zod in English',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index/ }, ({ importer }) =>
      /[\\/]zod[\\/]/.test(importer) ? { path: 'locales', namespace: 'none' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'export {};' }));
  },
};

/** What few pages need is fetched when one does, from where the page says that it is. */
const compressorsApart: Plugin = {
  name: 'compressors apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/compressors\.js$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: source('browser/fetched-compressors.ts') } : undefined,
    );
  },
};

/** Bundles into `outdir`. */
export async function buildBrowser(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: {
      index: source('browser/index.ts'),
      worker: source('browser/worker.ts'),
      engine: source('runtime/web/worker.ts'),
      compressors: source('records/parquet/compressors.ts'),
    },
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    metafile: true,
    alias: {
      '#platform': source('platform/web.ts'),
      '#engine-thread': source('runtime/web/engine-thread.ts'),
    },
    plugins: [zodInEnglish, compressorsApart],
  });
  return metafile;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await buildBrowser(join(root, 'dist/browser'));
