import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FileError } from '../errors.js';
import { float32Tensor } from '../tensor.js';
import { readPeftAdapter, writePeftAdapter } from './adapter-folder.fixture.js';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

const inFolder = useTemporaryFolder();
const adapter = (...names: string[]) => inFolder('adapter', ...names);

/** Written by PEFT 0.21. */
const golden = join(import.meta.dirname, '../../test/golden/cases/gpt2__prompt-tuning/adapter');

const tensors = new Map([['prompt_embeddings', float32Tensor([2, 1], [1, 2])]]);
const config = {
  peft_type: 'PROMPT_TUNING',
  task_type: 'CAUSAL_LM',
  base_model_name_or_path: 'openai-community/gpt2',
};

describe('an adapter that PEFT wrote', () => {
  it('is read', async () => {
    const { where, config, tensors } = await readPeftAdapter(golden);
    expect(where).toBe(golden);
    expect(config).toMatchObject({ peft_type: 'PROMPT_TUNING', task_type: 'CAUSAL_LM' });
    expect(config.base_model_name_or_path).toBeNull();
    expect(config).toMatchObject({ num_virtual_tokens: 5, token_dim: 32, tokenizer_kwargs: null });
    expect([...tensors.keys()]).toEqual(['prompt_embeddings']);
    expect(tensors.get('prompt_embeddings')!.shape).toEqual([5, 32]);
  });

  it('is written again with the same bytes', async () => {
    const { config, tensors } = await readPeftAdapter(golden);
    await writePeftAdapter(adapter(), { config, tensors });
    for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
      expect(await readFile(adapter(name))).toEqual(await readFile(join(golden, name)));
    }
  });
});

describe('an adapter written here', () => {
  it('keeps every key, in order at every depth, and says that it is for inference', async () => {
    const unknown = { z: 1, a: { y: [{ d: 1, c: null }], b: '提示' } };
    await writePeftAdapter(adapter(), { config: { ...config, unknown, inference_mode: false }, tensors });
    const text = await readFile(adapter('adapter_config.json'), 'utf8');
    expect(text.match(/"\w+"(?=:)/g)!.map((key) => key.slice(1, -1))).toEqual(
      'base_model_name_or_path inference_mode peft_type task_type unknown a b y c d z'.split(' '),
    );
    const read = await readPeftAdapter(adapter());
    expect(read.config).toEqual({ ...config, unknown, inference_mode: true });
    expect(read.config.base_model_name_or_path).toBe('openai-community/gpt2');
    expect(read.tensors).toEqual(tensors);
  });

  it('has a model card with the front matter by which the Hub knows it', async () => {
    const frontMatter = async () => parse((await readFile(adapter('README.md'), 'utf8')).split('---\n')[1]!);
    await writePeftAdapter(adapter(), { config, tensors });
    expect(await frontMatter()).toEqual({
      base_model: 'openai-community/gpt2',
      library_name: 'peft',
      pipeline_tag: 'text-generation',
      tags: ['base_model:adapter:openai-community/gpt2', 'promptune'],
    });
    await writePeftAdapter(adapter(), { config: { peft_type: 'X', base_model_name_or_path: null }, tensors });
    expect(await frontMatter()).toEqual({ library_name: 'peft', tags: ['promptune'] });
    await writePeftAdapter(adapter(), {
      config: { ...config, base_model_name_or_path: './a: b # "c"' },
      tensors,
    });
    expect(await frontMatter()).toMatchObject({ base_model: './a: b # "c"' });
  });

  it('replaces an earlier one as a whole', async () => {
    await writePeftAdapter(adapter(), { config, tensors });
    await writeFile(adapter('adapter_model.bin'), '');
    await writePeftAdapter(adapter(), { config, tensors });
    expect((await readdir(adapter())).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    expect(await readdir(inFolder())).toEqual(['adapter']);
  });
});

describe('a folder that is not a usable adapter', () => {
  beforeEach(() => writePeftAdapter(adapter(), { config, tensors }));

  async function errorOfReading(): Promise<FileError> {
    const error = await readPeftAdapter(adapter()).catch((caught) => caught);
    expect(error).toBeInstanceOf(FileError);
    return error;
  }

  it('does not exist', async () => {
    await rm(adapter(), { recursive: true });
    expect((await errorOfReading()).message).toContain(
      'there is no such folder; expected the path of an adapter folder',
    );
  });

  it('has no configuration', async () => {
    await rm(adapter('adapter_config.json'));
    expect((await errorOfReading()).place).toBe('adapter_config.json');
  });

  it('has a configuration that is not JSON', async () => {
    await writeFile(adapter('adapter_config.json'), '{\n  "peft_type": PROMPT_TUNING\n}');
    const error = await errorOfReading();
    expect(error.path).toBe(adapter('adapter_config.json'));
    expect(error.place).toBe('line 2, column 16');
  });

  it.each(['{}', '{"peft_type": null}', '{"peft_type": 1}'])('has the configuration %s', async (text) => {
    await writeFile(adapter('adapter_config.json'), text);
    expect((await errorOfReading()).place).toBe('peft_type');
  });

  it('has no tensors, or only pickled ones', async () => {
    await rm(adapter('adapter_model.safetensors'));
    expect((await errorOfReading()).message).toContain('the file is missing');
    await writeFile(adapter('adapter_model.bin'), '');
    expect((await errorOfReading()).message).toMatch(
      /can run code.*save it again .* safe_serialization=True/,
    );
  });
});
