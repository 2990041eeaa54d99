import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { computeLogits } from '../evaluation/logits.js';
import { openModelFolder, readWeight } from '../formats/model-folder.js';
import { readTensorAt, writeSafetensors } from '../formats/safetensors.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { float32Tensor, type Tensor, tensorOf } from '../tensor.js';
import { loadModel } from './load-model.js';
import { saveModel } from './save.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();
const cases = join(import.meta.dirname, '../../test/golden/cases');

/** Families whose configuration can tie the head, and the names of the two parameters. */
const families = [
  ['gpt2__base', 'transformer.wte.weight', 'lm_head.weight'],
  ['llama__base', 'model.embed_tokens.weight', 'lm_head.weight'],
  ['t5-small__base', 'shared.weight', 'lm_head.weight'],
] as const;

describe.each(families)('%s', (name, embedding, head) => {
  let config: Record<string, unknown>;
  let tensors: Map<string, Tensor>;
  beforeEach(async () => {
    const source = await openModelFolder(join(cases, name, 'model'));
    config = source.config;
    tensors = new Map();
    for (const [tensor, location] of source.tensors)
      tensors.set(tensor, await readTensorAt(location.path, location));
  });

  async function logitsOf(folder: string, { tied }: { tied: boolean }, files: Map<string, Tensor>) {
    await cp(join(cases, name, 'model'), inFolder(folder), { recursive: true });
    const tie = config.model_type === 't5' ? {} : { tie_word_embeddings: tied }; // T5 scales its output by this field
    await writeFile(inFolder(folder, 'config.json'), JSON.stringify({ ...config, ...tie }));
    await writeSafetensors(inFolder(folder, 'model.safetensors'), files);
    const model = await loadModel(inFolder(folder));
    const texts = model.encoder ? [[model.encoder.startTokenId, 5, 17]] : [[5, 17, 20]];
    const { data } = await computeLogits({
      model,
      texts,
      ...(model.encoder && { encoderIds: [[5, 17, 20]] }),
    });
    return { model, data };
  }

  const table = () => tensors.get(embedding) as Tensor<'float32'>;
  const without = (...names: string[]) => new Map([...tensors].filter(([tensor]) => !names.includes(tensor)));
  const otherHead = () =>
    float32Tensor(
      table().shape,
      table().data.map((x, i) => 0.5 * x + (i % 7) / 70),
    );

  it('is its own head where config.json says tied and the file has another', async () => {
    const files = new Map([...tensors, [head, otherHead()]]);
    const { model, data } = await logitsOf('own', { tied: true }, files);
    expect(model.parameters.has(head)).toBe(true);
    const tied = await logitsOf('tied', { tied: true }, without(head));
    expect(data).not.toEqual(tied.data);
    if (config.model_type !== 't5')
      expect(data).toEqual((await logitsOf('untied', { tied: false }, files)).data);

    // What is written again is the same model, for readers that believe the configuration as well.
    const whole = new Map<string, Tensor<'float32'>>();
    for (const parameter of model.parameters.keys())
      whole.set(parameter, await readWeight(model.source, parameter));
    await saveModel(inFolder('saved'), model, whole);
    const saved = JSON.parse(await readFile(inFolder('saved', 'config.json'), 'utf8'));
    if (config.model_type !== 't5') expect(saved.tie_word_embeddings).toBe(false);
    const again = await loadModel(inFolder('saved'));
    expect(again.parameters.has(head)).toBe(true);
  });

  it('is tied where both are there and equal, or only one is', async () => {
    const { data } = await logitsOf('embedding', { tied: true }, without(head));
    const both = await logitsOf('both', { tied: true }, new Map([...tensors, [head, table()]]));
    expect(both.data).toEqual(data);
    expect(both.model.parameters.has(head)).toBe(false);
    const alone = await logitsOf(
      'head',
      { tied: true },
      new Map([...without(head, embedding), [head, table()]]),
    );
    expect(alone.data).toEqual(data);
  });

  it('reads weights in 64 bits', async () => {
    const wide = new Map<string, Tensor>();
    for (const [tensor, { shape, data }] of tensors)
      wide.set(tensor, tensorOf('float64', shape, Float64Array.from(data as Float32Array)));
    const plain = await logitsOf('plain', { tied: false }, new Map([...tensors, [head, otherHead()]]));
    const double = await logitsOf('double', { tied: false }, new Map([...wide, [head, otherHead()]]));
    expect(double.data).toEqual(plain.data);
  });
});

it('writes one type of numbers in config.json', async () => {
  const folder = join(cases, 'llama__base/model');
  await cp(folder, inFolder('old'), { recursive: true });
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  const { dtype: _, ...rest } = config;
  await writeFile(inFolder('old', 'config.json'), JSON.stringify({ ...rest, torch_dtype: 'float16' }));
  const model = await loadModel(inFolder('old'));
  const tensors = new Map<string, Tensor<'float32'>>();
  for (const name of model.parameters.keys()) tensors.set(name, await readWeight(model.source, name));
  await saveModel(inFolder('new'), model, tensors, { dtype: 'bfloat16' });
  const saved = JSON.parse(await readFile(inFolder('new', 'config.json'), 'utf8'));
  expect(saved).toMatchObject({ dtype: 'bfloat16' });
  expect(saved).not.toHaveProperty('torch_dtype');
});
