/**
 * @file Extractive question answering as in SQuAD: encodes a question with its context, and locates the answer's ends
 *   among the tokens.
 */
import { optionError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { dataError, type Origin } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import { said, say } from '../say.js';
import { checkedIds, type EncodedRecord, type EncodeOptions, noLabel } from './encode.js';
import { fieldText, structured } from './fields.js';
import { type Offsets, tokenOffsets } from './token-offsets.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * The label of context tokens at which the answer does not begin. The label of the token at which it begins is the
 * index of its last token.
 */
export const inContext = -1;

type QuestionOptions = Pick<EncodeOptions, 'maxLength' | 'vocabSize'>;

export interface EncodedQuestion {
  readonly ids: readonly number[];
  /** The index of the first context token, and the offsets of the context tokens in the context. */
  readonly contextStart: number;
  readonly offsets: readonly Offsets[];
  readonly truncated: boolean;
}

/**
 * Returns a function that encodes a question and its context with the special tokens that the tokenizer puts around two
 * texts (a line break if it puts none in between). A context that is too long is truncated at its end.
 */
export function questionEncoder(
  tokenizer: Tokenizer,
  { maxLength = Number.POSITIVE_INFINITY, vocabSize = Number.POSITIVE_INFINITY }: QuestionOptions,
): (question: string, context: string, origin: Origin) => EncodedQuestion {
  const { before, between, after } = pairTokens(tokenizer);
  return (question, context, origin) => {
    const [questionIds, all] = [question, context].map((text) =>
      checkedIds(tokenizer.encode(text), tokenizer, vocabSize, origin),
    );
    const empty = questionIds!.length === 0 ? 'question' : all!.length === 0 ? 'context' : undefined;
    if (empty) throw dataError(origin, say`the ${said(empty)} is empty; fill it in or remove the record`);
    const contextStart = before.length + questionIds!.length + between.length;
    const room = maxLength - contextStart - after.length;
    if (room < 1)
      throw dataError(
        origin,
        say`the question has ${questionIds!.length} tokens, which leaves no room for a context in
          ${maxLength}; shorten it`,
      );
    const kept = all!.slice(0, room);
    return {
      ids: [...before, ...questionIds!, ...between, ...kept, ...after],
      contextStart,
      offsets: tokenOffsets(context, all!, tokenizer).slice(0, room),
      truncated: kept.length < all!.length,
    };
  };
}

/** The tokens that the tokenizer puts around and between two texts. */
function pairTokens(tokenizer: Tokenizer) {
  const [one, other] = ['a', 'b'].map((text) => tokenizer.encode(text));
  const whole = tokenizer.encode('a', { textPair: 'b', addSpecialTokens: true });
  const find = (ids: readonly number[], from: number) =>
    whole.findIndex((_, at) => at >= from && ids.every((id, i) => whole[at + i] === id));
  const first = find(one!, 0);
  const second = find(other!, first + one!.length);
  const before = whole.slice(0, first);
  const between = whole.slice(first + one!.length, Math.max(second, 0));
  return {
    before,
    between: between.length > 0 ? between : tokenizer.encode('\n'),
    // without a post-processor, the second text is missing
    after: second < 0 ? [] : whole.slice(second + other!.length),
  };
}

/**
 * Returns a function that encodes a record with `question`, `context` and `answers` ({ text, answer_start }, both
 * lists, of which the first answer counts; or a list of such objects). It returns undefined for a record to drop, for
 * example if truncation removes the answer.
 */
export function answerEncoder(
  options: EncodeOptions & { tokenizer: Tokenizer; template?: string; labelField?: string },
): (record: DataRecord) => EncodedRecord | undefined {
  const { tokenizer, template, labelField = 'answers', truncation } = options;
  if (template !== undefined)
    throw optionError(
      'template',
      say`a question and its context are joined by the tokenizer; leave the template out`,
    );
  const encode = questionEncoder(tokenizer, options);
  return (record) => {
    const context = fieldText(record, 'context');
    const answer = answerIn(record, context, labelField);
    const { ids, contextStart, offsets, truncated } = encode(fieldText(record, 'question'), context, record);
    const first = offsets.findIndex(({ end }) => end > answer.start);
    const last = offsets.findLastIndex(({ start }) => start < answer.end);
    const isCut = first < 0 || offsets.at(-1)!.end < answer.end;
    if (isCut && !truncated) throw dataError(record, say`the answer has no token in the context`);
    if (isCut || (truncated && truncation === 'drop')) return undefined;
    const labels = Int32Array.from(ids, (_, at) => (offsets[at - contextStart] ? inContext : noLabel));
    labels[contextStart + first] = contextStart + last;
    const lossMask = Uint8Array.from(ids, (_, at) => Number(at === contextStart + first));
    return { inputIds: Int32Array.from(ids), lossMask, labels, truncated };
  };
}

/** The offsets of the first answer in the context. */
function answerIn(record: DataRecord, context: string, name: string): Offsets {
  const problem = (what: string) => dataError(record, say`the field ${JSON.stringify(name)} ${what}`);
  const value = structured(record.fields[name]);
  const first = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(first))
    throw problem(
      value === undefined
        ? say`is missing; the fields are ${Object.keys(record.fields).join(', ')}`
        : say`has no answer; expected { "text": […], "answer_start": […] }, remove questions without
          an answer`,
    );
  const [text, written] = [first.text, first.answer_start].map((part) =>
    Array.isArray(part) ? part[0] : part,
  );
  if (typeof text !== 'string' || text.trim() === '' || typeof written !== 'number')
    throw problem(
      say`has no answer; expected { "text": […], "answer_start": […] }, remove questions without an
        answer`,
    );
  const start = [...context].slice(0, written).join('').length; // SQuAD counts characters, JavaScript UTF-16 units
  if (context.startsWith(text, start)) return { start, end: start + text.length };
  throw problem(
    say`says that ${JSON.stringify(text)} is at character ${written} of the context, where
      ${JSON.stringify(context.slice(start, start + text.length))} is`,
  );
}
