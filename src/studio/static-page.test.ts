import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageVersion } from '../workspace/package-version.js';
import { writeStaticPage } from './static-page.js';

let base: string;
/** Stand-ins of what the build makes. */
const parts = () => ({ page: join(base, 'page'), browser: join(base, 'browser') });

async function write(path: string, text = ''): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'promptune-page-'));
  for (const name of ['page/index.html', 'page/assets/app-1.js', 'browser/index.js', 'browser/worker.js'])
    await write(join(base, name), name);
  await write(join(base, 'browser/index.d.ts'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

it('puts the page, the library, ONNX Runtime, the model and the answers about them together', async () => {
  const folder = join(base, 'new/site');
  await writeStaticPage(folder, parts());
  const listed = async (name: string) => (await readdir(join(folder, name))).sort();
  expect(await listed('.')).toEqual(['assets', 'engine', 'index.html']);
  expect(await listed('engine')).toEqual([
    'costs.json',
    'index.js',
    'methods.json',
    'ort-wasm-simd-threaded.asyncify.mjs',
    'ort-wasm-simd-threaded.asyncify.wasm',
    'ort-wasm-simd-threaded.jspi.mjs',
    'ort-wasm-simd-threaded.jspi.wasm',
    'ort-wasm-simd-threaded.mjs',
    'ort-wasm-simd-threaded.wasm',
    'ort.jspi.min.mjs',
    'ort.wasm.min.mjs',
    'ort.webgpu.min.mjs',
    'presets.json',
    'promptune-mini',
    'version.json',
    'worker.js',
  ]);
  const answer = async (name: string) => JSON.parse(await readFile(join(folder, 'engine', name), 'utf8'));
  expect(await answer('version.json')).toEqual({ version: packageVersion });
  expect((await answer('methods.json')).methods.map(({ name }: { name: string }) => name)).toContain('lora');
  // 20 virtual tokens of 256 numbers.
  expect(await answer('costs.json')).toMatchObject({ 'prompt-tuning': 5120, lora: 49_152 });
  expect((await answer('presets.json')).presets.length).toBeGreaterThan(5);
  const weights = join(folder, 'engine/promptune-mini/model.safetensors');
  expect((await stat(weights)).size).toBeGreaterThan(1_000_000);
});

it('replaces a page that it wrote, and touches no other folder', async () => {
  const folder = join(base, 'again');
  await writeStaticPage(folder, parts());
  await write(join(folder, 'assets/app-0.js'), 'of an earlier version');
  await writeStaticPage(folder, parts());
  expect(await readdir(join(folder, 'assets'))).toEqual(['app-1.js']);

  const other = join(base, 'other');
  await write(join(other, 'thesis.txt'), 'mine');
  await expect(writeStaticPage(other, parts())).rejects.toThrow(
    /other has other files in it; name a new or an empty/,
  );
  expect(await readdir(other)).toEqual(['thesis.txt']);
});

it('says how to build what is not built', async () => {
  const nothing = join(base, 'nothing');
  await expect(writeStaticPage(join(base, 'x'), { ...parts(), browser: nothing })).rejects.toThrow(
    /worker\.js is missing: the page is not built; in a checkout of the repository: npm run build/,
  );
});
