/** @file What a model can do little with, seen in its data's tokens: another language, joins without a space. */
import { say } from '../say.js';
import type { Dataset, TextDataset } from './dataset.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * From so many tokens per character on, a text is spelled in parts of characters: its script is all but missing in the
 * tokenizer's vocabulary, and so in what the model was trained on. English has about 0.25, and Chinese, with a
 * vocabulary that has it, below 1.
 */
const spelled = 1.3;

/** Examples that are looked at. */
const sampled = 50;

/**
 * One line for each thing that is wrong with most examples of a sample.
 * @param options `joins`: whether completions that follow without a space count; they matter in training. Default true
 */
export async function textWarnings(
  dataset: Pick<Dataset, 'length' | 'get'>,
  tokenizer: Pick<Tokenizer, 'decode' | 'tokenOf' | 'vocabSize' | 'eosTokenId'>,
  { joins = true }: { joins?: boolean } = {},
): Promise<string[]> {
  const count = Math.min(sampled, dataset.length);
  let [tokens, characters, joined] = [0, 0, 0];
  let example: string | undefined;
  for (let i = 0; i < count; i++) {
    const { inputIds, lossMask, labels } = await dataset.get(Math.floor((i * dataset.length) / count));
    const isText = (id: number) => id < tokenizer.vocabSize && id !== tokenizer.eosTokenId;
    const ids = Array.from(inputIds).filter(isText);
    tokens += ids.length;
    characters += [...tokenizer.decode(ids)].length;
    const first = lossMask.indexOf(1);
    if (labels || first < 1 || !isText(inputIds[first]!) || !isText(inputIds[first - 1]!)) continue;
    const [before, after] = [inputIds[first - 1]!, inputIds[first]!].map((id) => tokenizer.tokenOf(id)) as [
      string,
      string,
    ];
    if (!/[A-Za-z0-9]$/.test(before) || !/^[A-Za-z0-9]/.test(after)) continue;
    joined++;
    example ??= tokenizer.decode([...inputIds.subarray(Math.max(0, first - 3), first + 3)].filter(isText));
  }
  const perCharacter = tokens / characters;
  return [
    ...(perCharacter > spelled
      ? [
          say`the tokenizer needs ${perCharacter.toFixed(1)} tokens per character of these texts:
            the model hardly knows their language`,
        ]
      : []),
    ...(joins && 2 * joined > count
      ? [
          say`completions follow their prompts without a space, as in ${JSON.stringify(example)}:
            begin them with one, or end the prompts with a line break`,
        ]
      : []),
  ];
}

/** One line if examples are longer than `maxLength` tokens. */
export function lengthWarnings({ examples, truncated, dropped }: TextDataset['summary']): string[] {
  const counts = [
    ...(truncated > 0 ? [say`${truncated} of ${examples} example|examples truncated`] : []),
    ...(dropped > 0 ? [say`${dropped} left out`] : []),
  ];
  return counts.length === 0 ? [] : [say`too long: ${counts.join(say`, `)}`];
}
