/** @file An example token by token: what each adds to the text, and whether it is trained on. */
import type { EncodedExample } from './encode.js';
import { decodeOf, TextStream } from './text-stream.js';
import type { Tokenizer } from './tokenizer.js';

export interface ExampleToken {
  /** Undefined for a learned vector within the text. */
  readonly id?: number;
  /** What it adds to the text. Where a character has several tokens, the last of them has it, and the others ''. */
  readonly text: string;
  /** Whether it is trained on. */
  readonly isTarget: boolean;
  /** What is learned at it, where that is not the token itself: the word at a mask, or a label. */
  readonly target?: string;
}

/**
 * @param options.vocabSize the model's: larger ids are learned vectors
 * @param options.labelNames those of a head, whose numbers the example has. Default: its labels are tokens
 */
export function exampleTokens(
  { inputIds, lossMask, labels }: Pick<EncodedExample, 'inputIds' | 'lossMask' | 'labels'>,
  tokenizer: Tokenizer,
  {
    vocabSize = Number.POSITIVE_INFINITY,
    labelNames,
  }: { vocabSize?: number; labelNames?: readonly string[] } = {},
): ExampleToken[] {
  const stream = new TextStream(decodeOf(tokenizer, { cleansUp: false }));
  const { startIds = [] } = tokenizer;
  const isStarted = startIds.length > 0 && startIds.every((id, i) => inputIds[i] === id);
  const tokens = Array.from(inputIds, (id, i): ExampleToken => {
    const isTarget = lossMask[i] === 1;
    if (id >= vocabSize) return { text: '', isTarget };
    const isStart = isStarted && i < startIds.length;
    const text = isStart ? tokenizer.tokenOf(id) : stream.push(id);
    const label = isTarget ? labels?.[i] : undefined;
    if (label === undefined || (!labelNames && label === id)) return { id, text, isTarget };
    return { id, text, isTarget, target: labelNames ? labelNames[label] : tokenizer.decode([label]) };
  });
  const rest = stream.end();
  const last = tokens.findLastIndex(({ id }) => id !== undefined);
  return rest === '' ? tokens : tokens.with(last, { ...tokens[last]!, text: tokens[last]!.text + rest });
}
