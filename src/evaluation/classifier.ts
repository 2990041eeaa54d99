/**
 * @file Labels texts and finds answers in them: a model with an adapter that has a head, for any number of requests.
 */

import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import { createLossEvaluator, type LossEvaluator } from '../loss/evaluator.js';
import { bestSpan, scoresByExample } from '../loss/spans.js';
import type { HeadTaskType, LanguageModel } from '../models/model.js';
import { recordOf } from '../records/data.js';
import type { Fields } from '../records/record-formats.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import { type EncodedExample, noLabel } from '../text/encode.js';
import { pooledTextEncoder, textFields, wordsEncoder } from '../text/labeled.js';
import type { PromptText } from '../text/prompt-text.js';
import { type EncodedQuestion, inContext, questionEncoder } from '../text/questions.js';
import { promptTemplate, textFor } from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { onDemand } from './on-demand.js';

export interface ClassifierOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** An adapter with a head. If it has tasks, select one first (`tasks.adapterFor`). */
  adapter: Adapter;
  /** What bare texts are put into, as in training. Default: what the adapter notes; without that, nothing. */
  template?: string;
  /** Texts per batch. Default 8. */
  batchSize?: number;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
}

export interface Classification {
  /** The most likely label. */
  readonly label: string;
  /** Probability of every label, by its name; they add up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

export interface Question {
  readonly question: string;
  /** The text that contains the answer. */
  readonly context: string;
}

export interface Answer {
  /** The part of the context from `start` up to `end`, counted in code points as in SQuAD. */
  readonly answer: string;
  readonly start: number;
  readonly end: number;
  /** p(first token) · p(last token), each among the tokens of the context. */
  readonly score: number;
}

export interface Classifier {
  readonly labels: readonly string[];
  /**
   * Labels each text, with a head for texts. A bare text, or the fields of one, go into the template; without one, the
   * text is the field that training takes, such as `text`. Texts that are too long lose their end. If the head is
   * applied to a mask, texts contain one and lose their beginning.
   */
  classify(texts: readonly (PromptText | Fields)[]): Promise<Classification[]>;
  /** How many tokens the model reads for each text, virtual ones included, with a head for texts. */
  countTokens(texts: readonly (PromptText | Fields)[]): Promise<number[]>;
  /** Tags each word of each text, with a head for tokens; undefined for words beyond the context. */
  tag(texts: readonly (readonly string[])[]): Promise<(Classification | undefined)[][]>;
  /** Answers each question, with a head for answers. A context that is too long loses its end. */
  answer(questions: readonly Question[]): Promise<Answer[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates a classifier. The model and the adapter's tensors are loaded on the first request, and requests may overlap.
 * Throws a UsageError for an adapter without a head.
 */
export function createClassifier(options: ClassifierOptions): Classifier {
  const { model, tokenizer, adapter, batchSize = 8 } = options;
  const { head } = adapter;
  if (!head)
    throw new UsageError(say`the adapter has no head to label texts; train one with taskType`, {
      code: 'unsupported',
    });
  const { labels, taskType } = head;
  const { maxPositions, vocabSize } = model.config;
  const encoding = { maxLength: maxPositions - adapter.numVirtualTokens, vocabSize };
  const evaluator = onDemand(() => createLossEvaluator(model, adapter, { ...options, isFrozen: true }));

  /** The head's scores, batch by batch. */
  async function* scored(loaded: LossEvaluator, examples: readonly EncodedExample[]) {
    for (let at = 0; at < examples.length; at += batchSize) {
      const batch = examples.slice(at, at + batchSize);
      yield { batch, scores: (await loaded.evaluate(batch)).scores! };
    }
  }

  /** The classifications of all label positions in the examples, in order. */
  async function label(examples: readonly EncodedExample[]): Promise<Classification[]> {
    const found: Classification[] = [];
    await evaluator.use(async (loaded) => {
      for await (const { scores } of scored(loaded, examples))
        for (let row = 0; row < scores.length; row += labels.length)
          found.push(classificationOf(labels, scores.subarray(row, row + labels.length)));
    });
    return found;
  }

  function encodeTexts(texts: readonly (PromptText | Fields)[]) {
    expectTaskType(taskType, 'sequence-classification', 'classify');
    const written = intoTemplate(options.template ?? adapter.usage?.promptTemplate);
    const encode = pooledTextEncoder(tokenizer, { ...encoding, pools: head!.design.pools });
    return texts.map((text, i) => encode(written(text, i), { place: `text ${i + 1}` }));
  }

  return {
    labels,
    classify: async (texts) =>
      label(encodeTexts(texts).map(({ ids, pooled }) => exampleOf(ids, (at) => at === pooled))),
    countTokens: async (texts) => encodeTexts(texts).map(({ ids }) => adapter.numVirtualTokens + ids.length),
    async tag(texts) {
      expectTaskType(taskType, 'token-classification', 'tag');
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
    async answer(questions) {
      expectTaskType(taskType, 'question-answering', 'answer');
      const encode = questionEncoder(tokenizer, encoding);
      const encoded = questions.map(({ question, context }, i) =>
        encode(question, context, { place: `question ${i + 1}` }),
      );
      const examples = encoded.map(unansweredExample);
      const answers: Answer[] = [];
      await evaluator.use(async (loaded) => {
        for await (const { batch, scores } of scored(loaded, examples))
          for (const [row, own] of scoresByExample(batch, scores).entries()) {
            const i = answers.length;
            answers.push(answerOf(questions[i]!.context, encoded[i]!, batch[row]!, own));
          }
      });
      return answers;
    },
    dispose: () => evaluator.release(),
    [Symbol.asyncDispose]() {
      return this.dispose();
    },
  };
}

/** Puts bare texts, and fields of texts, into a template. */
function intoTemplate(given: string | undefined): (text: PromptText | Fields, index: number) => PromptText {
  const template = given === undefined ? undefined : promptTemplate(given);
  const names = [...(template?.fields ?? [])];
  const expected = names.length === 0 ? say`bare texts` : say`texts with the fields ${names.join(', ')}`;
  return (text, index) => {
    if (isFields(text)) {
      if (template) return template.render(text);
      const record = recordOf(text, index);
      return textFor(record, undefined, textFields).render(record);
    } else if (typeof text !== 'string' || names.length === 0) return text;
    else if (names.length === 1) return template!.render({ [names[0]!]: text });
    throw new UsageError(say`expected ${expected}, as the template is ${JSON.stringify(given) ?? 'none'}`);
  };
}

const isFields = (text: PromptText | Fields): text is Fields =>
  typeof text === 'object' && !Array.isArray(text);

function expectTaskType(taskType: HeadTaskType, expected: HeadTaskType, name: string): void {
  if (taskType !== expected)
    throw new UsageError(
      say`${name} needs a head for ${expected}, but that of the adapter is for ${taskType}`,
      { code: 'unsupported' },
    );
}

/** An example with placeholder labels at the positions to classify. */
function exampleOf(ids: readonly number[], isAsked: (at: number) => boolean): EncodedExample {
  const labels = Int32Array.from(ids, (_, at) => (isAsked(at) ? 0 : noLabel));
  const lossMask = Uint8Array.from(labels, (label) => (label === noLabel ? 0 : 1));
  return { inputIds: Int32Array.from(ids), labels, lossMask };
}

function classificationOf(labels: readonly string[], scores: Float32Array): Classification {
  const shares = probabilities(scores);
  return {
    label: labels[scores.indexOf(Math.max(...scores))]!,
    probabilities: Object.fromEntries(labels.map((name, i) => [name, shares[i]!])),
  };
}

function probabilities(scores: ArrayLike<number>): number[] {
  const all = Array.from(scores);
  const highest = Math.max(...all);
  const powers = all.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** A question with a placeholder answer: its loss is not read. */
function unansweredExample({ ids, contextStart, offsets }: EncodedQuestion): EncodedExample {
  const labels = Int32Array.from(ids, (_, at) => (offsets[at - contextStart] ? inContext : noLabel));
  labels[contextStart] = contextStart;
  const lossMask = Uint8Array.from(ids, (_, at) => Number(at === contextStart));
  return { inputIds: Int32Array.from(ids), labels, lossMask };
}

function answerOf(
  context: string,
  { contextStart, offsets }: EncodedQuestion,
  { labels }: EncodedExample,
  scores: Float32Array,
): Answer {
  const span = bestSpan(scores, labels!);
  const { start } = offsets[span.start - contextStart]!;
  const { end } = offsets[span.end - contextStart]!;
  const [ofStart, ofEnd] = [0, 1].map((column) => {
    const ofContext = offsets.map((_, i) => scores[2 * (contextStart + i) + column]!);
    return probabilities(ofContext);
  });
  const answer = context.slice(start, end);
  const characters = (text: string) => [...text].length;
  return {
    answer,
    start: characters(context.slice(0, start)),
    end: characters(context.slice(0, end)),
    score: ofStart![span.start - contextStart]! * ofEnd![span.end - contextStart]!,
  };
}
