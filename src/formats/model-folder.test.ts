import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { float32Tensor, type Tensor } from '../tensor.js';
import { writeJsonAtomic } from './files.js';
import { openModelFolder, readWeight } from './model-folder.js';
import { writeSafetensors } from './safetensors.js';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

const inFolder = useTemporaryFolder();
const model = (...names: string[]) => inFolder('model', ...names);
const indexName = 'model.safetensors.index.json';

async function writeConfig(): Promise<void> {
  await writeJsonAtomic(model('config.json'), { model_type: 'gpt2' });
}

async function writeTensors(file: string, tensors: Record<string, Tensor>): Promise<void> {
  await writeSafetensors(model(file), new Map(Object.entries(tensors)));
}

async function writeIndex(shardByName: Record<string, unknown>): Promise<void> {
  await writeJsonAtomic(model(indexName), { metadata: {}, weight_map: shardByName });
}

async function errorOfOpening(): Promise<FileError> {
  const error = await openModelFolder(model()).catch((caught) => caught);
  expect(error).toBeInstanceOf(FileError);
  return error;
}

describe('a folder with one file of weights', () => {
  it('gives configuration, places and weights as float32', async () => {
    await writeConfig();
    await writeJsonAtomic(model('generation_config.json'), { eos_token_id: 1 });
    await writeTensors('model.safetensors', {
      wte: float32Tensor([2, 1], [3, 4]),
      half: { dtype: 'float16', shape: [1], data: Uint16Array.of(0x3c00) },
    });
    const opened = await openModelFolder(model());
    expect(opened.config).toEqual({ model_type: 'gpt2' });
    expect(opened.generationConfig).toEqual({ eos_token_id: 1 });
    expect(opened.tensors.get('wte')).toMatchObject({
      path: model('model.safetensors'),
      dtype: 'F32',
      shape: [2, 1],
      byteLength: 8,
    });
    expect(await readWeight(opened, 'wte')).toEqual(float32Tensor([2, 1], [3, 4]));
    expect(await readWeight(opened, 'half')).toEqual(float32Tensor([1], [1]));
    await expect(readWeight(opened, 'none')).rejects.toThrow('(none): the model has no such tensor');
  });

  it('may link to its files, as the Hugging Face cache does', async () => {
    await writeConfig();
    await writeTensors('model.safetensors', { a: float32Tensor([1]) });
    await rename(model('model.safetensors'), inFolder('blob'));
    await symlink('../blob', model('model.safetensors'));
    const opened = await openModelFolder(model());
    expect(opened.tensors.get('a')!.path).toBe(inFolder('blob'));
    expect(opened.generationConfig).toBeUndefined();
  });
});

describe('a folder with shards', () => {
  const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];

  it('gives the tensors of all of them', async () => {
    await writeConfig();
    await writeTensors(first, { a: float32Tensor([1], [1]) });
    await writeTensors(second, { b: float32Tensor([1], [2]), c: float32Tensor([1], [3]) });
    await writeIndex({ a: first, b: second, c: second });
    const opened = await openModelFolder(model());
    expect([...opened.tensors.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(opened.tensors.get('b')!.path).toBe(model(second));
    expect(await readWeight(opened, 'c')).toEqual(float32Tensor([1], [3]));
  });

  it('names a shard that is missing', async () => {
    await writeConfig();
    await writeTensors(first, { a: float32Tensor([1]) });
    await writeIndex({ a: first, b: second });
    const error = await errorOfOpening();
    expect(error.path).toBe(model(indexName));
    expect(error.message).toContain(`the folder lacks the file ${second}`);
  });

  it.each([
    ['is in neither', { a: first, b: second, none: second }, 'none'],
    ['is in the other', { a: first, b: first, c: second }, 'b'],
  ])('names a tensor that %s', async (_, shardByName, missing) => {
    await writeConfig();
    await writeTensors(first, { a: float32Tensor([1]) });
    await writeTensors(second, { b: float32Tensor([1]), c: float32Tensor([1]) });
    await writeIndex(shardByName);
    const error = await errorOfOpening();
    expect(error.place).toBe(missing);
    expect(error.message).toMatch(/the index says it is in .*, but that file does not have it/);
  });

  it('names a tensor that is in two of them', async () => {
    await writeConfig();
    await writeTensors(first, { a: float32Tensor([1]) });
    await writeTensors(second, { a: float32Tensor([1]), b: float32Tensor([1]) });
    await writeIndex({ a: first, b: second });
    const error = await errorOfOpening();
    expect(error.place).toBe('a');
    expect(error.message).toContain(`the tensor is also in ${model(first)}`);
  });

  it.each([
    '../outside.safetensors',
    '/etc/outside.safetensors',
    'a\\b.safetensors',
    '..',
    'config.json',
    '',
    7,
    null,
  ])('refuses the shard %j', async (shard) => {
    await writeConfig();
    await writeSafetensors(inFolder('outside.safetensors'), new Map([['a', float32Tensor([1])]]));
    await writeIndex({ a: shard });
    const error = await errorOfOpening();
    expect(error.message).toContain(`${JSON.stringify(shard)} is not the name of a safetensors file`);
  });

  it.each([undefined, null, [], 'x'])('refuses the weight_map %j', async (weightMap) => {
    await writeConfig();
    await writeJsonAtomic(model(indexName), { weight_map: weightMap });
    expect((await errorOfOpening()).place).toBe('weight_map');
  });
});

describe('a folder that is not a usable model', () => {
  it('does not exist', async () => {
    expect((await errorOfOpening()).message).toContain(
      'there is no such folder; expected the path of a model folder',
    );
  });

  it('has no config.json, or that of an adapter', async () => {
    await mkdir(model());
    expect((await errorOfOpening()).place).toBe('config.json');
    await writeFile(model('adapter_config.json'), '{}');
    expect((await errorOfOpening()).message).toContain("this is an adapter's folder");
  });

  it('has a broken config.json', async () => {
    await mkdir(model());
    await writeFile(model('config.json'), '{"model_type": gpt2}');
    const error = await errorOfOpening();
    expect(error.path).toBe(model('config.json'));
    expect(error.place).toBe('line 1, column 16');
  });

  it('has no weights', async () => {
    await writeConfig();
    expect((await errorOfOpening()).message).toContain('(model.safetensors): the file is missing');
  });

  it.each(['pytorch_model.bin', 'model.pt', 'consolidated.pth'])('has only %s', async (name) => {
    await writeConfig();
    await writeFile(model(name), '');
    const error = await errorOfOpening();
    expect(error.place).toBe(name);
    expect(error.message).toMatch(
      /pickle format are not supported, because .* can run code; use a revision .* or convert/,
    );
    await rm(model(name));
  });

  it('has weights that were cut off', async () => {
    await writeConfig();
    await writeFile(model('model.safetensors'), Buffer.alloc(4));
    expect((await errorOfOpening()).path).toBe(model('model.safetensors'));
  });
});
