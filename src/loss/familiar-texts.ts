/** @file Whether a model knows texts like those of its data: the bits that it needs for them and for plain prose. */

import type { LanguageModel } from '../models/model.js';
import { said, say } from '../say.js';
import type { Dataset } from '../text/dataset.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { createLossEvaluator, type ModelStepOptions } from './evaluator.js';

/** Plain prose, of which a model that knows the language needs few bits. */
const known = {
  English:
    'Water boils at a lower temperature in the mountains, because the air presses on it less. That is why rice takes ' +
    'longer to cook in a hut at three thousand meters than in a kitchen by the sea. A pressure cooker solves the ' +
    'problem: it keeps the steam in and raises the temperature again.',
  Chinese:
    '水在高山上沸腾的温度比较低，因为那里的气压小。所以在海拔三千米的地方煮饭，比在海边的厨房里要花更长的时间。高压锅可以解决这个问题：它把蒸汽留在锅里，使温度重新升高。',
};

/**
 * Tokens per letter from which on texts are measured. A text that a tokenizer divides into fewer is like those that it
 * was made from: English has 0.2 to 0.3, and so has Chinese with a vocabulary that has it.
 */
const unusual = 0.4;

/** Times the bits of a text it knows: other subjects and short texts take up to 2 times as many (SmolLM2-135M). */
const unknown = 2.3;

/** Fewer letters say little. */
const leastLetters = 200;

const sampled = 16;
const longest = 64;

/**
 * One line if the frozen model needs far more bits for texts of the data than for plain prose; none for texts that its
 * tokenizer divides as usual, and for models that do not predict the next token.
 */
export async function unfamiliarTexts(
  dataset: Pick<Dataset, 'length' | 'get'>,
  {
    model,
    tokenizer,
    signal,
    ...options
  }: { model: LanguageModel; tokenizer: Tokenizer; signal?: AbortSignal } & ModelStepOptions,
): Promise<string[]> {
  if (model.bidirectional || model.encoder) return [];
  const width = Math.min(longest, model.config.maxPositions);
  // Beyond the model's vocabulary there are soft tokens, and tokens that some tokenizers have in excess.
  const vocabSize = Math.min(tokenizer.vocabSize, model.config.vocabSize);
  const isText = (id: number) => id < vocabSize && id !== tokenizer.eosTokenId;
  const count = Math.min(sampled, dataset.length);
  const rows: Int32Array[] = [];
  for (let i = 0; i < count; i++) {
    const { inputIds } = await dataset.get(Math.floor((i * dataset.length) / count));
    rows.push(inputIds.filter(isText).subarray(0, width));
  }
  const texts = measurable(rows, tokenizer);
  if (texts.letters < leastLetters || texts.tokens / texts.letters < unusual) return [];
  const references = Object.entries(known).map(([language, text]) => {
    const ids = Int32Array.from(tokenizer.encode(text)).filter(isText);
    const parts = Array.from({ length: Math.ceil(ids.length / width) }, (_, i) =>
      ids.subarray(i * width, (i + 1) * width),
    );
    return { language, ...measurable(parts, tokenizer) };
  });
  const [first, ...others] = references.sort((a, b) => a.tokens / a.letters - b.tokens / b.letters);
  const possible = [first!, ...others.filter(({ tokens, letters }) => tokens / letters < unusual)];
  const { best, bits } = await measuredOnce(model, texts, async () => {
    await using evaluator = await createLossEvaluator(model, undefined, options);
    const bitsPerLetter = async ({ examples, letters }: Measurable) => {
      signal?.throwIfAborted();
      const sums = await evaluator.evaluateRows(examples, 8);
      return sums.reduce((a, b) => a + b, 0) / Math.LN2 / letters;
    };
    let best = { language: '', bits: Number.POSITIVE_INFINITY };
    for (const { language, ...reference } of possible) {
      const bits = await bitsPerLetter(reference);
      if (bits < best.bits) best = { language, bits };
    }
    return { best, bits: await bitsPerLetter(texts) };
  });
  if (!(bits >= unknown * best.bits)) return []; // so it is for NaN, of which the first step speaks
  const times = (bits / best.bits).toFixed(1);
  return [
    say`the model needs ${times} times as many bits for these texts as for plain ${said(best.language)}
      (${bits.toFixed(1)} and ${best.bits.toFixed(1)} per letter): it hardly knows texts like
      these`,
  ];
}

interface Measured {
  /** The prose that it needs fewest bits for. */
  readonly best: { readonly language: string; readonly bits: number };
  readonly bits: number;
}

/** Of the texts that a model was measured on last: a plan measures them again with every change of its settings. */
const lastMeasured = new WeakMap<
  LanguageModel,
  { readonly texts: Measurable; readonly measured: Measured }
>();

async function measuredOnce(
  model: LanguageModel,
  texts: Measurable,
  measure: () => Promise<Measured>,
): Promise<Measured> {
  const last = lastMeasured.get(model);
  if (last && areSame(last.texts, texts)) return last.measured;
  const measured = await measure();
  lastMeasured.set(model, { texts, measured });
  return measured;
}

const areSame = ({ examples: some }: Measurable, { examples: others }: Measurable): boolean =>
  some.length === others.length &&
  some.every(({ inputIds }, i) => {
    const other = others[i]!.inputIds;
    return inputIds.length === other.length && inputIds.every((id, at) => id === other[at]);
  });

interface Measurable {
  readonly examples: readonly { inputIds: Int32Array; lossMask: Uint8Array }[];
  readonly tokens: number;
  readonly letters: number;
}

/** Every token but a row's first one counts: nothing predicts that. */
function measurable(rows: readonly Int32Array[], tokenizer: Tokenizer): Measurable {
  const used = rows.filter(({ length }) => length > 1);
  const letters = used.map((ids) => lettersOf(tokenizer.decode([...ids.subarray(1)])));
  return {
    examples: used.map((inputIds) => ({ inputIds, lossMask: new Uint8Array(inputIds.length).fill(1, 1) })),
    tokens: used.reduce((sum, { length }) => sum + length - 1, 0),
    letters: letters.reduce((sum, count) => sum + count, 0),
  };
}

const ideograph = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** Characters, of which those of Chinese, Japanese and Korean say as much as three letters. */
const lettersOf = (text: string) => [...text].length + 2 * (text.match(ideograph)?.length ?? 0);
