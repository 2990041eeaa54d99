/**
 * @file What the studio's page needs to learn by itself, in `engine/` beside it: promptune/browser, ONNX Runtime for
 *   the CPU, promptune-mini, and what a server would answer about methods and presets. Part of `npm run build:studio`.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fromPretrained } from '../src/index.js';
import { methodsFor, presetsOfPackage } from '../src/studio/routes/methods.js';
import { buildBrowser } from './build-browser.js';

const root = join(import.meta.dirname, '..');
const runtimeFiles = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];
const modelFiles = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

/** @param page the folder of the built page */
export async function buildStudioTab(page: string): Promise<void> {
  const engine = join(page, 'engine');
  await rm(engine, { recursive: true, force: true });
  await buildBrowser(engine);
  for (const name of runtimeFiles)
    await cp(join(root, 'node_modules/onnxruntime-web/dist', name), join(engine, name));
  await mkdir(join(engine, 'promptune-mini'));
  for (const name of modelFiles)
    await cp(join(root, 'models/promptune-mini', name), join(engine, 'promptune-mini', name));
  const { model } = await fromPretrained('promptune-mini');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const answers = {
    version: { version },
    methods: methodsFor(model),
    presets: await presetsOfPackage(),
  };
  for (const [name, answer] of Object.entries(answers))
    await writeFile(join(engine, `${name}.json`), JSON.stringify(answer));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await buildStudioTab(join(root, 'dist/studio-page'));
