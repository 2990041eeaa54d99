import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Adapter,
  createPromptClassifier,
  evaluate,
  type LanguageModel,
  type Tokenizer,
} from '../src/index.js';
import { methodNamed } from '../src/methods/registry.js';
import { loadTinyGpt2 } from './support/tiny-gpt2.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

/** A token a character, from the space on; the last of the 96 ends a text. */
const tokenizer: Tokenizer = {
  encode: (text) => Array.from(text, (c) => c.charCodeAt(0) - 32),
  decode: (ids) => String.fromCharCode(...Array.from(ids, (id) => id + 32)),
  vocabSize: 96,
  eosTokenId: 95,
  tokenOf: (id) => String.fromCharCode(id + 32),
  idOf: (token) => token.charCodeAt(0) - 32,
};

let model: LanguageModel;
let adapter: Adapter;
beforeAll(async () => {
  model = await loadTinyGpt2();
  const config = { numVirtualTokens: 4 };
  adapter = await methodNamed('prompt-tuning').createLearner({ model, tokenizer, config, seed: 1 });
});

describe('the words of labels in an evaluation', () => {
  const records = [
    { prompt: 'Is it red?', completion: ' yes' },
    { prompt: 'Q', completion: ' no' },
  ];
  const labels = ['yes', 'no'];
  const rows = [
    { text: 'Is it red?', label: '1' },
    { text: 'Is the sky green?', label: '0' },
    { text: 'Q', label: '0' },
  ];
  const verbalizer = { 1: ['yes', 'yea'], 0: 'no' };
  const template = '{text}';
  const metrics = ['accuracy'];

  it('are those that the adapter notes, and are scored as createPromptClassifier does', async () => {
    const noted = { ...adapter, usage: { reading: { template, verbalizer } } };
    const scored = await evaluate({ model, tokenizer, adapter: noted, data: rows, metrics });
    await using classifier = createPromptClassifier({ model, tokenizer, adapter: noted });
    const classified = await classifier.classify(rows);
    expect(scored.rows.map(({ prediction }) => prediction)).toEqual(classified.map(({ label }) => label));
    for (const [i, { probabilities }] of classified.entries())
      expect(scored.rows[i]!.probabilities!['1']).toBeCloseTo(probabilities['1']!, 5);
    expect(scored.rows.map(({ references }) => references)).toEqual([['1'], ['0'], ['0']]);
  });

  it('give way to labels that the verbalizer does not have, which are completions', async () => {
    const noted = { ...adapter, usage: { reading: { template, verbalizer } } };
    const options = { model, tokenizer, metrics, data: records, labels, template: '{prompt}' };
    const own = await evaluate({ ...options, adapter: noted });
    expect(own.rows.map(({ probabilities }) => probabilities)).toEqual(
      (await evaluate({ ...options, adapter })).rows.map(({ probabilities }) => probabilities),
    );
  });

  it('are what a text should be, and what its loss is of', async () => {
    const options = { model, tokenizer, template, verbalizer, data: rows, generation: { maxNewTokens: 1 } };
    const { rows: texts, scores } = await evaluate({ ...options, metrics: ['exact-match', 'loss'] });
    expect(texts.map(({ references }) => references)).toEqual([['yes'], ['no'], ['no']]);
    const words = rows.map(({ text, label }) => ({
      prompt: text,
      completion: label === '1' ? ' yes' : ' no',
    }));
    const { scores: plain } = await evaluate({ model, tokenizer, data: words, metrics: ['loss'] });
    expect(scores.loss!.value).toBe(plain.loss!.value);
  });
});
