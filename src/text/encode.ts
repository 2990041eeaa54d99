/** @file Encodes an example's text to token ids and label tokens, up to a maximum length. */
import { optionError, PromptuneError, UsageError } from '../errors.js';
import { dataError, type Origin } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import { said, say } from '../say.js';
import {
  type ChatFormat,
  type ChatPart,
  type Conversation,
  chatFormatOf,
  chatParts,
  encodeChat,
} from './chat.js';
import type { LayoutLanguage } from './layout-words.js';
import { encodePrompt, type PromptText } from './prompt-text.js';
import { specialTokens } from './special-tokens.js';
import type { ExampleText } from './template.js';
import { type Tokenizer, withoutStart } from './tokenizer.js';
import { callArgumentsFor } from './tool-calls.js';

export interface EncodedExample {
  readonly inputIds: Int32Array;
  /**
   * As long as `inputIds`; 1 marks a label, a token that is predicted from those before it. A first token can only be
   * predicted from virtual tokens; models without them skip it.
   */
  readonly lossMask: Uint8Array;
  /**
   * As long as `inputIds`: the label of each token whose `lossMask` is 1, for a head that predicts it from the
   * token's own hidden state. Without it the labels are the tokens themselves.
   */
  readonly labels?: Int32Array;
  /** The task it belongs to, if there are several. Default 0. */
  readonly taskId?: number;
  /** In a pair of answers to one prompt: the rejected one, where this is the chosen one. */
  readonly rejected?: EncodedExample;
  /** The log-probability of the chosen answer less that of the rejected one, by the frozen model. */
  readonly referenceMargin?: number;
}

/**
 * What happens to an example of more than `maxLength` tokens.
 * - `prompt`: the prompt is truncated at its beginning, the completion is kept; a completion that does not fit even
 * without its prompt is an error. A text without a prompt is truncated at its end.
 * - `end`: it is truncated at its end, completion first, as in transformers and TRL, and dropped if no target is left.
 * - `drop`: it is dropped.
 */
export type Truncation = (typeof truncations)[number];
export const truncations = ['prompt', 'end', 'drop'] as const;

export interface EncodeOptions {
  /** Maximum number of tokens of an example, without virtual tokens. Default: no limit. */
  maxLength?: number;
  /** Default `prompt`. */
  truncation?: Truncation;
  /**
   * Whether the loss counts only the completion's tokens (the default) or the prompt's as well. A text without a prompt
   * counts as a whole.
   */
  trainOn?: 'completion' | 'all';
  /**
   * Whether the completion ends with the tokenizer's end-of-text token, so that the model learns to stop. Default
   * true.
   */
  appendEos?: boolean;
  /**
   * Whether the prompt gets the special tokens that the tokenizer puts around a text, such as T5's `</s>`: encoders
   * need them, and at least one token. Default false.
   */
  promptSpecialTokens?: boolean;
  /** The model's vocabulary size: larger ids of the tokenizer are errors. Default: no limit. */
  vocabSize?: number;
}

/** An example, and what happened to its record. */
export interface EncodedRecord extends EncodedExample {
  /** Whether it was longer than `maxLength` and has been truncated. */
  readonly truncated: boolean;
}

/** How a text becomes a prompt: as a user's message, or in a template. */
export interface PromptForm {
  readonly chat?: boolean;
  readonly promptTemplate?: string;
}

/** Encodes the records of a file. */
export interface RecordEncoder {
  /** Returns undefined if the record is dropped; throws an error that names an invalid one. */
  encode(record: DataRecord): EncodedRecord | undefined;
  /** See TextDataset. */
  readonly shape?: string;
  /** The fields that it uses. */
  readonly fields: ReadonlySet<string>;
  /** How new prompts are written, where not as they are. */
  readonly prompts?: PromptForm;
  /** The language of the words that the layout puts around fields, if it has any. */
  readonly layoutLanguage?: LayoutLanguage;
  /** The field that the completion is, if it is a label of the texts. */
  readonly labelField?: string;
  /** What else has been ignored so far, in words. */
  notes?(): string[];
}

/** The label of a token without one: PyTorch's value. */
export const noLabel = -100;

/** An example whose last `count` tokens are its targets. */
const targetsAtEnd = (ids: readonly number[], count: number, truncated: boolean): EncodedRecord => ({
  inputIds: Int32Array.from(ids),
  lossMask: new Uint8Array(ids.length).fill(1, ids.length - count),
  truncated,
});

/** An example whose targets are the tokens with a label of their own. */
export const labeledTargets = (
  ids: readonly number[],
  labels: readonly number[],
  truncated: boolean,
): EncodedRecord => ({
  inputIds: Int32Array.from(ids),
  lossMask: Uint8Array.from(labels, (label) => Number(label !== noLabel)),
  labels: Int32Array.from(labels),
  truncated,
});

/** The number of targets. */
export const countTargets = ({ lossMask }: EncodedExample): number =>
  lossMask.reduce((sum, flag) => sum + flag, 0);

/**
 * Creates a function that encodes an example, or returns undefined if it is dropped.
 *
 * Prompt and completion are tokenized separately and joined, so that generation from the same prompt starts from
 * exactly the ids that were trained on. Added tokens are the begin-of-text token, which is not a label and never
 * truncated, the end-of-text token, and those of `promptSpecialTokens`. Throws a UsageError for invalid options; the
 * encoder throws an error that names the record.
 */
export function encoderFor(
  tokenizer: Tokenizer,
  options: EncodeOptions = {},
): (text: ExampleText, origin: Origin) => EncodedRecord | undefined {
  const { maxLength = Number.POSITIVE_INFINITY, truncation = 'prompt', trainOn = 'completion' } = options;
  if (maxLength !== Number.POSITIVE_INFINITY && !(Number.isInteger(maxLength) && maxLength >= 1)) {
    throw new UsageError(say`maxLength is ${maxLength}, expected an integer from 1`);
  }
  const { vocabSize = Number.POSITIVE_INFINITY, promptSpecialTokens = false } = options;
  const end = options.appendEos === false ? [] : [endOfText(tokenizer, vocabSize)];
  // A prompt with special tokens already has them.
  const { startIds = [] } = promptSpecialTokens ? {} : tokenizer;
  const room = maxLength - startIds.length;
  const begun = (ids: readonly number[], targets: number, truncated: boolean) =>
    targetsAtEnd([...startIds, ...ids], targets, truncated);

  return ({ prompt, completion }, origin) => {
    const encode: Tokenizer['encode'] = (text, settings) =>
      checkedIds(tokenizer.encode(text, settings), tokenizer, vocabSize, origin);
    const encodeText: Tokenizer['encode'] = (text, settings) =>
      encode(text, { ...settings, addSpecialTokens: promptSpecialTokens });
    const promptIds = withoutStart(
      { startIds },
      encodePrompt({ encode: encodeText }, prompt ?? '', options.vocabSize),
    );
    const completionIds =
      promptIds.length > 0
        ? encode(completion, { continues: !promptSpecialTokens }) // with an encoder, it begins another text
        : withoutStart({ startIds }, encode(completion));
    if (completionIds.length === 0) {
      const part = prompt === undefined ? 'text' : 'completion';
      throw dataError(origin, say`the ${said(part)} is empty; fill it in or remove the record`);
    }
    const targetIds = [...completionIds, ...end];
    if (trainOn === 'all' && typeof prompt === 'object')
      throw new UsageError(say`trainOn "all" cannot be used with soft tokens in the template`);
    if (promptSpecialTokens && promptIds.length === 0)
      throw dataError(origin, say`there is no prompt, which the encoder needs; add a prompt`);
    const ids = [...promptIds, ...targetIds];
    const labelCount = trainOn === 'all' ? ids.length : targetIds.length;
    const excess = ids.length - room;
    if (excess <= 0) return begun(ids, labelCount, false);
    if (truncation === 'drop') return undefined;

    if (truncation === 'end' || prompt === undefined) {
      if (labelCount <= excess) return undefined;
      return begun(ids.slice(0, room), labelCount - excess, true);
    }
    const shorter = withoutFirst(promptIds, excess, (id) => id >= vocabSize);
    const needed = promptSpecialTokens ? 1 : 0;
    if (shorter.length > promptIds.length - excess || shorter.length < needed) {
      const softTokens = shorter.length > 0 ? say` and the prompt ${shorter.length} soft tokens` : '';
      const found = say`the completion has ${targetIds.length} tokens${softTokens}, and at most ${room} fit`;
      throw dataError(origin, say`${found}; shorten it, or set truncation to "end" or "drop"`);
    }
    return begun([...shorter, ...targetIds], Math.min(labelCount, room), true);
  };
}

/**
 * The same for a masked language model: the prompt has masks, with the tokenizer's special tokens around it, and the
 * completion's tokens are the labels of the masks, one each.
 */
export function clozeEncoderFor(
  tokenizer: Tokenizer,
  options: EncodeOptions = {},
): (text: ExampleText, origin: Origin) => EncodedRecord | undefined {
  const { vocabSize = Number.POSITIVE_INFINITY } = options;
  const encodeMasked = maskedEncoderFor(tokenizer, options);
  return ({ prompt = '', completion }, origin) => {
    const masks = masksIn(prompt);
    const completionIds = checkedIds(tokenizer.encode(completion), tokenizer, vocabSize, origin);
    if (completionIds.length !== masks) {
      const tokens = completionIds.map((id) => JSON.stringify(tokenizer.tokenOf(id))).join(', ') || 'none';
      const found = `${JSON.stringify(completion)} is ${completionIds.length} (${tokens})`;
      throw dataError(
        origin,
        say`expected one token per mask; the template has ${masks}, but ${found}; use another word,
          or as many masks`,
      );
    }
    const masked = encodeMasked(prompt, origin);
    if (!masked) return undefined;
    const { ids, maskPositions, truncated } = masked;
    const labels = new Array<number>(ids.length).fill(noLabel);
    for (const [i, at] of maskPositions.entries()) labels[at] = completionIds[i]!;
    return labeledTargets(ids, labels, truncated);
  };
}

/**
 * Returns a function that encodes a prompt with masks. It returns undefined if the prompt is dropped or would lose a
 * mask.
 */
export function maskedEncoderFor(
  tokenizer: Tokenizer,
  options: EncodeOptions = {},
): (
  prompt: PromptText,
  origin: Origin,
) => { ids: number[]; maskPositions: number[]; truncated: boolean } | undefined {
  const { maxLength = Number.POSITIVE_INFINITY, truncation = 'prompt' } = options;
  const { vocabSize = Number.POSITIVE_INFINITY } = options;
  const { before, after } = specialTokens(tokenizer);
  const { maskTokenId } = tokenizer;
  const isPlace = (id: number) => id >= vocabSize || id === maskTokenId;
  return (prompt, origin) => {
    const encode: Tokenizer['encode'] = (text, settings) =>
      checkedIds(tokenizer.encode(text, settings), tokenizer, vocabSize, origin);
    const masks = masksIn(prompt);
    const promptIds = encodePrompt({ encode, maskTokenId }, prompt, options.vocabSize);
    if (promptIds.filter((id) => id === maskTokenId).length > masks)
      throw dataError(origin, say`the record's text contains the mask token; remove it`);
    const room = maxLength - before.length - after.length;
    const excess = promptIds.length - room;
    if (excess > 0 && truncation === 'drop') return undefined;
    const kept =
      excess <= 0
        ? promptIds
        : truncation === 'end'
          ? promptIds.slice(0, room)
          : withoutFirst(promptIds, excess, isPlace);
    if (kept.length > room)
      throw dataError(
        origin,
        say`at most ${maxLength} tokens fit, fewer than the places of the template; raise maxLength`,
      );
    const ids = [...before, ...kept, ...after];
    const maskPositions = [...ids.keys()].filter((at) => ids[at] === maskTokenId);
    return maskPositions.length < masks ? undefined : { ids, maskPositions, truncated: excess > 0 };
  };
}

function masksIn(prompt: PromptText): number {
  const parts = typeof prompt === 'string' ? [] : prompt;
  const masks = parts.filter((part) => typeof part === 'object' && 'place' in part).length;
  if (masks > 0) return masks;
  throw optionError(
    'template',
    say`a masked language model fills in masks, but the template has none; write {{ mask() }} once
      per token`,
  );
}

/**
 * The same for conversations: the loss counts the assistant's turns with their end tokens. If a conversation is too
 * long, `prompt` removes tokens at its beginning, including earlier turns; the last turn must fit as a whole.
 */
export function chatEncoderFor(
  tokenizer: Tokenizer,
  options: EncodeOptions = {},
): (conversation: Conversation, origin: Origin) => EncodedRecord | undefined {
  const { maxLength = Number.POSITIVE_INFINITY, truncation = 'prompt', trainOn = 'completion' } = options;
  const { vocabSize = Number.POSITIVE_INFINITY } = options;
  const { format } = chatFormatOf(tokenizer);
  const withArguments = callArgumentsFor(format, tokenizer);
  return ({ messages, tools }, origin) => {
    const conversation = { messages: withArguments(messages), tools };
    const { ids, isTarget } = encodeChat(tokenizer, partsOf(format, conversation, origin));
    checkedIds(ids, tokenizer, vocabSize, origin);
    const targets = trainOn === 'all' ? ids.map(() => true) : isTarget;
    const excess = ids.length - maxLength;
    const kept = (from: number, to: number): EncodedRecord => ({
      inputIds: Int32Array.from(ids.slice(from, to)),
      lossMask: Uint8Array.from(targets.slice(from, to), Number),
      truncated: excess > 0,
    });
    if (excess <= 0) return kept(0, ids.length);
    if (truncation === 'drop') return undefined;
    if (truncation === 'end') {
      const cut = kept(0, maxLength);
      return countTargets(cut) > 0 ? cut : undefined;
    }
    const lastTurn = ids.length - 1 - isTarget.lastIndexOf(false);
    if (lastTurn <= maxLength) return kept(excess, ids.length);
    const found = say`the last turn has ${lastTurn} tokens, and at most ${maxLength} fit`;
    throw dataError(origin, say`${found}; shorten it, or set truncation to "end" or "drop"`);
  };
}

function partsOf(format: ChatFormat['format'], conversation: Conversation, origin: Origin): ChatPart[] {
  try {
    return chatParts(format, conversation);
  } catch (error) {
    if (error instanceof PromptuneError) throw dataError(origin, error.message);
    throw error;
  }
}

/** Returns `ids`. Throws an error that names the record if one is beyond the model's vocabulary. */
export function checkedIds<Ids extends readonly number[]>(
  ids: Ids,
  tokenizer: Tokenizer,
  vocabSize: number,
  origin: Origin,
): Ids {
  const foreign = ids.find((id) => id >= vocabSize);
  if (foreign === undefined) return ids;
  const token = JSON.stringify(tokenizer.tokenOf(foreign));
  const known = say`the model's vocabulary ends at ${vocabSize - 1}`;
  const advice = say`the tokenizer belongs to another model: download the model again, or use its own tokenizer`;
  throw dataError(origin, say`${token} has the token id ${foreign}, but ${known}; ${advice}`);
}

/**
 * A prompt without the first `count` of its text tokens, or without all of them if there are fewer. Places are kept.
 */
export function withoutFirst(
  ids: readonly number[],
  count: number,
  isPlace: (id: number) => boolean,
): number[] {
  let left = count;
  return ids.filter((id) => isPlace(id) || left-- <= 0);
}

function endOfText({ eosTokenId }: Tokenizer, vocabSize: number): number {
  if (eosTokenId === undefined)
    throw new UsageError(say`this tokenizer names no end-of-text token to append; set appendEos to false`);
  if (eosTokenId < vocabSize) return eosTokenId;
  throw new UsageError(
    say`the tokenizer's end-of-text token ${eosTokenId} is outside the model's vocabulary of
      ${vocabSize}; set appendEos to false`,
  );
}
