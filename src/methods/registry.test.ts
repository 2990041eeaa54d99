import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { loadAdapter } from '../adapters/load-adapter.js';
import { FileError, UsageError } from '../errors.js';
import {
  readPeftAdapter,
  writeAdapterHubAdapter,
  writePeftAdapter,
} from '../formats/adapter-folder.fixture.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import { fullFineTuning } from './full-fine-tuning.js';
import { promptTuning } from './prompt-tuning.js';
import { methodNamed, methods } from './registry.js';

const golden = join(import.meta.dirname, '../../test/golden/cases/gpt2__prompt-tuning/adapter');

describe('methods', () => {
  it('have names of their own, kinds of files of their own, and a learning rate', () => {
    const unique = (values: unknown[]) => expect(new Set(values).size).toBe(values.length);
    unique(methods.map(({ name }) => name));
    unique(methods.flatMap(({ peftType }) => peftType ?? []));
    unique(methods.flatMap(({ adapterHubArchitecture }) => adapterHubArchitecture ?? []));
    for (const method of methods) {
      const { name, summary, defaultLearningRate, peftType, load } = method;
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(summary).toMatch(/^[^\n]+[^.\n]$/); // a phrase for a table
      expect(defaultLearningRate).toBeGreaterThan(0);
      expect(load === undefined, name).toBe(peftType === undefined);
      expect(method.loadAdapterHub === undefined, name).toBe(method.adapterHubArchitecture === undefined);
    }
  });

  it('are found by their names', () => {
    expect(methodNamed('prompt-tuning')).toBe(promptTuning);
    expect(methodNamed('full-fine-tuning')).toBe(fullFineTuning);
    expect(() => methodNamed('prompt tuning')).toThrow(UsageError);
    const names = methods.map(({ name }) => name).join(', ');
    expect(() => methodNamed('x')).toThrow(`method "x" is unknown; expected one of ${names}`);
  });
});

describe('loadAdapter', () => {
  const inFolder = useTemporaryFolder();
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadTinyGpt2();
  });

  it("gives PEFT's files to the method of their kind", async () => {
    const adapter = await loadAdapter(golden, model);
    expect(adapter.method).toBe('prompt-tuning');
    expect(adapter.numVirtualTokens).toBe(5);
    const { tensors } = await readPeftAdapter(golden);
    expect(adapter.tensors).toEqual(tensors);
  });

  it('refuses a kind that no method reads, with those that are read', async () => {
    const tensors = new Map([['x', float32Tensor([1])]]);
    await writePeftAdapter(inFolder('adapter'), { config: { peft_type: 'VERA' }, tensors });
    const loading = loadAdapter(inFolder('adapter'), model);
    await expect(loading).rejects.toThrow(FileError);
    await expect(loading).rejects.toThrow(
      /\(peft_type\): adapters of type VERA are not supported, only PROMPT_TUNING/,
    );
  });

  it("gives AdapterHub's files to the method of their kind, and refuses other kinds", async () => {
    const bottleneck = join(golden, '../../gpt2__bottleneck-pfeiffer/adapter');
    expect((await loadAdapter(bottleneck, model)).method).toBe('bottleneck-adapter');
    const settings = { architecture: 'reft' };
    await writeAdapterHubAdapter(inFolder('adapter'), { settings, about: {}, tensors: new Map() });
    await expect(loadAdapter(inFolder('adapter'), model)).rejects.toThrow(
      /\(config\.architecture\): AdapterHub's adapters of type reft are not supported, only bottleneck/,
    );
  });

  it('refuses a folder that does not exist', async () => {
    await expect(loadAdapter(inFolder('adapter'), model)).rejects.toThrow('there is no such folder');
  });
});
