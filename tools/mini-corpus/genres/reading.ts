/** @file A passage and many questions on it, each answered from it: reading, asked for densely. Only where it is named. */
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

/** How questions and answers stand after the passage; nothing says that they are questions and answers. */
const forms: Record<Language, readonly ((asked: Record<keyof Asked, string>) => string)[]> = {
  en: [
    ({ question, short }) => `${question} ${capital(short)}.`,
    ({ question, long }) => `${question} ${long}`,
    ({ question, short }) => `- ${question}\n- ${short}`,
    ({ question, long }) => `- ${question}\n- ${long}`,
    ({ question, short }) => `"${question}" - "${capital(short)}."`,
    ({ question, short }) => `${question} (${short})`,
  ],
  zh: [
    ({ question, short }) => `${question}${short}。`,
    ({ question, long }) => `${question}${long}`,
    ({ question, short }) => `——${question}\n——${short}`,
    ({ question, long }) => `——${question}\n——${long}`,
    ({ question, short }) => `“${question}”“${short}。”`,
    ({ question, short }) => `${question}（${short}）`,
  ],
};

export const reading: Genre = {
  name: 'reading',
  weight: 0,
  frames: [],
  write(writer, language) {
    const { told, asked } = tell(writer);
    const form = writer.random.pick(forms[language]);
    const lines = writer.random
      .sample(asked, 2 + writer.random.below(5))
      .map(({ question, short, long }) =>
        form({ question: question[language], short: short[language], long: long[language] }),
      );
    return [told[language], ...lines].join('\n');
  },
};
