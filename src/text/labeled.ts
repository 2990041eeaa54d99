/**
 * @file Labeled records for heads, with a class per text or a tag per word: from fields to ids, and the label of each
 *   token.
 */
import { optionError, UsageError } from '../errors.js';
import { kindOf } from '../formats/json.js';
import { type Data, openData } from '../records/data.js';
import { dataError } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import type { ReadOptions } from '../records/text-encoding.js';
import { say } from '../say.js';
import {
  type EncodeOptions,
  labeledTargets,
  maskedEncoderFor,
  noLabel,
  type RecordEncoder,
} from './encode.js';
import { fieldText, scalarText, structured } from './fields.js';
import type { PromptText } from './prompt-text.js';
import { answerEncoder } from './questions.js';
import { specialTokens } from './special-tokens.js';
import { textFor } from './template.js';
import type { Tokenizer } from './tokenizer.js';

export interface LabelOptions {
  /**
   * Whether a text has one label, each of its words has one, or an answer to a question is in it (see questions.ts).
   */
  readonly labeled: 'text' | 'words' | 'answers';
  /** Default: `label`, or `tags` for words, or `answers`. */
  readonly labelField?: string;
}

/** The first token of a text, its last one, or the only mask in its template. */
export type PooledToken = 'first' | 'last' | 'mask';

export interface LabeledOptions extends LabelOptions {
  /** Their names, in the order of their indices. */
  readonly labels: readonly string[];
  /** The token with a text's label. Default: the last. */
  readonly pools?: PooledToken;
}

/** Fields that may contain a labeled text in records without a template. */
export const textFields = ['text', 'sentence', 'prompt', 'input'] as const;
const wordFields = ['tokens', 'words'] as const;

/**
 * The labels in the data: numbers in numerical order, names in alphabetical order.
 * @throws an error that names the record of a missing label; UsageError if there are fewer than two labels
 */
export async function readLabels(data: Data, options: LabelOptions & ReadOptions): Promise<string[]> {
  const found = new Set<string>();
  const records = await openData(data, options);
  try {
    for await (const record of records) for (const label of labelsOf(record, options)) found.add(label);
  } finally {
    await records.close();
  }
  if (found.size < 2) {
    const only = found.size === 1 ? say`only ${JSON.stringify([...found][0])}` : say`none`;
    throw new UsageError(
      say`expected at least two labels, but the field ${JSON.stringify(fieldOf(options))} has
        ${only}; set another field with labelField`,
      { code: 'invalid-data' },
    );
  }
  const areNumbers = [...found].every((label) => /^-?\d+(\.\d+)?$/.test(label));
  return [...found].sort(areNumbers ? (a, b) => Number(a) - Number(b) : undefined);
}

const fieldOf = ({ labeled, labelField }: LabelOptions) =>
  labelField ?? (labeled === 'text' ? 'label' : 'tags');

/** A text's label, or those of its words. */
function labelsOf(record: DataRecord, options: LabelOptions): string[] {
  const name = fieldOf(options);
  return options.labeled === 'text' ? [fieldText(record, name)] : listOf(record, name);
}

/** A list of texts or numbers in JSON or Python syntax, or separated by spaces. */
function listOf(record: DataRecord, name: string): string[] {
  const value = structured(record.fields[name]);
  if (!Array.isArray(value)) {
    const text = fieldText(record, name).trim();
    return text === '' ? [] : text.split(/\s+/);
  }
  return value.map((item) => {
    const text = scalarText(item);
    if (text !== undefined) return text;
    throw dataError(
      record,
      say`the field ${JSON.stringify(name)} contains ${kindOf(item)}, expected strings or numbers`,
    );
  });
}

/**
 * The encoder of labeled records like `first`. It adds the tokenizer's special tokens (BERT's [CLS] and [SEP]). A text
 * that is too long is truncated at its end, or at its beginning if it has a mask, or dropped.
 */
export function labeledEncoder(
  first: DataRecord,
  options: LabeledOptions & EncodeOptions & { tokenizer: Tokenizer; template?: string },
): RecordEncoder {
  const { tokenizer, labels, labeled, truncation, template } = options;
  const { labelField = labeled === 'answers' ? 'answers' : fieldOf(options) } = options;
  if (labeled === 'answers')
    return { encode: answerEncoder(options), fields: new Set(['question', 'context', labelField]) };
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const numberOf = (record: DataRecord, label: string): number => {
    const number = numbers.get(label);
    if (number !== undefined) return number;
    throw dataError(
      record,
      say`the label ${JSON.stringify(label)} is not one of ${labels.join(', ')}; labels are those of
        the training data, unless set with labels`,
    );
  };
  const textOf = labeled === 'text' ? textFor(first, template, textFields) : undefined;
  const encodeText = pooledTextEncoder(tokenizer, options);
  const encodeWords = wordsEncoder(tokenizer, options);

  const read = textOf?.fields ?? wordFields.filter((name) => Object.hasOwn(first.fields, name)).slice(0, 1);
  const encode = (record: DataRecord) => {
    const numbersOf = labelsOf(record, options).map((label) => numberOf(record, label));
    if (textOf) {
      const { ids, pooled, truncated } = encodeText(textOf.render(record), record);
      if (truncated && truncation === 'drop') return undefined;
      const own = ids.map((_, at) => (at === pooled ? numbersOf[0]! : noLabel));
      return labeledTargets(ids, own, truncated);
    }
    const words = wordsOf(record);
    if (words.length !== numbersOf.length) {
      const found = say`there are ${words.length} words and ${numbersOf.length} tags`;
      throw dataError(record, say`${found}; expected one tag per word`);
    }
    const { ids, wordAt, truncated } = encodeWords(words, record);
    if (truncated && truncation === 'drop') return undefined;
    const own = wordAt.map((word) => (word === undefined ? noLabel : numbersOf[word]!));
    return labeledTargets(ids, own, truncated);
  };
  const prompts = labeled === 'text' && template !== undefined ? { promptTemplate: template } : undefined;
  return { encode, fields: new Set([...read, labelField]), prompts };
}

/** The words of a record, which have a tag each. Throws an error that names the record where there are none. */
export function wordsOf(record: DataRecord): string[] {
  const name = wordFields.find((candidate) => Object.hasOwn(record.fields, candidate));
  if (name) return listOf(record, name);
  const fields = Object.keys(record.fields).join(', ') || 'none';
  throw dataError(
    record,
    say`the fields are ${fields}; expected a list of words in ${wordFields.join(' or ')}`,
  );
}

/** The origin of a text, for errors. */
type Place = Parameters<typeof dataError>[0];

/** An encoded text for a head: `pooled` is the position of the token with its label. */
interface PooledText {
  readonly ids: number[];
  readonly pooled: number;
  readonly truncated: boolean;
}

/**
 * Returns a function that encodes a text for a head that gives it one label: with special tokens, and truncated to
 * `maxLength` at its end, or at its beginning if it has a mask.
 */
export function pooledTextEncoder(
  tokenizer: Tokenizer,
  {
    pools = 'last',
    maxLength,
    vocabSize,
  }: Pick<EncodeOptions, 'maxLength' | 'vocabSize'> & { pools?: PooledToken },
): (text: PromptText, origin: Place) => PooledText {
  if (pools === 'mask') {
    const encode = maskedEncoderFor(tokenizer, { maxLength, vocabSize });
    return (text, origin) => {
      const { ids, maskPositions, truncated } = encode(text, origin)!; // only the text is truncated, so none is dropped
      const [pooled] = maskPositions;
      if (maskPositions.length === 1) return { ids, pooled: pooled!, truncated };
      throw optionError('template', say`expected one mask for the label, found ${maskPositions.length}`);
    };
  }
  const encode = textEncoder(tokenizer, { maxLength, vocabSize });
  return (text, origin) => {
    if (typeof text !== 'string')
      throw optionError('template', say`the head uses no mask; remove {{ mask() }} from the template`);
    const { ids, truncated } = encode(text, origin);
    return { ids, pooled: pools === 'first' ? 0 : ids.length - 1, truncated };
  };
}

/** Returns a function that encodes a text with special tokens, truncated at its end to `maxLength`. */
function textEncoder(tokenizer: Tokenizer, options: Pick<EncodeOptions, 'maxLength' | 'vocabSize'>) {
  const finish = finisherFor(tokenizer, options);
  return (text: string, origin: Place): { ids: number[]; truncated: boolean } => {
    const ids = tokenizer.encode(text);
    if (ids.length === 0) throw dataError(origin, say`the text is empty; fill it in or remove it`);
    return finish(ids, origin);
  };
}

/** The same for a text in words. `wordAt` has the index of a word at its first token. */
export function wordsEncoder(tokenizer: Tokenizer, options: Pick<EncodeOptions, 'maxLength' | 'vocabSize'>) {
  const finish = finisherFor(tokenizer, options);
  return (words: readonly string[], origin: Place) => {
    const ids: number[] = [];
    const wordAt: (number | undefined)[] = [];
    for (const [number, word] of words.entries()) {
      const parts = number === 0 ? tokenizer.encode(word) : tokenizer.encode(` ${word}`, { continues: true });
      ids.push(...parts);
      wordAt.push(...parts.map((_, part) => (part === 0 ? number : undefined)));
    }
    if (ids.length === 0) throw dataError(origin, say`there are no words; fill them in or remove the record`);
    const finished = finish(ids, origin);
    const { start, kept } = finished;
    const places = finished.ids.map((_, at) => (at < start + kept ? wordAt[at - start] : undefined));
    return { ids: finished.ids, truncated: finished.truncated, wordAt: places };
  };
}

/** Truncates ids, puts special tokens around them, and checks them. */
function finisherFor(
  tokenizer: Tokenizer,
  { maxLength = Number.POSITIVE_INFINITY, vocabSize = Number.POSITIVE_INFINITY }: EncodeOptions,
) {
  const { before, after } = specialTokens(tokenizer);
  const room = maxLength - before.length - after.length;
  if (room < 1)
    throw new UsageError(say`maxLength ${maxLength} leaves no room for a text; raise it`, {
      code: 'too-long',
    });
  return (ids: readonly number[], origin: Place) => {
    const foreign = ids.find((id) => id >= vocabSize);
    if (foreign !== undefined) {
      const token = JSON.stringify(tokenizer.tokenOf(foreign));
      throw dataError(
        origin,
        say`${token} has the token id ${foreign}, but the model's vocabulary ends at
          ${vocabSize - 1}; the tokenizer belongs to another model`,
      );
    }
    const kept = Math.min(ids.length, room);
    return {
      ids: [...before, ...ids.slice(0, kept), ...after],
      truncated: kept < ids.length,
      start: before.length,
      kept,
    };
  };
}
