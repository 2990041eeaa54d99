import { expect, it } from 'vitest';
import { datasetOf } from './dataset.js';
import { lengthWarnings, textWarnings } from './text-warnings.js';

/** Tokens are words with the space before them, and bytes of what has no words. */
const vocabulary = ['It', ' was', 'great', ' great', '<end>', '<0xE5>', '<0xA5>', '<0xBD>'];
const tokenizer = {
  vocabSize: vocabulary.length,
  eosTokenId: 4,
  tokenOf: (id: number) => vocabulary[id]!.replace(' ', 'Ġ'),
  decode: (ids: readonly number[]) =>
    ids.map((id) => (id < 5 ? vocabulary[id] : id === 7 ? '好' : '')).join(''),
};
const example = (prompt: readonly number[], completion: readonly number[]) => ({
  inputIds: Int32Array.of(...prompt, ...completion),
  lossMask: Uint8Array.of(...prompt.map(() => 0), ...completion.map(() => 1)),
});
const warningsOf = (...examples: ReturnType<typeof example>[]) =>
  textWarnings(datasetOf(examples), tokenizer);

it('says that completions follow without a space, if most do', async () => {
  const joined = example([0, 1], [2, 4]);
  const spaced = example([0, 1], [3, 4]);
  expect(await warningsOf(spaced)).toEqual([]);
  expect(await warningsOf(spaced, spaced, joined)).toEqual([]);
  expect(await warningsOf(joined, joined, spaced)).toEqual([
    'completions follow their prompts without a space, as in "It wasgreat": begin them with one, or end the prompts with a line break',
  ]);
});

it('says that the model hardly knows a language whose characters take several tokens', async () => {
  expect(await warningsOf(example([5, 6, 7], [5, 6, 7]))).toEqual([
    'the tokenizer needs 3.0 tokens per character of these texts: the model hardly knows their language',
  ]);
});

it('counts examples that are too long', () => {
  const counts = { examples: 9, tokens: 90, labelTokens: 9 };
  expect(lengthWarnings({ ...counts, truncated: 0, dropped: 0 })).toEqual([]);
  expect(lengthWarnings({ ...counts, truncated: 2, dropped: 1 })).toEqual([
    'too long: 2 of 9 examples truncated, 1 left out',
  ]);
});
