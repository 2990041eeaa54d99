/**
 * @file The same in both languages: built clauses, and sentences of every other genre, in many layouts and both ways.
 */
import type { Frame, Language, Pair, Writer } from '../engine/frames.js';
import type { Random } from '../engine/random.js';
import { catSentences } from './cats.js';
import { compound, sentence } from './clause.js';
import { topics } from './description.js';
import type { Genre } from './genre.js';
import { reviewFrames } from './review.js';

/** Sentences that mean the same whatever stands before them. */
const borrowed: readonly Frame[] = [
  ...topics.flatMap(({ openings, sentences }) => [...openings, ...sentences]),
  ...reviewFrames.flat(),
];

/** A sentence pair: most are clauses, for there the words combine most freely. */
function sentencePair(writer: Writer): Pair {
  const kind = writer.random.below(10);
  if (kind < 5) return sentence(writer);
  if (kind < 7) return compound(writer);
  if (kind < 8) return writer.say(catSentences);
  return writer.say(borrowed);
}

type Layout = (from: string, to: string) => string;

/** From English, then the same from Chinese. Half of the layouts do not say what they are. */
const fromEnglish: readonly Layout[] = [
  (en, zh) => `English: ${en} Chinese: ${zh}`,
  (en, zh) => `English: ${en}\nChinese: ${zh}`,
  (en, zh) => `英文：${en} 中文：${zh}`,
  (en, zh) => `英文：${en}\n中文：${zh}`,
  (en, zh) => `Translate: ${en} => ${zh}`,
  (en, zh) => `翻译：${en} => ${zh}`,
  (en, zh) => `${en} ${zh}`,
  (en, zh) => `${en}\n${zh}`,
  (en, zh) => `${en}\t${zh}`,
  (en, zh) => `${en} = ${zh}`,
  (en, zh) => `${en}（${zh}）`,
  (en, zh) => `"${en}" 的意思是“${zh}”`,
  (en, zh) => `How do you say "${en}" in Chinese? ${zh}`,
];
const fromChinese: readonly Layout[] = [
  (zh, en) => `Chinese: ${zh} English: ${en}`,
  (zh, en) => `Chinese: ${zh}\nEnglish: ${en}`,
  (zh, en) => `中文：${zh} 英文：${en}`,
  (zh, en) => `中文：${zh}\n英文：${en}`,
  (zh, en) => `Translate: ${zh} => ${en}`,
  (zh, en) => `翻译：${zh} => ${en}`,
  (zh, en) => `${zh} ${en}`,
  (zh, en) => `${zh}\n${en}`,
  (zh, en) => `${zh}\t${en}`,
  (zh, en) => `${zh} = ${en}`,
  (zh, en) => `${zh} (${en})`,
  (zh, en) => `“${zh}”用英语怎么说？${en}`,
];

/** Pairs in one of the layouts, a line each, from `language` into the other. */
export function writePairs(random: Random, pairs: readonly Pair[], language: Language): string {
  const layout = random.pick(language === 'en' ? fromEnglish : fromChinese);
  return pairs.map(({ en, zh }) => (language === 'en' ? layout(en, zh) : layout(zh, en))).join('\n');
}

export const translation: Genre = {
  name: 'translation',
  weight: 20,
  frames: [borrowed],
  write(writer, language) {
    const count = writer.random.oneIn(3) ? 1 + writer.random.below(4) : 1;
    const pairs = Array.from({ length: count }, () => sentencePair(writer));
    return writePairs(writer.random, pairs, language);
  },
};

/** Clauses in one language, a few in a row: what people say and write, on no topic. */
export const sentences: Genre = {
  name: 'sentences',
  weight: 9,
  frames: [],
  write(writer, language) {
    const count = 1 + writer.random.below(4);
    const lines = Array.from({ length: count }, () =>
      writer.random.oneIn(2) ? compound(writer) : sentence(writer),
    );
    return lines.map((line) => line[language]).join(language === 'en' ? ' ' : '');
  },
};
