/** @file Label vectors: a head that starts from words, on a decoder's last token and at a masked model's mask. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { createClassifier } from '../src/evaluation/classifier.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { loadModel } from '../src/loading/load-model.js';
import type { LanguageModel } from '../src/models/model.js';
import { prepareRun } from '../src/runs/prepare-run.js';
import { type RunConfig, resolveRunConfig } from '../src/runs/run-config.js';
import { trainFromConfig } from '../src/runs/train-adapter.js';
import type { Tokenizer } from '../src/text/tokenizer.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const cases = join(import.meta.dirname, 'golden/cases');
const vocabSize = 96;
const encode = (text: string) => [...text].map((character) => character.charCodeAt(0) % 90);
/** A token a character, and [CLS] and [SEP] where `special`. */
const characters = (special: boolean): Tokenizer => ({
  vocabSize,
  maskTokenId: 90,
  encode: (text, { addSpecialTokens = false } = {}) =>
    special && addSpecialTokens ? [91, ...encode(text), 92] : encode(text),
  decode: (ids) => String(Array.from(ids)),
  tokenOf: (id) => String(id),
  idOf: () => undefined,
});

let root: string;
let data: string;
const models: Record<string, LanguageModel> = {};
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-label-vectors-'));
  models.gpt2 = await loadModel(join(cases, 'gpt2__base/model'), 'tiny-gpt2');
  models.masked = await loadModel(join(cases, 'bert-mlm__base/model'), 'tiny-masked');
  data = join(root, 'data.jsonl');
  const rows = ['fine', 'dull', 'good', 'poor'].map((text, i) => ({ text, label: i % 2 ? 'bad' : 'good' }));
  await writeFile(data, rows.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(() => rm(root, { recursive: true }));

const kinds = {
  gpt2: { template: '{text}!', ids: [...encode('fine!')], pooled: 4 },
  masked: {
    template: '{{ text }} {{ mask() }}.',
    ids: [91, ...encode('fine '), 90, ...encode('.'), 92],
    pooled: 6,
  },
};
const settings = (kind: keyof typeof kinds): RunConfig => ({
  data,
  taskType: 'sequence-classification',
  template: kinds[kind].template,
  completionTemplate: '{label}',
  verbalizer: { good: ['g', 'k'], bad: 'b' },
});

describe.each(['gpt2', 'masked'] as const)('%s', (kind) => {
  const tokenizer = characters(kind === 'masked');
  const { template, ids, pooled } = kinds[kind];

  it("starts with the means of its words' scores, is learned, and reads the same from its files", async () => {
    const model = models[kind]!;
    const { data: logits } = await computeLogits({ model, texts: [ids] });
    const scoreOf = (word: string) => logits[pooled * vocabSize + encode(word)[0]!]!;
    const good = (scoreOf('g') + scoreOf('k')) / 2;

    const config = resolveRunConfig({ ...settings(kind), method: 'head-alone' });
    const run = await prepareRun(config, { model, tokenizer });
    expect(run.summary.initialization).toContain('a head from words for good, bad');
    const classify = async (adapter: typeof run.learner | Awaited<ReturnType<typeof loadAdapter>>) => {
      const classifier = createClassifier({ model, tokenizer, adapter, template });
      const [result] = await classifier.classify(['fine']);
      await classifier.dispose();
      return result!.probabilities.good!;
    };
    expect(await classify(run.learner)).toBeCloseTo(1 / (1 + Math.exp(scoreOf('b') - good)), 4);
    await run.dispose();

    const losses: number[] = [];
    const { adapterPath } = await trainFromConfig({
      ...settings(kind),
      methodOptions: { numVirtualTokens: 2 },
      learningRate: 0.1,
      batchSize: 4,
      maxSteps: 30,
      schedule: { warmupRatio: 0 },
      model,
      tokenizer,
      output: join(root, kind),
      onEvent: (event) => event.type === 'step' && losses.push(event.loss),
    });
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.05); // random weights can do little more
    const adapter = await loadAdapter(adapterPath, model);
    expect(adapter.head).toMatchObject({ labels: ['good', 'bad'] });
    expect(await classify(adapter)).toBeGreaterThan(0.5);
    const saved = JSON.parse(await readFile(join(adapterPath, 'adapter_config.json'), 'utf8'));
    expect(saved).toMatchObject(
      kind === 'gpt2'
        ? { task_type: 'SEQ_CLS', modules_to_save: ['classifier', 'score'] }
        : { task_type: 'SEQ_CLS', modules_to_save: ['label_vectors'], label_vectors_at_mask: true },
    );
  });
});

describe('is refused', () => {
  const prepared = (kind: keyof typeof kinds, change: Partial<RunConfig>) =>
    prepareRun(resolveRunConfig({ ...settings(kind), ...change }), {
      model: models[kind]!,
      tokenizer: characters(kind === 'masked'),
    });

  it.each<[string, keyof typeof kinds, Partial<RunConfig>, string]>([
    [
      'words that begin alike',
      'gpt2',
      { verbalizer: { good: 'ok', bad: 'odd' } },
      '"ok" and "odd" start with the same token, "21"',
    ],
    ['a masked model without a mask', 'masked', { template: '{text}' }, 'use a template with {{ mask() }}'],
    ['a decoder with one', 'gpt2', { template: kinds.masked.template }, 'cannot fill in a mask'],
    [
      'two masks',
      'masked',
      { template: '{{ text }}{{ mask() }}{{ mask() }}' },
      'expected one mask for the label, found 2',
    ],
    ['all weights', 'masked', { method: 'full-fine-tuning' }, 'use another method, or remove the mask'],
    [
      'a label without words',
      'gpt2',
      { verbalizer: { good: 'g', poor: 'b' } },
      '"bad" is not one of good, poor',
    ],
  ])('%s', async (_, kind, change, message) => {
    await expect(prepared(kind, change)).rejects.toThrow(message);
  });

  it('another task, and labels of another order', () => {
    expect(() => resolveRunConfig({ ...settings('gpt2'), taskType: 'token-classification' })).toThrow(
      'verbalizer: a head can start from words only for labels of texts',
    );
    expect(() => resolveRunConfig({ ...settings('gpt2'), labels: ['bad', 'good'] })).toThrow(
      'labels: the verbalizer has the labels',
    );
  });
});
