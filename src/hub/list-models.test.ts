import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileError, PromptuneError } from '../errors.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { commit, gitHash, type HubServer, sha256, startHubServer } from './hub-server.fixture.js';
import { listModels, lookUpModel, resolveModel } from './index.js';

let root: string;
let cacheDir: string;
let server: HubServer | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-models-'));
  cacheDir = join(root, 'cache');
  for (const name of ['HF_HUB_CACHE', 'HF_TOKEN', 'HF_ENDPOINT', 'HF_HUB_OFFLINE', 'XDG_CACHE_HOME'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', join(root, 'home'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
  await rm(root, { recursive: true });
});

async function write(path: string, content: string) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** 12 bytes of float32 and 4 of float16. */
const tensors = new Map([
  ['a', { dtype: 'float32' as const, shape: [3], data: new Float32Array(3) }],
  ['b', { dtype: 'float16' as const, shape: [2], data: new Uint16Array(2) }],
]);

async function createModel(folder: string, config: object = { model_type: 'gpt2' }) {
  await write(join(folder, 'config.json'), JSON.stringify(config));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/** A snapshot as it lies in the cache, its configuration a link to a blob. */
async function createSnapshot(name: string, id: string, refs: readonly string[] = []) {
  const cache = join(cacheDir, `models--${name.replace('/', '--')}`);
  const folder = join(cache, 'snapshots', id);
  await createModel(folder, { model_type: 'llama' });
  await rm(join(folder, 'config.json'));
  await write(join(cache, 'blobs', 'x'), '{"model_type":"llama"}');
  await symlink('../../blobs/x', join(folder, 'config.json'));
  for (const ref of refs) await write(join(cache, 'refs', ref), id);
  return folder;
}

const [first, second] = ['a'.repeat(40), 'b'.repeat(40)];

describe('the list', () => {
  it('begins with the embedded model', async () => {
    const [embedded, ...others] = await listModels({ cacheDir });
    expect(others).toEqual([]);
    expect(embedded).toMatchObject({
      name: 'promptune-mini',
      source: 'embedded',
      family: 'gpt2',
      dtype: 'float16',
    });
    expect(embedded!.bytes).toBeGreaterThan(5e6);
  });

  it('has every snapshot of the cache, with the revisions that name it', async () => {
    const folders = [
      await createSnapshot('anna/cats', first, ['main', 'pr/1']),
      await createSnapshot('anna/cats', second),
      await createSnapshot('dogs', first, ['main']),
    ];
    await write(join(cacheDir, 'datasets--anna--birds', 'refs', 'main'), first);
    const shared = { source: 'cache', family: 'llama', dtype: 'float32' };
    const { size } = await stat(join(folders[0]!, 'model.safetensors'));
    const bytes = size + '{"model_type":"llama"}'.length;
    const [, ...found] = await listModels({ cacheDir });
    expect(found).toEqual([
      {
        ...shared,
        bytes,
        name: 'anna/cats',
        path: folders[0],
        commit: first,
        revisions: expect.arrayContaining(['main', 'pr/1']),
      },
      { ...shared, bytes, name: 'anna/cats', path: folders[1], commit: second, revisions: [] },
      { ...shared, bytes, name: 'dogs', path: folders[2], commit: first, revisions: ['main'] },
    ]);
  });

  it('names the problem of one that cannot be used, and shows the others', async () => {
    const half = await createSnapshot('anna/half', first);
    await rm(join(half, 'model.safetensors'));
    const damaged = await createSnapshot('anna/damaged', first);
    await writeFile(join(damaged, 'model.safetensors'), 'cut');
    await createSnapshot('anna/whole', first);
    const [, ...found] = await listModels({ cacheDir });
    expect(found.map(({ name, family, bytes, problem }) => ({ name, family, bytes, problem }))).toEqual([
      {
        name: 'anna/damaged',
        family: undefined,
        bytes: 25,
        problem: expect.stringContaining('the file has only 3 bytes'),
      },
      {
        name: 'anna/half',
        family: undefined,
        bytes: 22,
        problem: `model.safetensors is missing in its snapshot ${first}`,
      },
      { name: 'anna/whole', family: 'llama', bytes: expect.any(Number), problem: undefined },
    ]);
  });
});

describe('a name', () => {
  it('may be a folder', async () => {
    await createModel(join(root, 'model'));
    expect(await lookUpModel(join(root, 'model'), { cacheDir })).toMatchObject({
      source: 'folder',
      path: join(root, 'model'),
      family: 'gpt2',
      dtype: 'float32',
    });
  });

  it('may be a GGUF file', async () => {
    const file = join(import.meta.dirname, '../../test/gguf/gpt2-q8_0.gguf');
    expect(await lookUpModel(file, { cacheDir })).toMatchObject({
      source: 'file',
      path: file,
      family: 'gpt2',
      dtype: 'Q8_0',
    });
  });

  it('may be in the cache, without a request to the Hub', async () => {
    const path = await createSnapshot('anna/cats', first, ['main']);
    const options = { cacheDir, endpoint: 'http://127.0.0.1:9' };
    expect(await lookUpModel('anna/cats', options)).toMatchObject({ source: 'cache', path, commit: first });
  });

  it('of a folder that is not a model is refused', async () => {
    await write(join(root, 'adapter', 'adapter_config.json'), '{}');
    const answer = lookUpModel(join(root, 'adapter'), { cacheDir });
    await expect(answer).rejects.toThrow(FileError);
    await expect(answer).rejects.toThrow("this is an adapter's folder");
  });
});

describe('a model of the Hub', () => {
  const config = '{"model_type":"qwen2","torch_dtype":"bfloat16"}';
  const index = '{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}';
  const sharded = {
    'config.json': config,
    'tokenizer.json': '{}',
    'model.safetensors.index.json': index,
    '1.safetensors': 'x'.repeat(1000),
    '2.safetensors': 'y'.repeat(500),
    'extra.safetensors': 'never',
    'README.md': 'never',
  };
  const serve = async (files: Record<string, string>) => {
    server = await startHubServer({ name: 'anna/cats', files });
    return { cacheDir, endpoint: server.endpoint };
  };

  it('is described from its list of files, without storing any', async () => {
    const options = await serve(sharded);
    const files = ['config.json', 'tokenizer.json', 'model.safetensors.index.json'] as const;
    expect(await lookUpModel('anna/cats', options)).toEqual({
      name: 'anna/cats',
      source: 'hub',
      page: `${options.endpoint}/anna/cats`,
      commit,
      family: 'qwen2',
      dtype: 'bfloat16',
      files: [
        ...files.map((file) => ({ file, bytes: sharded[file].length, presentBytes: 0 })),
        { file: '1.safetensors', bytes: 1000, presentBytes: 0 },
        { file: '2.safetensors', bytes: 500, presentBytes: 0 },
      ],
    });
    await expect(readdir(cacheDir)).rejects.toThrow('ENOENT');
    expect(server!.requests.map(({ path }) => path).filter((path) => path.includes('safetensors'))).toEqual([
      `/anna/cats/resolve/${commit}/model.safetensors.index.json`,
    ]);
  });

  it('lists what an earlier attempt left over, and a download fetches exactly these files', async () => {
    const options = await serve(sharded);
    const blobs = join(cacheDir, 'models--anna--cats', 'blobs');
    await write(join(blobs, `${sha256(sharded['1.safetensors'])}.incomplete`), 'x'.repeat(300));
    await write(join(blobs, gitHash(config)), config);
    const told = await lookUpModel('anna/cats', options);
    if (told.source !== 'hub') throw new Error('expected a model of the Hub');
    expect(told.files.map(({ presentBytes }) => presentBytes)).toEqual([config.length, 0, 0, 300, 0]);
    const { folder } = await resolveModel('anna/cats', options);
    expect((await readdir(folder)).sort()).toEqual(told.files.map(({ file }) => file).sort());
  });

  it.each([
    [{ 'config.json': config }, 'the repository has no model.safetensors'],
    [{ ...sharded, 'config.json': '<html>' }, 'does not answer as the Hub does'],
    [{ ...sharded, 'model.safetensors.index.json': '{}' }, 'the index of the weights has no weight_map'],
  ])('is refused as a download would be: %#', async (files, problem) => {
    const answer = lookUpModel('anna/cats', await serve(files));
    await expect(answer).rejects.toThrow(PromptuneError);
    await expect(answer).rejects.toThrow(problem);
  });
});
