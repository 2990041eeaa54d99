/**
 * @file The package as its users get it: packed, unpacked into an empty project, compiled against and run, without a
 * network.
 */
import { exec } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../src/loading/load-model.js';
import { openDataset } from '../src/text/dataset.js';
import { loadTokenizer } from '../src/text/tokenizer.js';
import { createTinyModel } from './support/tiny-model.js';

const root = join(import.meta.dirname, '..');
const run = promisify(exec);
const tsc = `node "${join(root, 'node_modules/typescript/bin/tsc')}"`;

/** A user's program: what the three entry points give, with types, as numbers from a graph that ran in the worker. */
const consumer = `
import { type FileError, fromPretrained, PromptuneError, UsageError } from 'promptune';
import { gradients, input, multiply, reduceSum, toOnnx, type Value } from 'promptune/graph';
import { type Device, float32Output, Session } from 'promptune/runtime';
import { type Job, presetNames, runJob } from 'promptune/workspace';

const device: Device = 'cpu';
const x: Value = input('x', 'float32', ['n']);
const loss = reduceSum(multiply(x, x));
const [slope] = gradients(loss, [x]);
const session = await Session.create(toOnnx({ loss, slope }).bytes, { device });
const outputs = await session.run({ x: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) } });
await session.dispose();
const placeOf = (error: FileError): string | undefined => error.place;
const { model, tokenizer } = await fromPretrained();
console.log(JSON.stringify({
  loss: [...float32Output(outputs, 'loss')],
  slope: [...float32Output(outputs, 'slope')],
  errors: new UsageError('') instanceof PromptuneError,
  functions: [typeof fromPretrained, typeof placeOf, typeof runJob],
  presets: presetNames().includes('translate-en'),
  model: [model.name, tokenizer.decode(tokenizer.encode('一只猫'))],
}));

export const isTraining = (job: Job): boolean => job.type === 'train';

export function mistake() {
  // @ts-expect-error: a shape is no string. Were the declarations missing, anything would pass.
  input('x', 'float32', 'n');
}
`;

/** What a page's program has of the package. The Hub, and so `fromPretrained`, is Node's alone. */
const page = `
export { loadModel, loadTokenizer, openDataset } from './index.js';
export { mount } from '#platform';
`;
const withoutHub: Plugin = {
  name: 'without the Hub',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/hub\/index\.js$/ }, () => ({ path: 'hub', namespace: 'none' }));
    onLoad({ filter: /./, namespace: 'none' }, () => ({
      contents: 'export const resolveModel = undefined, resolveDataset = undefined;',
    }));
  },
};

/** Whether `npm run build` has run since the sources changed. It takes longer than all that is tested here. */
async function isBuilt(): Promise<boolean> {
  const changed = async (name: string) => (await stat(join(root, name)).catch(() => undefined))?.mtimeMs;
  const built = (await changed('dist/index.js')) ?? 0;
  const sources = (await readdir(join(root, 'src'), { recursive: true })).map((name) => join('src', name));
  const times = await Promise.all(['package.json', 'tsconfig.build.json', 'src', ...sources].map(changed));
  return times.every((time) => time !== undefined && time < built);
}

const compilerOptions = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  target: 'es2022',
  strict: true,
  types: ['node'],
  outDir: 'out',
};

describe('the package', () => {
  let temporary: string;
  let project: string;
  let installed: string;
  let manifest: { files: string[]; bin: { promptune: string }; dependencies: Record<string, string> };
  let packed: string[];
  let packedSize: number;

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'promptune-package-'));
    const source = join(temporary, 'source');
    project = join(temporary, 'project');
    installed = join(project, 'node_modules/promptune');
    manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

    await mkdir(source);
    const dist = join(source, 'dist');
    if (await isBuilt()) await cp(join(root, 'dist'), dist, { recursive: true });
    // Types are `npm run typecheck`'s business.
    else await run(`${tsc} -p tsconfig.build.json --noCheck --outDir "${dist}"`, { cwd: root });
    for (const name of ['package.json', ...manifest.files]) {
      if (name !== 'dist' && existsSync(join(root, name)))
        await cp(join(root, name), join(source, name), { recursive: true });
    }
    // A checkout in which the embedded model was not made yet has a stand-in.
    const embedded = join(source, 'models/promptune-mini');
    if (!existsSync(join(embedded, 'config.json'))) await createTinyModel(embedded);
    const { stdout } = await run('npm pack --json --ignore-scripts --offline', { cwd: source });
    const [{ filename, files, size }] = JSON.parse(stdout) as [
      { filename: string; files: { path: string }[]; size: number },
    ];
    packed = files.map(({ path }) => path);
    packedSize = size;

    // What an installation would do: unpack, and put the dependencies, those alone, beside it.
    await mkdir(dirname(installed), { recursive: true });
    await run(`tar -xzf "${filename}"`, { cwd: source });
    await rename(join(source, 'package'), installed);
    for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
      const link = join(project, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(root, 'node_modules', name), link, 'junction');
    }
    await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    await writeFile(join(project, 'main.ts'), consumer);
  }, 120_000);

  afterAll(() => rm(temporary, { recursive: true, force: true }));

  it('holds all that it promises, the sources that its declarations lead to, and no tests', () => {
    for (const name of manifest.files.filter((name) => !name.startsWith('!')))
      expect(
        packed.some((path) => path === name || path.startsWith(`${name}/`)),
        name,
      ).toBe(true);
    expect(packed.filter((path) => /\.(test|fixture)\./.test(path))).toEqual([]);
    expect(packed.filter((path) => /(?<!\.d)\.ts$/.test(path) && !path.startsWith('src/'))).toEqual([]);
    for (const path of ['dist/index.d.ts.map', 'src/index.ts']) expect(packed).toContain(path);
    // 13 MB of them are the bundled model. `npm run build` holds the same limit for all that is built.
    expect(packedSize).toBeLessThan(17e6);
  });

  it('compiles and runs in a project of strict TypeScript, by its declared dependencies alone', {
    timeout: 300_000,
  }, async () => {
    await run(`${tsc} -p .`, { cwd: project }).catch((error) => expect.fail(error.stdout));
    const { stdout } = await run('node out/main.js', { cwd: project });
    // As docs/bundlers.md has it: the package stays outside of the bundle.
    const bundle = join(project, 'bundle.mjs');
    const outside = { bundle: true, format: 'esm', platform: 'node', packages: 'external' } as const;
    await build({ entryPoints: [join(project, 'main.ts')], outfile: bundle, ...outside });
    expect((await run(`node "${bundle}"`, { cwd: project })).stdout).toBe(stdout);
    expect(JSON.parse(stdout)).toEqual({
      loss: [14],
      slope: [2, 4, 6],
      errors: true,
      functions: ['function', 'function', 'function'],
      presets: true,
      model: ['promptune-mini', '一只猫'],
    });
  });

  it('brings the command', async () => {
    const command = join(installed, manifest.bin.promptune);
    expect(await readFile(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { stdout } = await run(`node "${command}" --help`, { cwd: project });
    expect(stdout).toContain('Usage: promptune');
    for (const name of ['train', 'generate', 'eval', 'inspect']) expect(stdout).toContain(`  ${name} `);
  });

  it('has a core for browsers that needs nothing of Node.js, and reads what is mounted as Node.js reads files', async () => {
    const entry = join(installed, 'dist/page.js');
    await writeFile(entry, page);
    const { metafile } = await build({
      entryPoints: [entry],
      outfile: join(project, 'page.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'browser',
      external: ['node:*', 'onnxruntime-node'],
      plugins: [withoutHub],
      metafile: true,
    });
    const left = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
      imports.filter(({ external }) => external).map(({ path }) => `${file} imports ${path}`),
    );
    expect(left).toEqual([]);

    const inPage = await import(pathToFileURL(join(project, 'page.mjs')).href);
    const folder = join(installed, 'models/promptune-mini');
    for (const name of await readdir(folder))
      inPage.mount(`/models/mini/${name}`, new Blob([await readFile(join(folder, name))]));
    inPage.mount('/data/pairs.jsonl.gz', gzipSync('{"prompt": "一只", "completion": "猫"}\n'));
    await writeFile(join(project, 'pairs.jsonl'), '{"prompt": "一只", "completion": "猫"}\n');

    const inNode = { loadModel, loadTokenizer, openDataset };
    const read = async (
      { loadModel, loadTokenizer, openDataset }: typeof inNode,
      model: string,
      path: string,
    ) => {
      const { config, files } = await loadModel(model, 'mini');
      const dataset = await openDataset({ data: path, tokenizer: await loadTokenizer(model) });
      const example = await dataset.get(0);
      await dataset.dispose();
      const places = [...files.locations].map(([name, { offset, byteLength }]) => [name, offset, byteLength]);
      return { config: JSON.stringify(config), places, example };
    };
    expect(await read(inPage, '/models/mini', '/data/pairs.jsonl.gz')).toEqual(
      await read(inNode, folder, join(project, 'pairs.jsonl')),
    );
  });
});
