import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesReadWith } from '../src/adapters/option-files.js';
import { composeAdapters } from '../src/attach/compose.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { loadAdapter, type RunConfig, trainFromConfig } from '../src/index.js';
import { methodNamed } from '../src/methods/registry.js';
import { resolveRunConfig } from '../src/runs/run-config.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();
beforeAll(async () => {
  const rows = Array.from({ length: 8 }, (_, i) =>
    JSON.stringify({ prompt: `${i}: `, completion: 'abc'.repeat(1 + (i % 3)) }),
  );
  await writeFile(join(place.root, 'data.jsonl'), `${rows.join('\n')}\n`);
});

const method = 'prompt-tuning+lora';
const methodOptions = { numVirtualTokens: 3, r: 2, lora: { targetModules: ['c_attn', 'c_fc'] } };

const run = (output: string, more: Partial<RunConfig> & { resume?: boolean; signal?: AbortSignal } = {}) =>
  trainFromConfig({
    ...place.pretrained,
    data: join(place.root, 'data.jsonl'),
    method,
    methodOptions,
    batchSize: 2,
    maxSteps: 6,
    saveEvery: 2,
    threads: 1,
    output: join(place.root, output),
    ...more,
  });

async function logits(folder: string) {
  const { model } = place.pretrained;
  const adapter = await loadAdapter(folder, model);
  return (await computeLogits({ model, adapter, texts: [[65, 66, 67], [68]] })).data;
}

/** Every file below a folder, with its bytes. */
async function contents(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const files = names.filter((name) => /\.\w+$/.test(name));
  return Promise.all(
    files.map(
      async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as [string, string],
    ),
  );
}

describe('a soft prompt and a LoRA in one run', () => {
  it('leave a folder of both, which load one by one and together, and learn both', async () => {
    const { adapterPath } = await run('both');
    expect((await contents(adapterPath)).map(([name]) => name)).toEqual([
      'lora/README.md',
      'lora/adapter_config.json',
      'lora/adapter_model.safetensors',
      'prompt-tuning/README.md',
      'prompt-tuning/adapter_config.json',
      'prompt-tuning/adapter_model.safetensors',
      'promptune.json',
    ]);
    const { model } = place.pretrained;
    const whole = await loadAdapter(adapterPath, model);
    expect([whole.method, whole.numVirtualTokens]).toEqual([method, 3]);
    const [prompt, lora] = [
      await loadAdapter(join(adapterPath, 'prompt-tuning'), model),
      await loadAdapter(join(adapterPath, 'lora'), model),
    ];
    expect([...lora.tensors.keys()].filter((name) => /(c_attn|c_fc)\.lora_B/.test(name))).toHaveLength(4);
    const texts = [[65, 66, 67], [68]];
    expect((await computeLogits({ model, adapter: composeAdapters([prompt, lora]), texts })).data).toEqual(
      await logits(adapterPath),
    );
    for (const name of [...lora.tensors.keys()].filter((key) => key.includes('lora_B')))
      expect(Math.hypot(...lora.tensors.get(name)!.data), name).toBeGreaterThan(0);
    const start = await methodNamed('prompt-tuning').createLearner({
      ...place.pretrained,
      config: { numVirtualTokens: 3 },
      seed: 42,
      files: filesReadWith({}),
    });
    expect(prompt.tensors.get('prompt_embeddings')!.data).not.toEqual(
      start.tensors.get('prompt_embeddings')!.data,
    );
  });

  it('have learning rates in the ratio of their defaults', async () => {
    expect(methodNamed(method).defaultLearningRate).toBe(0.01);
    const learner = await methodNamed(method).createLearner({
      ...place.pretrained,
      config: methodOptions,
      seed: 1,
      files: filesReadWith({}),
    });
    const factors = [...learner.learningRateFactors!];
    expect(factors[0]).toEqual(['prompt-tuning/prompt_embeddings', 1]);
    expect(
      factors.slice(1).every(([name, factor]) => name.startsWith('lora/') && factor === 3e-4 / 0.01),
    ).toBe(true);
    expect(factors.map(([name]) => name)).toEqual([...learner.tensors.keys()]);
  });

  it('resume to the same bytes as a run that was not stopped', async () => {
    await run('straight');
    const stop = new AbortController();
    const stopped = await trainFromConfig({
      ...place.pretrained,
      data: join(place.root, 'data.jsonl'),
      method,
      methodOptions,
      batchSize: 2,
      maxSteps: 6,
      saveEvery: 2,
      threads: 1,
      output: join(place.root, 'stopped'),
      signal: stop.signal,
      onEvent: (event) => event.type === 'step' && event.step === 3 && stop.abort(),
    });
    expect(stopped.stopped).toBe(true);
    await run('stopped', { resume: true });
    for (const folder of ['adapter', 'checkpoints/step-000006'])
      expect(await contents(join(place.root, 'stopped', folder))).toEqual(
        await contents(join(place.root, 'straight', folder)),
      );
  });

  it('continue from an earlier run, from one of its parts, or from another adapter', async () => {
    const { adapterPath } = await run('source');
    const create = async (name: string, config: object) =>
      methodNamed(name).createLearner({ ...place.pretrained, config, seed: 9, files: filesReadWith({}) });
    const { model } = place.pretrained;
    const source = await loadAdapter(adapterPath, model);
    const { numVirtualTokens: _, ...others } = methodOptions;
    const whole = await create(method, { ...others, initAdapter: adapterPath });
    expect([...whole.tensors]).toEqual([...source.tensors]);
    for (const initAdapter of [source, await source.content()]) {
      const ofValue = await methodNamed(method).createLearner({
        ...place.pretrained,
        config: { ...others, initAdapter },
        seed: 9,
      });
      expect([...ofValue.tensors]).toEqual([...source.tensors]);
    }
    const alone = methodNamed('lora').createLearner({
      ...place.pretrained,
      config: { initAdapter: join(adapterPath, 'lora') },
      seed: 9,
    });
    await expect(alone).rejects.toThrow('initAdapter: paths are read in training runs only');
    const onlyLora = await create('prefix-tuning+lora', {
      ...methodOptions,
      initAdapter: join(adapterPath, 'lora'),
    });
    expect(onlyLora.initialization).toContain('random tokens of the vocabulary (prefix-tuning)');
    expect(onlyLora.tensors.get('lora/base_model.model.transformer.h.0.attn.c_attn.lora_B.weight')).toEqual(
      source.tensors.get('lora/base_model.model.transformer.h.0.attn.c_attn.lora_B.weight'),
    );
    await expect(create('prefix-tuning+ia3', { initAdapter: adapterPath })).rejects.toThrow(
      'has nothing that prefix-tuning or ia3 can continue from',
    );
    await expect(create('lora', { initAdapter: adapterPath })).rejects.toThrow(
      'use the folder of one of them',
    );
  });
});

describe('options of several methods', () => {
  const problem = (config: Partial<RunConfig>) => () => resolveRunConfig({ data: 'x', method, ...config });
  it.each([
    [
      'an option that none has',
      { methodOptions: { loraAlfa: 3 } },
      'methodOptions.loraAlfa: the key is unknown; did you mean "loraAlpha"?',
    ],
    ['a value that one refuses', { methodOptions: { r: 0 } }, 'methodOptions.r: '],
    ['a value below a method', { methodOptions: { lora: { r: -1 } } }, 'methodOptions.lora.r: '],
    ['an option of the other method', { methodOptions: { lora: { initText: 'a' } } }, 'methodOptions.lora: '],
    ['a method twice', { method: 'lora+lora' }, 'method: lora is repeated; expected each method once'],
    ['a whole model', { method: 'lora+full-fine-tuning' }, 'method: full-fine-tuning trains a whole model'],
    ['an unknown method', { method: 'lora+magic' }, 'method: expected one of prompt-tuning'],
  ])('refuse %s', (_, config, message) => {
    expect(problem(config)).toThrow(message);
  });

  it('apply to each method that has them, or to one under its name', () => {
    const { schema } = methodNamed('prompt-tuning+prefix-tuning+lora');
    expect(
      schema.parse({ numVirtualTokens: 7, r: 4, 'prefix-tuning': { numVirtualTokens: 2 } }),
    ).toMatchObject({
      'prompt-tuning': { numVirtualTokens: 7, projected: false },
      'prefix-tuning': { numVirtualTokens: 2, prefixProjection: false },
      lora: { r: 4, loraAlpha: 8 },
    });
  });
});

describe('a broken folder of several adapters', () => {
  it.each([
    [
      'names a part that is not there',
      '{"parts": ["prompt-tuning", "ia3"]}',
      /\(ia3\): promptune.json names this part, but its folder is missing$/,
    ],
    ['names a path', '{"parts": ["../lora"]}', /promptune.json \(parts.0\): expected the name of a folder/],
    ['names nothing', '{}', /promptune.json \(parts\): /],
    ['names a part twice', '{"parts": ["lora", "lora"]}', /\(parts\): expected each part once/],
    [
      'names very many parts',
      JSON.stringify({ parts: Array.from({ length: 2000 }, (_, i) => `part${i}`) }),
      /\(parts\): .*<=100/,
    ],
  ])('%s', async (_, written, message) => {
    const folder = join(place.root, 'broken');
    const source = join(place.root, 'both/adapter');
    if (!existsSync(source)) await run('both');
    await cp(source, folder, { recursive: true });
    await writeFile(join(folder, 'promptune.json'), written);
    await expect(loadAdapter(folder, place.pretrained.model)).rejects.toThrow(message);
  });
});
