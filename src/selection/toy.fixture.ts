/**
 * @file Rows of two kinds, and candidates of which each serves one kind: by how long the answer is that it asks for.
 */
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Candidate } from './candidates.js';

/** One token per character; 0 ends a text. */
const toyTokenizer: Tokenizer = {
  ...characters,
  decode: (ids) => String.fromCharCode(...Array.from(ids, (id) => 32 + id)),
  vocabSize: 96,
  eosTokenId: 0,
  tokenOf: (id) => String.fromCharCode(32 + id),
  idOf: (token) => token.charCodeAt(0) % 96,
};

export const loadToy = async (): Promise<{ model: LanguageModel; tokenizer: Tokenizer }> => ({
  model: await loadTinyGpt2(),
  tokenizer: toyTokenizer,
});

/** The first suits the first answer, the second the second. The third is never the best. */
export const toyCandidates: readonly Candidate[] = [
  { name: 'first', completionTemplate: '{first}' },
  { name: 'second', template: '>{text}', completionTemplate: '{second}' },
  { name: 'neither', template: 'Q: {text}', completionTemplate: '{first}{second}!!' },
];

/** Texts of the letters a to d have a short first answer, those of w to z a short second one. */
export function toyRows(count: number, seed: number) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const isFirst = i % 2 === 0;
    const letters = isFirst ? 'abcd' : 'wxyz';
    const text = Array.from({ length: 2 + random.below(6) }, () => letters[random.below(4)]).join('');
    return isFirst ? { text, first: 'k', second: 'mnopqrstuv' } : { text, first: 'mnopqrstuv', second: 'k' };
  });
}
