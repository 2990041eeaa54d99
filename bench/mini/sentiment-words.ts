/**
 * @file The sentiment of a review by the corpus's own words of praise and blame, and by its sentences that judge
 *   without them.
 */
import { judgements, type Sentiment } from '../../tools/mini-corpus/genres/review.js';
import { opinionTables as tables } from '../../tools/mini-corpus/words/opinions.js';
import { anyOf, framePattern } from './frame-pattern.js';

const words = {
  positive: ['praise', 'hotelGoodAdj', 'goodStaffAdj', 'filmGoodAdj', 'foodGoodAdj'],
  negative: ['blame', 'hotelBadAdj', 'badStaffAdj', 'filmBadAdj', 'foodBadAdj'],
} as const;

const patterns = { positive: patternOf('positive'), negative: patternOf('negative') };

/** The prevailing sentiment of an English text; undefined if there is none. */
export function sentimentOf(text: string): Sentiment | undefined {
  const count = (sentiment: Sentiment) => text.match(patterns[sentiment])?.length ?? 0;
  const balance = count('positive') - count('negative');
  return balance === 0 ? undefined : balance > 0 ? 'positive' : 'negative';
}

function patternOf(sentiment: Sentiment): RegExp {
  const tableNames: readonly string[] = words[sentiment];
  const opinions = anyOf(words[sentiment].flatMap((name) => tables[name].map(({ en }) => en)));
  const sentences = judgements[sentiment]
    .filter(({ slots }) => !slots.some((slot) => tableNames.includes(slot.replace(/\d+$/, ''))))
    .map((frame) => framePattern(frame, 'en'));
  return new RegExp(`\\b(?:${[...sentences, opinions].join('|')})(?!\\w)`, 'gi');
}
