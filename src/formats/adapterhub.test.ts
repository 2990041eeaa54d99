import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { float32Tensor } from '../tensor.js';
import { architectureOf, baseModelOf } from './adapter-content.js';
import { readAdapterHubAdapter, writeAdapterHubAdapter } from './adapter-folder.fixture.js';
import { readAdapter } from './adapter-folder.js';
import { readAllFloat32 } from './safetensors.js';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

const inFolder = useTemporaryFolder();
const adapter = (...names: string[]) => inFolder('adapter', ...names);

/** Written by AdapterHub's adapters 1.3. */
const golden = join(import.meta.dirname, '../../test/golden/cases/gpt2__bottleneck-parallel/adapter');

const content = {
  settings: { non_linearity: 'relu', scaling: 4, leave_out: [] },
  about: { model_name: 'openai-community/gpt2', model_type: 'gpt2' },
  tensors: new Map([['transformer.h.0.output_adapters.adapter_up.bias', float32Tensor([2], [1, 2])]]),
};

describe("AdapterHub's form", () => {
  it('is read as the library writes it, with names that lack the name of the adapter', async () => {
    const content = await readAdapterHubAdapter(golden);
    const { config, tensors } = content;
    expect(architectureOf(content)).toBe('bottleneck');
    expect(baseModelOf(content)).toBe('tiny-gpt2');
    expect(config.config).toMatchObject({ is_parallel: true, scaling: 4, reduction_factor: 2 });
    expect(config.name).toBe('tiny');
    const parts = ['adapter_down.0.bias', 'adapter_down.0.weight', 'adapter_up.bias', 'adapter_up.weight'];
    expect([...tensors.keys()]).toEqual(
      [0, 1].flatMap((layer) => parts.map((part) => `transformer.h.${layer}.output_adapters.${part}`)),
    );
    expect(tensors.get('transformer.h.1.output_adapters.adapter_down.0.weight')!.shape).toEqual([16, 32]);
  });

  it('is written as the library expects it: sorted keys, its own names, and a scaling with a decimal point', async () => {
    await writeAdapterHubAdapter(adapter(), content);
    expect(await readFile(adapter('adapter_config.json'), 'utf8')).toBe(
      [
        '{',
        '  "config": {',
        '    "leave_out": [],',
        '    "non_linearity": "relu",',
        '    "scaling": 4.0',
        '  },',
        '  "model_name": "openai-community/gpt2",',
        '  "model_type": "gpt2",',
        '  "name": "promptune",',
        '  "version": "adapters.1.3.0"',
        '}',
      ].join('\n'),
    );
    expect([...(await readAllFloat32(adapter('adapter.safetensors'))).keys()]).toEqual([
      'transformer.h.0.output_adapters.adapters.promptune.adapter_up.bias',
    ]);
    expect((await readdir(adapter())).sort()).toEqual(['adapter.safetensors', 'adapter_config.json']);
    const read = await readAdapterHubAdapter(adapter());
    expect(read.config.config).toEqual(content.settings);
    expect(read.tensors).toEqual(content.tensors);
  });

  it("is distinguished from PEFT's", async () => {
    const peft = join(golden, '../../gpt2__lora/adapter');
    expect((await readAdapter(golden)).form).toBe('adapterhub');
    expect((await readAdapter(peft)).form).toBe('peft');
  });
});

describe('a folder that is not a usable adapter', () => {
  beforeEach(() => writeAdapterHubAdapter(adapter(), content));

  async function errorOfReading(): Promise<FileError> {
    const error = await readAdapterHubAdapter(adapter()).catch((caught) => caught);
    expect(error).toBeInstanceOf(FileError);
    return error;
  }

  it('does not exist, or has no configuration', async () => {
    await rm(adapter('adapter_config.json'));
    expect((await errorOfReading()).place).toBe('adapter_config.json');
    await rm(adapter(), { recursive: true });
    expect((await errorOfReading()).message).toContain('there is no such folder');
  });

  it.each([
    ['config', '{"name": "a"}'],
    ['name', '{"config": {}}'],
  ])('has no %s', async (field, text) => {
    await writeFile(adapter('adapter_config.json'), text);
    expect((await errorOfReading()).place).toBe(field);
  });

  it('has no tensors, or only pickled ones', async () => {
    await rm(adapter('adapter.safetensors'));
    expect((await errorOfReading()).message).toContain('the file is missing');
    await writeFile(adapter('pytorch_adapter.bin'), '');
    expect((await errorOfReading()).message).toMatch(/can run code.*save it again.*use_safetensors=True/);
  });
});
