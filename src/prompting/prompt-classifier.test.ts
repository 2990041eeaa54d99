import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import { loadModel } from '../loading/load-model.js';
import type { LanguageModel } from '../models/model.js';
import type { Fields } from '../records/record-formats.js';
import type { Tokenizer } from '../text/tokenizer.js';
import {
  createPromptClassifier,
  type PromptClassifier,
  type PromptClassifierOptions,
} from './prompt-classifier.js';

useWarmRuntime();

/** A token a character, and for BERT special tokens around a text. */
const encode = (text: string) => [...text].map((character) => character.charCodeAt(0) % 90);
const tokenizer: Tokenizer = {
  vocabSize: 96,
  eosTokenId: 95,
  encode: (text, { addSpecialTokens = false } = {}) =>
    addSpecialTokens ? [91, ...encode(text), 92] : encode(text),
  decode: (ids) => String(Array.from(ids)),
  tokenOf: (id) => String.fromCharCode(id),
  idOf: () => undefined,
};

let gpt2: LanguageModel;
let bert: LanguageModel;
beforeAll(async () => {
  gpt2 = await loadTinyGpt2();
  bert = await loadModel(
    join(import.meta.dirname, '../../test/golden/cases/bert-mlm__base/model'),
    'tiny-bert',
  );
});

let classifier: PromptClassifier | undefined;
afterEach(async () => {
  await classifier?.dispose();
  classifier = undefined;
});

const rowsOf = (...texts: string[]) => texts.map((text, i) => ({ text, label: i % 2 }));
const rows = rowsOf('fine', 'so dull');
const verbalizer = { 1: ['go', 'ok'], 0: 'bad' };

async function classify(options: Partial<PromptClassifierOptions>, of: readonly Fields[] = rows) {
  classifier = createPromptClassifier({
    model: gpt2,
    tokenizer,
    verbalizer,
    template: '{text}:',
    ...options,
  });
  return classifier.classify(of);
}

/** p(word | prompt), from the logits of all positions. */
async function probability(prompt: string, word: string): Promise<number> {
  const ids = encode(prompt + word);
  const { data } = await computeLogits({ model: gpt2, texts: [ids] });
  let product = 1;
  for (let i = encode(prompt).length; i < ids.length; i++) {
    const scores = Array.from(data.subarray((i - 1) * 96, i * 96), Math.exp);
    product *= scores[ids[i]!]! / scores.reduce((sum, score) => sum + score, 0);
  }
  return product;
}

const shares = (values: number[]) => values.map((value) => value / values.reduce((sum, x) => sum + x, 0));

describe('a classifier by words', () => {
  it('gives each label the mean of the probabilities of its words', async () => {
    const results = await classify({ batchSize: 2 });
    for (const [i, text] of ['fine', 'so dull'].entries()) {
      const prompt = `${text}:`;
      const [bad, go, ok] = [
        await probability(prompt, ' bad'),
        await probability(prompt, ' go'),
        await probability(prompt, ' ok'),
      ];
      const [zero, one] = shares([bad, (go + ok) / 2]);
      expect(results[i]!.probabilities[0]).toBeCloseTo(zero!, 4);
      expect(results[i]!.probabilities[1]).toBeCloseTo(one!, 4);
      expect(results[i]!.label).toBe(zero! > one! ? '0' : '1');
    }
  });

  it('is the same in batches of any size, and may sum', async () => {
    const [one] = [await classify({ batchSize: 1 })];
    await classifier!.dispose();
    const many = await classify({ batchSize: 64 });
    for (const [i, { probabilities }] of many.entries())
      expect(probabilities[0]).toBeCloseTo(one[i]!.probabilities[0]!, 5);
    await classifier!.dispose();
    const [summed] = await classify({ wordProbability: 'sum' });
    expect(summed!.probabilities[1]).toBeGreaterThan(one[0]!.probabilities[1]!);
  });

  it('is calibrated by inputs without content', async () => {
    const calibrate = ['N/A', '?'];
    const results = await classify({ calibrate });
    const labelShares = async (text: string) => {
      const of = (word: string) => probability(`${text}:`, word);
      return shares([await of(' bad'), ((await of(' go')) + (await of(' ok'))) / 2]);
    };
    const free = [await labelShares('N/A'), await labelShares('?')];
    const own = await labelShares('fine');
    const expected = shares(own.map((p, i) => p / ((free[0]![i]! + free[1]![i]!) / 2)));
    expect(results[0]!.probabilities[0]).toBeCloseTo(expected[0]!, 4);
    await classifier!.dispose();
    const [nothing] = await classify({ calibrate: ['N/A'] }, rowsOf('N/A'));
    expect(nothing!.probabilities[0]).toBeCloseTo(0.5, 5);
  });

  it('has examples before the input, drawn or alike, and several templates', async () => {
    const shots = {
      data: rowsOf('xyz', 'finer'),
      count: 1,
      choose: 'similarity',
      separator: '|',
    } as const;
    const [first] = await classify({ shots }, rowsOf('fine'));
    const prompt = 'finer: go|fine:'; // the second record has the label 1
    const [bad, good] = [
      await probability(prompt, ' bad'),
      ((await probability(prompt, ' go')) + (await probability(prompt, ' ok'))) / 2,
    ];
    expect(first!.probabilities[1]).toBeCloseTo(good / (bad + good), 4);
    await classifier!.dispose();

    const templates = ['{text}:', '{{ text }}>'];
    const [both] = await classify({ template: templates });
    const alone: Readonly<Record<string, number>>[] = [];
    for (const template of templates) {
      await classifier!.dispose();
      alone.push((await classify({ template }))[0]!.probabilities);
    }
    const means = shares(['0', '1'].map((label) => Math.sqrt(alone[0]![label]! * alone[1]![label]!)));
    expect(both!.probabilities[0]).toBeCloseTo(means[0]!, 5);
  });

  it('fills in the mask of a masked language model', async () => {
    const masked = { ...tokenizer, maskTokenId: 90 };
    const options = {
      model: bert,
      tokenizer: masked,
      template: '{{ text }} {{ mask() }}.',
      completionTemplate: '{label}',
    };
    const results = await classify({ ...options, verbalizer: { 1: ['g', 'k'], 0: 'b' } });
    const ids = [91, ...encode('fine '), 90, ...encode('.'), 92];
    const { data } = await computeLogits({ model: bert, texts: [ids] });
    const scores = Array.from(data.subarray(6 * 96, 7 * 96), Math.exp);
    const [b, g, k] = encode('bgk').map((id) => scores[id]!);
    expect(results[0]!.probabilities[0]).toBeCloseTo(b! / (b! + (g! + k!) / 2), 4);
  });

  it('fills in as many masks as a word has tokens', async () => {
    const masked = { ...tokenizer, maskTokenId: 90 };
    const [result] = await classify({
      model: bert,
      tokenizer: masked,
      template: '{{ text }}{{ mask() }}:{{ mask() }}.',
      completionTemplate: '{label}',
      verbalizer: { 1: 'ok', 0: 'no' },
    });
    const ids = [91, ...encode('fine'), 90, ...encode(':'), 90, ...encode('.'), 92];
    const { data } = await computeLogits({ model: bert, texts: [ids] });
    const [ok, no] = ['ok', 'no'].map((word) =>
      encode(word)
        .map((id, i) => data[(5 + 2 * i) * 96 + id]!)
        .reduce((sum, score) => sum + score, 0),
    );
    expect(result!.probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(no! - ok!)), 4);
  });

  it('says what makes labels less sure: long words, and rows that are cut', async () => {
    await classify({ verbalizer: { 1: 'ok', 0: 'bad' }, template: '{text}', completionTemplate: '{label}' });
    const long = 'x'.repeat(gpt2.config.maxPositions);
    expect(await classifier!.warningsFor(['fine:', 'so-so.'])).toEqual([]);
    expect(await classifier!.warningsFor([long, 'fine'])).toEqual([
      `1 of 2 rows that were looked at lose their beginning: the model reads at most ${gpt2.config.maxPositions} tokens`,
    ]);
    await classifier!.dispose();
    await classify({});
    expect(await classifier!.warningsFor(rows)).toEqual([
      'words of labels have many tokens with this model ("bad" has 4): shorter ones are surer and faster',
    ]);
  });

  it.each<[string, Partial<PromptClassifierOptions>, string]>([
    [
      'a mask for a decoder',
      { template: '{{ text }} {{ mask() }}' },
      'which continues texts and cannot fill in a mask',
    ],
    [
      'soft tokens that nobody learned',
      { template: '{soft:2}{text}' },
      'it has 2 soft tokens, but the adapter has 0',
    ],
    [
      'calibration with similar examples',
      { calibrate: true, shots: { data: rows, count: 1, choose: 'similarity' } },
      'choose them by seed',
    ],
    ['too few examples', { shots: { data: rows, count: 3 } }, 'expected at least 3 examples, found 2'],
    ['one label', { verbalizer: { 1: 'a' } }, 'at least two labels'],
    ['an adapter with a head', { adapter: { head: {} } as Adapter }, 'it has a head'],
  ])('refuses %s', async (_, options, message) => {
    await expect(classify(options)).rejects.toThrow(UsageError);
    await expect(classify(options)).rejects.toThrow(message);
  });

  it('names the record that has no prompt, a word of several tokens, or a label that is unknown', async () => {
    await expect(classify({ template: '{text}' }, rowsOf('a', ''))).rejects.toThrow(
      'row 2: the prompt is empty',
    );
    expect(() => classifier!.labelsOf([{ label: 0 }, { label: 7 }])).toThrow(
      'row 2: the label "7" is not in the verbalizer, which has 0, 1',
    );
    const options = {
      model: bert,
      tokenizer: { ...tokenizer, maskTokenId: 90 },
      template: '{{ mask() }}{{ text }}',
    };
    await expect(classify(options)).rejects.toThrow(
      'row 1: expected one token per mask; the template has 1, but " bad" is 4',
    );
    const words = { verbalizer: { 1: 'a', 0: 'b' }, completionTemplate: '{label}' };
    const [hash] = encode('#');
    const encodeMask = (text: string) => encode(text).map((id) => (id === hash ? 90 : id));
    const own = { ...options.tokenizer, encode: encodeMask };
    await expect(classify({ ...options, ...words, tokenizer: own }, rowsOf('a', '#'))).rejects.toThrow(
      "row 2: the record's text contains the mask token",
    );
    await expect(classify({ ...options, template: '{text}' })).rejects.toThrow(
      'use a template with {{ mask() }}',
    );
  });
});
