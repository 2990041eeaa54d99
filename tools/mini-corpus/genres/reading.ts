/** @file A passage and many questions on it, each answered from the passage. Written only if the genre is named. */
import { join, type Language, type Pair, type Writer } from '../engine/frames.js';
import type { Genre } from './genre.js';
import { bindOthers, capital, tellings } from './question.js';

interface Asked {
  readonly question: Pair;
  readonly short: Pair;
  readonly long: Pair;
}

/** Two to four people or things, and what can be asked of each. */
function tell(writer: Writer): { told: Pair; asked: Asked[] } {
  const { random } = writer;
  const chosen = writer.pickFrame(tellings.map(({ told }) => told[0]!));
  const telling = tellings.find(({ told }) => told[0] === chosen)!;
  const told: Pair[] = [];
  const asked = new Map<string, Asked>();
  const words = new Set<string>();
  for (let rest = 2 + random.below(3); rest > 0; rest--) {
    bindOthers(writer, chosen, words);
    told.push(writer.fill(chosen));
    for (let draw = 0; draw < 2; draw++) {
      const question = writer.pickFrame(telling.asked);
      const at = telling.asked.indexOf(question);
      const filled = writer.fill(question);
      asked.set(filled.en, {
        question: filled,
        short: writer.fill(telling.short[at]!, true),
        long: writer.fill(telling.long[at]!),
      });
    }
  }
  return { told: join(told), asked: [...asked.values()] };
}

/** How a question and its answer stand after the passage. Nothing says whether the answer will be short or long. */
const forms: Record<Language, readonly ((asked: string, short: string, long: string) => string)[]> = {
  en: [
    (asked, short) => `${asked} ${capital(short)}.`,
    (asked, _, long) => `${asked} ${long}`,
    (asked, short) => `${asked}\n${short}`,
    (asked, _, long) => `${asked}\n${long}`,
    (asked, short) => `- ${asked}\n- ${short}`,
    (asked, _, long) => `- ${asked}\n- ${long}`,
  ],
  zh: [
    (asked, short) => `${asked}${short}。`,
    (asked, _, long) => `${asked}${long}`,
    (asked, short) => `${asked}\n${short}`,
    (asked, _, long) => `${asked}\n${long}`,
    (asked, short) => `——${asked}\n——${short}`,
    (asked, _, long) => `——${asked}\n——${long}`,
  ],
};

export const reading: Genre = {
  name: 'reading',
  weight: 0,
  frames: [],
  write(writer, language) {
    const { random } = writer;
    const questions = 2 + random.below(5);
    const { told, asked } = tell(writer);
    const form = random.pick(forms[language]);
    const lines = random
      .sample(asked, questions)
      .map(({ question, short, long }) => form(question[language], short[language], long[language]));
    return [told[language], ...lines].join('\n');
  },
};
