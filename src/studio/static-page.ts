/**
 * @file The studio's page as a folder for any host of static files. `engine/` beside it has what the page needs to
 *   learn by itself: promptune/browser, ONNX Runtime, promptune-mini, and what a server would answer about
 *   methods and presets. They come from the package and from onnxruntime-web where that is installed, so that the
 *   package has no second copy of them.
 */
import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedModel } from '../embedded-model.js';
import { optionError, PromptuneError } from '../errors.js';
import { fromPretrained } from '../pretrained.js';
import { say } from '../say.js';
import { packageVersion } from '../workspace/package-version.js';
import type { MethodCosts } from './api/index.js';
import { builtPage } from './page.js';
import { costsFor, methodsFor, presetsOfPackage } from './routes/methods.js';

const inPackage = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** For the CPU, for the GPU, and for the GPU of browsers without JSPI: a page fetches one of them. */
const runtimeFiles = [
  ...['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'],
  ...['ort.jspi.min.mjs', 'ort-wasm-simd-threaded.jspi.mjs', 'ort-wasm-simd-threaded.jspi.wasm'],
  ...['ort.webgpu.min.mjs', 'ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'],
];
const modelFiles = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

/** What a page that was written here has, and no other folder. */
const mark = 'engine/version.json';

/** Where the built parts are. */
export interface StaticPageParts {
  /** The folder of the built page. Default: that of the package. */
  readonly page?: string;
  /** The folder of the bundles of promptune/browser. Default: that of the package. */
  readonly browser?: string;
}

/**
 * Writes the studio's page with all that it needs without a server, about 75 MB, of which a visitor fetches 30 to 45.
 * @param folder is made if it is missing; a page that was written there before is replaced
 * @throws UsageError for a folder with other files in it, and where onnxruntime-web is not installed
 */
export async function writeStaticPage(
  folder: string,
  { page = builtPage, browser = inPackage('dist/browser') }: StaticPageParts = {},
): Promise<void> {
  const runtime = runtimeFolder();
  for (const built of [join(page, 'index.html'), join(browser, 'worker.js')]) await requireBuilt(built);
  await clear(folder);

  const engine = join(folder, 'engine');
  const model = join(engine, embeddedModel);
  await mkdir(model, { recursive: true });
  await cp(page, folder, { recursive: true });
  await copyFiles(
    browser,
    engine,
    (await readdir(browser)).filter((name) => name.endsWith('.js')),
  );
  await copyFiles(runtime, engine, runtimeFiles);
  await copyFiles(inPackage(`models/${embeddedModel}`), model, modelFiles);
  for (const [name, answer] of Object.entries(await answers()))
    await writeFile(join(engine, `${name}.json`), JSON.stringify(answer));
}

/** @throws UsageError if it is not installed */
function runtimeFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  } catch (cause) {
    throw optionError('static', say`the page runs with onnxruntime-web: npm install onnxruntime-web@1.30.0`, {
      cause,
    });
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function requireBuilt(file: string): Promise<void> {
  if (!(await exists(file)))
    throw new PromptuneError(
      say`${file} is missing: the page is not built; in a checkout of the repository: npm run build`,
    );
}

/** Makes the folder, or removes what an earlier version of this page left there. */
async function clear(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  if (names.length === 0) return;
  if (!(await exists(join(folder, mark))))
    throw optionError(
      'static',
      say`${folder} has other files in it; name a new or an empty folder, or that of an earlier page`,
    );
  for (const name of ['assets', 'engine']) await rm(join(folder, name), { recursive: true, force: true });
}

const copyFiles = (from: string, to: string, names: readonly string[]) =>
  Promise.all(names.map((name) => cp(join(from, name), join(to, name))));

/** They are always the same. */
let costs: Promise<MethodCosts> | undefined;

/** What the page asks a server for, where there is one. */
async function answers(): Promise<Readonly<Record<string, unknown>>> {
  const pretrained = await fromPretrained();
  costs ??= costsFor(pretrained);
  return {
    version: { version: packageVersion },
    methods: methodsFor(pretrained.model),
    costs: await costs,
    presets: await presetsOfPackage(),
  };
}
