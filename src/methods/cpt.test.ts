/**
 * @file Context-aware prompt tuning: its tokens and their kinds, the balls, the examples' own loss, and going on from
 * an adapter.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadAdapter } from '../adapters/load-adapter.js';
import { filesReadWith } from '../adapters/option-files.js';
import { savable } from '../adapters/saved-adapter.js';
import { withHead } from '../attach/head.js';
import type { Learner } from '../attach/method.js';
import { placeLearner } from '../attach/placed-prompt.js';
import { computeLogits } from '../evaluation/logits.js';
import { readPeftAdapter } from '../formats/adapter-folder.fixture.js';
import { createModelStep } from '../loss/model-step.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { methodNamed } from './registry.js';

useWarmRuntime();

let model: LanguageModel;
let root: string;
let examplesFile: string;
beforeAll(async () => {
  model = await loadTinyGpt2();
  root = await mkdtemp(join(tmpdir(), 'promptune-cpt-'));
  examplesFile = join(root, 'examples.jsonl');
  await writeFile(examplesFile, '{"a": "xy", "b": "+"}\n{"a": "z", "b": "-!"}\n');
});
afterAll(() => rm(root, { recursive: true }));

const deltaName = 'delta_embedding.weight';
const learn = (config: object, method = 'cpt'): Promise<Learner> =>
  methodNamed(method).createLearner({
    model,
    config,
    tokenizer: characters,
    seed: 3,
    files: filesReadWith({}),
  });
const learnExamples = (config: object = {}) =>
  learn({ examplesFile, examplesTemplate: '#{a} ={b};', ...config });

/** The two examples as the template writes them. */
const written = '#xy =+;#z =-!;';
const types = [1, 2, 2, 3, 3, 4, 3, 5, 6, 7, 7, 8, 8, 7];
/** Where labels are, and how often γ counts in their weight. */
const labels = [
  [5, 2],
  [11, 1],
  [12, 1],
] as const;

const texts = [
  [5, 17, 60, 2, 33],
  [90, 1, 44],
];
const examples = texts.map((ids) => ({
  inputIds: Int32Array.from(ids),
  lossMask: Uint8Array.from(ids, (_, i) => Number(i > 1)),
}));

/** -log p of the token at each of `positions`, by the bare model. */
async function losses(ids: readonly number[], positions: readonly number[]): Promise<number[]> {
  const { data, shape } = await computeLogits({ model, texts: [ids] });
  const size = shape[2]!;
  return positions.map((at) => {
    const scores = data.subarray((at - 1) * size, at * size);
    return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[ids[at]!]!;
  });
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

it('tells the kinds of tokens by the template, and writes them as PEFT does', async () => {
  const learner = await learnExamples({ projectionEpsilon: 0.3, lossDecayFactor: 0.5 });
  const folder = join(root, 'written');
  await savable(learner).save(folder);
  const { config } = await readPeftAdapter(folder);
  expect(config).toMatchObject({
    peft_type: 'CPT',
    num_virtual_tokens: written.length,
    cpt_token_ids: characters.encode(written),
    cpt_tokens_type_mask: types,
    opt_projection_epsilon: 0.3,
    opt_projection_format_epsilon: 0.1,
    opt_weighted_loss_type: 'decay',
    opt_loss_decay_factor: 0.5,
  });
  expect(learner.initialization).toBe(`the examples of ${examplesFile} (14 tokens)`);
});

it('takes examples as rows, for the same prompt', async () => {
  const examples = [
    { a: 'xy', b: '+' },
    { a: 'z', b: '-!' },
  ];
  const examplesTemplate = '#{a} ={b};';
  const ofRows = await learn({ examples, examplesTemplate });
  const ofFile = await learnExamples();
  expect(await ofRows.content()).toEqual(await ofFile.content());
  expect(ofRows.initialization).toBe('2 examples (14 tokens)');
  const nameless = [{ a: 'x', b: '+' }, { a: 'y' }];
  await expect(learn({ examples: nameless, examplesTemplate })).rejects.toThrow('row 2: ');
});

it('puts a space before a field into the field, as tokenizers have it', async () => {
  const file = join(root, 'words.jsonl');
  await writeFile(file, '{"text": "x", "mood": "up"}\n');
  const spaced: string[] = [];
  const tokenizer = {
    encode: (text: string) => {
      spaced.push(text);
      return [1];
    },
  };
  const config = { examplesFile: file, examplesTemplate: 'Text: {text}\nMood: {mood}\n' };
  await methodNamed('cpt').createLearner({ model, config, tokenizer, seed: 0, files: filesReadWith({}) });
  expect(spaced).toEqual(['Text:', ' x', '\nMood:', ' up', '\n']);
});

it('starts as the examples before the text', async () => {
  const learner = await learnExamples();
  const context = characters.encode(written);
  const { data } = await computeLogits({ model, adapter: learner, texts: [texts[0]!] });
  const whole = await computeLogits({ model, texts: [[...context, ...texts[0]!]] });
  const expected = whole.data.subarray(context.length * 96);
  expect(Math.max(...data.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-5);
});

describe.each(['cpt', 'prompt-tuning+cpt'])('%s', (method) => {
  const options = () => ({
    cpt: { examplesFile, examplesTemplate: '#{a} ={b};', lossDecayFactor: 0.5 },
    before: { initText: 'hello' },
  });
  const learner = () =>
    method === 'cpt'
      ? learn(options().cpt)
      : learn({ cpt: options().cpt, 'prompt-tuning': options().before }, method);
  const before = method === 'cpt' ? [] : characters.encode('hello');

  it('trains on the labels of the texts, and for each text on those of the examples', async () => {
    const step = await createModelStep(model, await learner());
    expect(step.promptLabels).toBe(labels.length);
    const context = [...before, ...characters.encode(written)];
    const ofTexts: number[] = [];
    for (const ids of texts) {
      const positions = ids.flatMap((_, i) => (i > 1 ? [context.length + i] : []));
      ofTexts.push(...(await losses([...context, ...ids], positions)));
    }
    const ofExamples = await losses(
      context,
      labels.map(([at]) => before.length + at),
    );
    const weighted = sum(ofExamples.map((loss, i) => loss * 0.5 ** labels[i]![1]));
    expect((await step.evaluate(examples)).lossSum).toBeCloseTo(sum(ofTexts), 4);
    expect((await step.run(examples, 1)).lossSum).toBeCloseTo(sum(ofTexts) + 2 * weighted, 4);
    await step.dispose();
  });

  it('has the gradient of that loss, and none for labels', async () => {
    const trained = await learner();
    const step = await createModelStep(model, trained);
    const random = seededRandom(5);
    const { gradients } = await step.run(examples, 1);
    for (const [name, tensor] of trained.tensors) {
      const start = tensor.data.slice();
      const direction = Float32Array.from(start, () => random.normal() / Math.sqrt(start.length));
      const lossAt = async (distance: number) => {
        tensor.data.set(start.map((value, i) => value + distance * direction[i]!));
        return (await step.run(examples, 1)).lossSum;
      };
      const numeric = ((await lossAt(2e-3)) - (await lossAt(-2e-3))) / 4e-3;
      const gradient = gradients.get(name)!;
      const exact = sum(Array.from(gradient, (value, i) => value * direction[i]!));
      expect(Math.abs(numeric - exact)).toBeLessThan(0.02 * Math.abs(exact) + 5e-3);
      if (!name.endsWith(deltaName)) continue;
      const moved = types.filter((_, row) => gradient.subarray(row * 32, (row + 1) * 32).some(Boolean));
      expect(moved).toEqual(types.filter((type) => type % 4 !== 0));
    }
    await step.dispose();
  });
});

it('puts each row back into its ball', async () => {
  const learner = await learnExamples({ projectionEpsilon: 0.4, projectionFormatEpsilon: 0.2 });
  const { data } = learner.tensors.get(deltaName)!;
  data.fill(0.5);
  data.fill(0.001, 32, 64);
  learner.constrain!();
  const lengths = types.map((_, row) => Math.hypot(...data.subarray(row * 32, (row + 1) * 32)));
  const [input, format] = [0.4, 0.2].map((epsilon) => epsilon * Math.sqrt(32 / 2048));
  const radii = types.map((type) => [0, format, input, format][type % 4]!);
  radii[1] = Math.hypot(...new Array<number>(32).fill(0.001)); // inside, where nothing holds it
  for (const [row, length] of lengths.entries()) expect(length).toBeCloseTo(radii[row]!, 6);
});

it('continues from an adapter: with its examples, its δ and, by default, its settings', async () => {
  const learner = await learnExamples({ projectionEpsilon: 0.4, lossDecayFactor: 0.5 });
  const random = seededRandom(2);
  const { data } = learner.tensors.get(deltaName)!;
  for (let i = 0; i < data.length; i++) data[i] = 0.1 * random.normal();
  learner.constrain!();
  const folder = join(root, 'earlier');
  await savable(learner).save(folder);
  const continued = await learn({ initAdapter: folder });
  const difference = continued.tensors.get(deltaName)!.data.map((value, i) => Math.abs(value - data[i]!));
  expect(Math.max(...difference)).toBeLessThan(1e-6);
  await savable(continued).save(join(root, 'continued'));
  const [one, other] = [await readPeftAdapter(folder), await readPeftAdapter(join(root, 'continued'))];
  expect(other.config).toEqual(one.config);
  await savable(await learn({ initAdapter: folder, lossDecayFactor: 0.9 })).save(join(root, 'continued'));
  expect((await readPeftAdapter(join(root, 'continued'))).config.opt_loss_decay_factor).toBe(0.9);
});

describe('refuses', () => {
  it.each([
    [{}, 'examplesFile: the prompt is made of a few examples; set it to a data file'],
    [
      { examples: [{}], examplesFile: 'a' },
      'examplesFile: the examples are given as rows; use one of the two',
    ],
    [{ examplesFile: 'a', initAdapter: 'b' }, 'examplesFile: initAdapter has its own examples'],
    [{ examplesFile: 'missing.jsonl' }, 'missing.jsonl'],
  ])('%j', async (config, message) => {
    await expect(learn(config)).rejects.toThrow(message);
  });

  it('templates and records', async () => {
    await expect(learnExamples({ examplesTemplate: 'x {b}' })).rejects.toThrow(
      'examplesTemplate "x {b}" has one field; expected two or more, the last being the label',
    );
    await expect(learnExamples({ examplesTemplate: '{a}{c}' })).rejects.toThrow(
      'examples.jsonl (line 1): there is no field "c"',
    );
    const file = join(root, 'empty.jsonl');
    await writeFile(file, '{"prompt": "x", "completion": ""}\n');
    await expect(learn({ examplesFile: file })).rejects.toThrow('(line 1): the label "completion" is empty');
    await writeFile(file, `{"prompt": "${'x'.repeat(64)}", "completion": "y"}\n`);
    await expect(learn({ examplesFile: file })).rejects.toThrow(
      "the examples' 66 tokens leave no room in the model's 64 positions",
    );
  });

  it('heads, and places in templates', async () => {
    const learner = await learnExamples();
    expect(() => placeLearner(learner, '{soft:14}{text}', 14)).toThrow('cpt has no soft tokens');
    const head = { taskType: 'sequence-classification', labels: ['a', 'b'], tensors: new Map() } as const;
    const headed = withHead(learner, { ...head, design: { layers: ['score'], bias: false } });
    await expect(createModelStep(model, headed)).rejects.toThrow('cpt learns from examples of texts');
  });

  it('files', async () => {
    const folder = join(root, 'broken');
    await savable(await learnExamples()).save(folder);
    const config = join(folder, 'adapter_config.json');
    const raw = (await readPeftAdapter(folder)).config;
    await writeFile(config, JSON.stringify({ ...raw, cpt_tokens_type_mask: [1, 2] }));
    await expect(loadAdapter(folder, model)).rejects.toThrow(
      '(cpt_tokens_type_mask): expected a number for each of the 14 virtual tokens, found 2',
    );
    await writeFile(config, JSON.stringify({ ...raw, peft_type: 'PROMPT_TUNING' }));
    await expect(learn({ initAdapter: folder })).rejects.toThrow('expected an adapter of type CPT');
  });
});
