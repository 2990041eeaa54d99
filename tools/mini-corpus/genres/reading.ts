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

/** How a question and its answer stand after the passage; nothing says that they are a question and an answer. */
interface Form {
  readonly before: (question: string) => string;
  readonly answer: 'short' | 'Short' | 'long';
  readonly after: string;
}

const form = (text: string): Form => {
  const [, before = '', answer, after = ''] = /^(.*\{question\}.*?)\{(short|Short|long)\}(.*)$/s.exec(text)!;
  return {
    before: (question) => before.replace('{question}', () => question),
    answer: answer as Form['answer'],
    after,
  };
};

const forms: Record<Language, readonly Form[]> = {
  en: [
    '{question} {Short}.',
    '{question} {long}',
    '- {question}\n- {short}',
    '- {question}\n- {long}',
    '"{question}" - "{Short}."',
    '{question} ({short})',
  ].map(form),
  zh: [
    '{question}{short}。',
    '{question}{long}',
    '——{question}\n——{short}',
    '——{question}\n——{long}',
    '“{question}”“{short}。”',
    '{question}（{short}）',
  ].map(form),
};

/** A passage with so many questions and answers; `completion` is the last answer, `prompt` all that stands before it. */
export function writeReading(
  writer: Writer,
  language: Language,
  questions: number,
): { prompt: string; completion: string } {
  const { random } = writer;
  const { told, asked } = tell(writer);
  const { before, answer, after } = random.pick(forms[language]);
  const lines = random.sample(asked, questions).map((one) => ({
    question: before(one.question[language]),
    answer: answer === 'Short' ? capital(one.short[language]) : one[answer][language],
  }));
  const last = lines.pop()!;
  const earlier = lines.map((line) => `${line.question}${line.answer}${after}`);
  return {
    prompt: [told[language], ...earlier, last.question].join('\n'),
    completion: `${last.answer}${after}`,
  };
}

export const reading: Genre = {
  name: 'reading',
  weight: 0,
  frames: [],
  write(writer, language) {
    const { prompt, completion } = writeReading(writer, language, 2 + writer.random.below(5));
    return prompt + completion;
  },
};
