/**
 * @file `promptune/browser` as a page loads it: five files without imports of their own, so that it needs no bundler,
 *   and any bundler takes it. Part of `npm run build`.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = (path: string) => join(root, 'src', path);

/** zod brings the messages of all languages, where English is built in, and JSON Schemas, which no page makes. */
const smallZod: Plugin = {
  name: 'small zod',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index/ }, ({ importer }) =>
      /[\\/]zod[\\/]/.test(importer) ? { path: 'locales', namespace: 'none' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'export {};' }));
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]core[\\/].*json-schema[\w-]*\.js$/ }, async ({ path }) => {
      const names = (await readFile(path, 'utf8')).matchAll(/^export (?:const|function) (\w+)/gm);
      return { contents: [...names].map(([, name]) => `export const ${name} = () => {};`).join('\n') };
    });
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

const jsonAsYaml: Plugin = {
  name: 'JSON as YAML',
  setup({ onResolve }) {
    const path = source('browser/json-as-yaml.ts');
    onResolve({ filter: /^yaml$|\/formats\/yaml\.js$/ }, () => ({ path }));
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
      chinese: source('sentences/index.ts'),
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
    plugins: [smallZod, compressorsApart, jsonAsYaml],
  });
  return metafile;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outdir = join(root, 'dist/browser');
  const { outputs } = await buildBrowser(outdir);
  // What the compiler has written for each source is in the bundles; its declarations stay.
  const bundles = Object.keys(outputs).map((path) => basename(path));
  for (const name of await readdir(outdir))
    if (name.endsWith('.js') && !bundles.includes(name)) await rm(join(outdir, name));
}
