/** @file Labels for texts: a model with an adapter that has a head, ready for any number of requests. */
import { type EncodedExample, noLabel } from '../data/encode.js';
import { textEncoder, wordsEncoder } from '../data/labelled.js';
import type { Tokenizer } from '../data/tokenizer.js';
import { UsageError } from '../errors.js';
import type { Adapter } from '../methods/method.js';
import type { CausalLM, HeadTask } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import { createLossEvaluator, type LossEvaluator } from '../training/model-step.js';

export interface ClassifierOptions {
  model: CausalLM;
  tokenizer: Tokenizer;
  /** An adapter with a head; of several tasks, one of them (`tasks.select`). */
  adapter: Adapter;
  /** Texts computed together. Default 8. */
  batchSize?: number;
  device?: Device;
  threads?: number;
}

export interface Classification {
  /** The likeliest label. */
  readonly label: string;
  /** Of every label, by its name; they add up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

export interface Classifier {
  readonly labels: readonly string[];
  /** The label of each text, where the head is for texts. A text that is too long loses its end. */
  classify(texts: readonly string[]): Promise<Classification[]>;
  /** The tag of each word of each text, where the head is for tokens; undefined for words behind the end of the context. */
  tag(texts: readonly (readonly string[])[]): Promise<(Classification | undefined)[][]>;
  dispose(): Promise<void>;
}

/** The model is loaded at the first request. Throws a UsageError for an adapter without a head. */
export function createClassifier(options: ClassifierOptions): Classifier {
  const { model, tokenizer, adapter, batchSize = 8 } = options;
  const { head } = adapter;
  if (!head) throw new UsageError('the adapter has no head to label texts with; train one with a taskType');
  const { labels, task } = head;
  const { maxPositions, vocabSize } = model.config;
  const encoding = { maxLength: maxPositions - adapter.numVirtualTokens, vocabSize };
  let loading: Promise<LossEvaluator> | undefined;

  /** The classification of every label's place in the examples, in order. */
  async function label(examples: readonly EncodedExample[]): Promise<Classification[]> {
    loading ??= createLossEvaluator(model, adapter, options);
    const evaluator = await loading;
    const found: Classification[] = [];
    for (let at = 0; at < examples.length; at += batchSize) {
      const { scores } = await evaluator.evaluate(examples.slice(at, at + batchSize));
      for (let row = 0; row < scores!.length; row += labels.length)
        found.push(classificationOf(labels, scores!.subarray(row, row + labels.length)));
    }
    return found;
  }

  return {
    labels,
    async classify(texts) {
      expectTask(task, 'sequence-classification', 'classify');
      const encode = textEncoder(tokenizer, encoding);
      return label(
        texts.map((text, i) => {
          const { ids } = encode(text, { place: `text ${i + 1}` });
          return exampleOf(ids, (at) => at === (head.design.pools === 'first' ? 0 : ids.length - 1));
        }),
      );
    },
    async tag(texts) {
      expectTask(task, 'token-classification', 'tag');
      const encode = wordsEncoder(tokenizer, encoding);
      const encoded = texts.map((words, i) => encode(words, { place: `text ${i + 1}` }));
      const found = await label(
        encoded.map(({ ids, wordAt }) => exampleOf(ids, (at) => wordAt[at] !== undefined)),
      );
      let next = 0;
      return encoded.map(({ wordAt }, i) => {
        const tags = new Array<Classification | undefined>(texts[i]!.length).fill(undefined);
        for (const word of wordAt) if (word !== undefined) tags[word] = found[next++];
        return tags;
      });
    },
    async dispose() {
      await (await loading)?.dispose();
      loading = undefined;
    },
  };
}

function expectTask(task: HeadTask, wanted: HeadTask, name: string): void {
  if (task !== wanted)
    throw new UsageError(`${name} needs a head for ${wanted}, but that of the adapter is for ${task}`);
}

/** Any label serves at the places that are asked for. */
function exampleOf(ids: readonly number[], isAsked: (at: number) => boolean): EncodedExample {
  const labels = Int32Array.from(ids, (_, at) => (isAsked(at) ? 0 : noLabel));
  const lossMask = Uint8Array.from(labels, (label) => (label === noLabel ? 0 : 1));
  return { inputIds: Int32Array.from(ids), labels, lossMask };
}

function classificationOf(labels: readonly string[], scores: Float32Array): Classification {
  const highest = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return {
    label: labels[scores.indexOf(highest)]!,
    probabilities: Object.fromEntries(labels.map((name, i) => [name, powers[i]! / sum])),
  };
}
