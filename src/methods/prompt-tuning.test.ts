import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { characters, embeddingRows, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadAdapter } from '../adapters/load-adapter.js';
import { filesReadWith } from '../adapters/option-files.js';
import { savable } from '../adapters/saved-adapter.js';
import { FileError, UsageError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import { readPeftAdapter, writePeftAdapter } from '../formats/adapter-folder.fixture.js';
import { readSafetensorsHeader, readTensor } from '../formats/safetensors.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { loadModel } from '../loading/load-model.js';
import { createModelStep } from '../loss/model-step.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import writtenByPeft from './prompt-tuning.fixture.json' with { type: 'json' };
import { promptTuning } from './prompt-tuning.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();

let model: LanguageModel;
const cases = join(import.meta.dirname, '../../test/golden/cases');
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const learner = (config: object, seed = 1, encoder = characters) =>
  promptTuning.createLearner({ model, config, tokenizer: encoder, seed, files: filesReadWith({}) });

/** The prompt's vectors at the start. */
async function rowsOf(config: object, seed?: number): Promise<Float32Array[]> {
  const { tensors, numVirtualTokens } = await learner(config, seed);
  expect([...tensors.keys()]).toEqual(['prompt_embeddings']);
  const { shape, data } = tensors.get('prompt_embeddings')!;
  expect(shape).toEqual([numVirtualTokens, 32]);
  return Array.from({ length: numVirtualTokens }, (_, row) => data.slice(row * 32, (row + 1) * 32));
}

const textRows = (text: string) => embeddingRows(model, characters.encode(text));

describe('a prompt starts from', () => {
  it('20 tokens of the vocabulary by default, drawn by the seed', async () => {
    const rows = await rowsOf({});
    expect(rows).toHaveLength(20);
    const vocabulary = await embeddingRows(model, [...Array(96).keys()]);
    const keyOf = (row: Float32Array) => row.join();
    const known = new Set(vocabulary.map(keyOf));
    for (const row of rows) expect(known.has(keyOf(row))).toBe(true);
    expect(new Set(rows.map(keyOf)).size).toBeGreaterThan(10);

    expect(await rowsOf({ init: 'sample-vocab' })).toEqual(rows);
    expect(await rowsOf({}, 2)).not.toEqual(rows);
    expect(await rowsOf({ numVirtualTokens: 3 })).toEqual(rows.slice(0, 3));
    expect((await learner({ numVirtualTokens: 3 })).initialization).toBe('3 random tokens of the vocabulary');
  });

  it('random vectors, each dimension with the mean and the deviation of the embeddings', async () => {
    const count = 3000;
    const rows = await rowsOf({ init: 'random', numVirtualTokens: count });
    const vocabulary = await embeddingRows(model, [...Array(96).keys()]);
    const statistics = (list: Float32Array[], column: number) => {
      const mean = list.reduce((sum, row) => sum + row[column]!, 0) / list.length;
      const variance = list.reduce((sum, row) => sum + (row[column]! - mean) ** 2, 0) / list.length;
      return { mean, deviation: Math.sqrt(variance) };
    };
    for (let column = 0; column < 32; column++) {
      const [ours, theirs] = [statistics(rows, column), statistics(vocabulary, column)];
      expect(Math.abs(ours.mean - theirs.mean)).toBeLessThan(0.15 * theirs.deviation);
      expect(Math.abs(ours.deviation / theirs.deviation - 1)).toBeLessThan(0.1);
    }
    const few = { init: 'random', numVirtualTokens: 4 };
    expect(await rowsOf(few)).toEqual(await rowsOf(few));
    expect(await rowsOf(few, 2)).not.toEqual(await rowsOf(few));
  });

  it('a text with its own length, or repeated or truncated to the requested length', async () => {
    const initText = 'cats!';
    expect(await rowsOf({ initText })).toEqual(await textRows('cats!'));
    expect(await rowsOf({ init: 'text', initText, numVirtualTokens: 12 })).toEqual(
      await textRows('cats!cats!ca'),
    );
    expect(await rowsOf({ initText, numVirtualTokens: 2 })).toEqual(await textRows('ca'));
    expect((await learner({ initText })).initialization).toBe('the text "cats!" (5 tokens)');
  });

  it("the names of classes, each one vector: its tokens' mean", async () => {
    const rows = await rowsOf({ initLabels: ['good', 'b', 'ok'], numVirtualTokens: 5 });
    const means = await Promise.all(
      ['good', 'b', 'ok', 'good', 'b'].map(async (label) => {
        const vectors = await textRows(label);
        return vectors[0]!.map((_, i) => vectors.reduce((sum, row) => sum + row[i]!, 0) / vectors.length);
      }),
    );
    for (const [i, row] of rows.entries())
      for (const [column, value] of row.entries()) expect(value).toBeCloseTo(means[i]![column]!, 6);
    expect(rows[3]).toEqual(rows[0]);
    expect((await learner({ initLabels: ['good', 'b'] })).initialization).toBe('the labels good, b');
  });

  it('an earlier prompt, of any init', async () => {
    const initAdapter = join(cases, 'gpt2__prompt-tuning/adapter');
    const { data } = (await readPeftAdapter(initAdapter)).tensors.get('prompt_embeddings')!;
    const rows = await rowsOf({ initAdapter });
    expect(rows.flatMap((row) => [...row])).toEqual([...data]);
    expect(await rowsOf({ init: 'adapter', initAdapter, numVirtualTokens: 5 })).toEqual(rows);
    const shorter = learner({ initAdapter, numVirtualTokens: 4 });
    await expect(shorter).rejects.toThrow(UsageError);
    await expect(shorter).rejects.toThrow('has 5 virtual tokens, but numVirtualTokens is 4');
    const foreign = learner({ initAdapter: join(cases, 'gpt2-float16-bare-untied__prompt-tuning/adapter') });
    await expect(foreign).rejects.toThrow(FileError);
    await expect(foreign).rejects.toThrow('the prompt is [3, 8], but tiny-gpt2 needs rows of 32 numbers');
  });
});

describe('options', () => {
  it.each<[string, object, string]>([
    ['a text init without a text', { init: 'text' }, 'initText: required by init "text"'],
    ['labels without names', { init: 'labels' }, 'initLabels: required by init "labels"'],
    ['an adapter without its folder', { init: 'adapter' }, 'initAdapter: required by init "adapter"'],
    ['a text that is not used', { init: 'random', initText: 'a' }, 'initText: not used by init "random"'],
    ['two starts', { initText: 'a', initAdapter: 'b' }, 'initAdapter: not used by init "text"'],
    ['a projection of nothing', { projected: true }, 'projected: a projected prompt needs init "text"'],
    ['no virtual tokens', { numVirtualTokens: 0 }, 'numVirtualTokens: '],
    ['half a virtual token', { numVirtualTokens: 1.5 }, 'numVirtualTokens: '],
    ['an unknown init', { init: 'zeros' }, 'init: '],
    [
      'an unknown option',
      { numTokens: 3 },
      'numTokens: the key is unknown; expected one of numVirtualTokens, init',
    ],
    ['an empty text', { initText: '' }, 'initText: '],
    ['no labels', { init: 'labels', initLabels: [] }, 'initLabels: '],
  ])('are refused: %s', async (_, config, message) => {
    await expect(learner(config)).rejects.toThrow(UsageError);
    await expect(learner(config)).rejects.toThrow(`prompt-tuning: ${message}`);
  });

  it('are refused where a text has no tokens', async () => {
    const dumb = { encode: () => [] };
    for (const config of [{ initText: ' ' }, { initLabels: [' '] }])
      await expect(learner(config, 1, dumb)).rejects.toThrow(
        'the text " " has no tokens to start a prompt from',
      );
  });
});

describe('a projected prompt', () => {
  const initText = 'prompts';
  const example = { inputIds: Int32Array.of(5, 17, 80, 3), lossMask: Uint8Array.of(1, 0, 1, 1) };

  it('learns one matrix, and starts as the text itself', async () => {
    const projected = await learner({ initText, projected: true });
    const { shape, data } = projected.tensors.get('prompt_projection')!;
    expect([...projected.tensors.keys()]).toEqual(['prompt_projection']);
    expect(shape).toEqual([32, 32]);
    expect([...data]).toEqual(Array.from(data, (_, i) => (i % 33 === 0 ? 1 : 0)));
    expect(projected.numVirtualTokens).toBe(7);
    expect(projected.initialization).toBe('W_p = identity over the text "prompts" (7 tokens)');

    const text = [...example.inputIds];
    const prompted = await computeLogits({ model, adapter: projected, texts: [text] });
    const plain = await computeLogits({ model, texts: [[...characters.encode(initText), ...text]] });
    const afterPrompt = plain.data.subarray(7 * 96);
    for (const [i, score] of prompted.data.entries()) expect(score).toBeCloseTo(afterPrompt[i]!, 4);
  });

  it('has the gradient Σ dE[i] xᵢᵀ for the gradient dE of the prompt E = W_p x', async () => {
    const gradientOf = async (config: object, tensor: string) => {
      const step = await createModelStep(model, await learner(config));
      const { gradients } = await step.run([example], 0.7);
      await step.dispose();
      return gradients.get(tensor)!;
    };
    const ofPrompt = await gradientOf({ initText }, 'prompt_embeddings');
    const ofMatrix = await gradientOf({ initText, projected: true }, 'prompt_projection');
    const x = await textRows(initText);
    const largest = ofMatrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(1e-3);
    for (let row = 0; row < 32; row++) {
      for (let column = 0; column < 32; column++) {
        const expected = x.reduce((sum, xi, i) => sum + ofPrompt[i * 32 + row]! * xi[column]!, 0);
        expect(Math.abs(ofMatrix[row * 32 + column]! - expected) / largest).toBeLessThan(1e-5);
      }
    }
  });

  it('is saved as the vectors that its matrix makes of the text, for PEFT and for generation', async () => {
    const projected = await learner({ initText, projected: true });
    const matrix = projected.tensors.get('prompt_projection')!.data;
    for (let i = 0; i < matrix.length; i++) matrix[i]! += Math.sin(i) / 8;
    await savable(projected).save(inFolder('adapter'));
    const loaded = await loadAdapter(inFolder('adapter'), model);
    expect([...loaded.tensors.keys()]).toEqual(['prompt_embeddings']);
    const { shape, data } = loaded.tensors.get('prompt_embeddings')!;
    expect(shape).toEqual([7, 32]);
    for (const [i, xi] of (await textRows(initText)).entries()) {
      for (let row = 0; row < 32; row++) {
        const expected = xi.reduce((sum, value, column) => sum + matrix[row * 32 + column]! * value, 0);
        expect(data[i * 32 + row]).toBeCloseTo(expected, 5);
      }
    }
    const texts = [[...example.inputIds]];
    const [before, after] = [
      await computeLogits({ model, adapter: projected, texts }),
      await computeLogits({ model, adapter: loaded, texts }),
    ];
    for (const [i, score] of after.data.entries()) expect(score).toBeCloseTo(before.data[i]!, 4);
  });
});

describe('files', () => {
  it('are read back as they were written', async () => {
    for (const config of [{ numVirtualTokens: 4 }, { initText: 'ab' }, { initLabels: ['a', 'b'] }]) {
      const made = await learner(config);
      const { tensors, numVirtualTokens } = made;
      await savable(made).save(inFolder('adapter'));
      const loaded = await loadAdapter(inFolder('adapter'), model);
      expect(loaded).toMatchObject({ method: 'prompt-tuning', numVirtualTokens });
      expect(loaded.tensors).toEqual(tensors);
    }
  });

  it.each<[string, Map<string, ReturnType<typeof float32Tensor>>, string]>([
    ['no tensor', new Map(), '(prompt_embeddings): the tensor is missing; found none'],
    [
      "another kind's tensor",
      new Map([['lora_A', float32Tensor([2, 32])]]),
      'the tensor is missing; found lora_A',
    ],
    [
      "another model's width",
      new Map([['prompt_embeddings', float32Tensor([2, 31])]]),
      'the prompt is [2, 31], but tiny-gpt2 needs rows of 32 numbers; it was trained for another model (other)',
    ],
    ['a vector alone', new Map([['prompt_embeddings', float32Tensor([32])]]), 'the prompt is [32]'],
    [
      'a prompt as long as the context',
      new Map([['prompt_embeddings', float32Tensor([64, 32])]]),
      "64 virtual tokens leave no room in the model's 64 positions",
    ],
  ])('are refused: %s', async (_, tensors, message) => {
    const config = { peft_type: 'PROMPT_TUNING', base_model_name_or_path: 'other' };
    await writePeftAdapter(inFolder('adapter'), { config, tensors });
    const loading = loadAdapter(inFolder('adapter'), model);
    await expect(loading).rejects.toThrow(FileError);
    await expect(loading).rejects.toThrow(message);
  });
});

describe('what PEFT itself writes', () => {
  const { words, prompts } = writtenByPeft;
  const tokenizer = { encode: (text: string) => text.split(' ').map((word) => words.indexOf(word)) };

  it.each(Object.entries(prompts))('is what is written here: %s', async (_, { adapter_config, tensors }) => {
    const small = await loadModel(join(cases, 'gpt2-untied-scaled__base/model'), 'tiny-gpt2');
    const init = adapter_config.prompt_tuning_init.toLowerCase().replace('_', '-');
    const initText = adapter_config.prompt_tuning_init_text ?? undefined;
    const config = { init, initText, numVirtualTokens: adapter_config.num_virtual_tokens };
    const made = await promptTuning.createLearner({
      model: small,
      config,
      tokenizer,
      seed: 1,
      files: filesReadWith({}),
    });
    await savable(made).save(inFolder('adapter'));

    const { peft_version, ...expected } = adapter_config;
    const text = await readFile(inFolder('adapter', 'adapter_config.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(expected); // the version of PEFT is not ours to claim
    const file = await readSafetensorsHeader(inFolder('adapter', 'adapter_model.safetensors'));
    expect([...file.tensors.keys()]).toEqual(Object.keys(tensors));
    for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
      const ours = await readTensor(file, name);
      expect([ours.dtype, ours.shape]).toEqual([dtype, shape]);
      // A text's embeddings are the same numbers; the other starts are drawn by chance.
      if (initText) expect(ours.data).toEqual(Float32Array.from(data));
    }
  });
});
