/** @file Questions and answers: facts that never change, sums, and things told just before. */
import {
  type Frame,
  followUps,
  frames,
  join,
  type Language,
  type Pair,
  tidyEnglish,
  type Writer,
} from '../engine/frames.js';
import type { Word } from '../engine/words.js';
import {
  animalFacts,
  colourFacts,
  generalFacts,
  jobFacts,
  kindFacts,
  opposites,
  useFacts,
} from '../words/facts.js';
import { months, weekdays } from '../words/nature.js';
import { countryRows } from '../words/places.js';
import type { Genre } from './genre.js';

export interface QuestionAndAnswer {
  /** Told before the question; what the answer is found in. */
  readonly context?: Pair;
  readonly question: Pair;
  /** Without a full stop. */
  readonly short: Pair;
  /** A whole sentence. */
  readonly long: Pair;
}

/** How a fact is asked for and answered. `{a}`, `{b}`, … are the fields of its row. */
interface FactQuestion {
  readonly rows: readonly (readonly Word[])[];
  readonly question: Pair;
  /** The field that answers. */
  readonly answer: number;
  readonly long: Pair;
}

const on = (
  rows: readonly (readonly Word[])[],
  answer: number,
  question: string,
  long: string,
): FactQuestion => ({
  rows,
  answer,
  question: split(question),
  long: split(long),
});

function split(text: string): Pair {
  const [en = '', zh = ''] = text.split(' | ');
  return { en, zh };
}

const factQuestions: readonly FactQuestion[] = [
  on(animalFacts, 1, 'what do {a} eat? | {a}吃什么？', '{a} eat {b}. | {a}吃{b}。'),
  on(animalFacts, 1, 'what do {a} like to eat? | {a}喜欢吃什么？', '{a} like to eat {b}. | {a}喜欢吃{b}。'),
  on(animalFacts, 2, 'where do {a} live? | {a}住在哪里？', '{a} live {c}. | {a}住在{c}。'),
  on(animalFacts, 3, 'what sound do {a} make? | {a}怎么叫？', '{a} {d}. | {a}{d}。'),
  on(
    countryRows,
    1,
    'what is the capital of {a}? | {a}的首都是哪里？',
    'the capital of {a} is {b}. | {a}的首都是{b}。',
  ),
  on(
    countryRows,
    0,
    '{b} is the capital of which country? | {b}是哪个国家的首都？',
    '{b} is the capital of {a}. | {b}是{a}的首都。',
  ),
  on(
    countryRows,
    2,
    'what language do people speak in {a}? | {a}人说什么语言？',
    'people in {a} speak {c}. | {a}人说{c}。',
  ),
  on(countryRows, 3, 'on which continent is {a}? | {a}在哪个洲？', '{a} is in {d}. | {a}在{d}。'),
  on(countryRows, 4, 'what is {a} famous for? | {a}以什么闻名？', '{a} is famous for {e}. | {a}以{e}闻名。'),
  on(
    opposites,
    1,
    'what is the opposite of "{a}"? | “{a}”的反义词是什么？',
    'the opposite of "{a}" is "{b}". | “{a}”的反义词是“{b}”。',
  ),
  on(colourFacts, 1, 'what colour is {a}? | {a}是什么颜色的？', '{a} is {b}. | {a}是{b}。'),
  on(jobFacts, 1, 'what does {a} do? | {a}做什么？', '{a} {b}. | {a}{b}。'),
  on(jobFacts, 0, 'who {b}? | 谁{b}？', '{a} {b}. | {a}{b}。'),
  on(jobFacts, 2, 'where does {a} work? | {a}在哪里工作？', '{a} works {c}. | {a}在{c}工作。'),
  on(useFacts, 1, 'what do you use {a} for? | {a}是用来做什么的？', 'you use {a} to {b}. | {a}是用来{b}的。'),
  on(useFacts, 0, 'what do you use to {b}? | 用什么{b}？', 'you use {a} to {b}. | 用{a}{b}。'),
  on(kindFacts, 1, 'what is {a}? | {a}是什么？', '{a} is {b}. | {a}是一种{b}。'),
  on(kindFacts, 1, 'what kind of thing is {a}? | {a}属于哪一类？', '{a} is {b}. | {a}属于{b}。'),
  on(generalFacts, 1, '{a}? | {a}？', '{b}. | {b}。'),
];

function askFact(writer: Writer): QuestionAndAnswer {
  const fact = writer.random.pick(factQuestions);
  const row = writer.random.pick(fact.rows);
  const fill = ({ en, zh }: Pair): Pair => ({ en: fillSide(en, row, 'en'), zh: fillSide(zh, row, 'zh') });
  const answer = row[fact.answer]!;
  const question = fill(fact.question);
  // 绿色的 → 绿色: alone the colour stands without 的.
  return { question, short: { en: answer.en, zh: answer.zh.replace(/的$/, '') }, long: fill(fact.long) };
}

function fillSide(template: string, row: readonly Word[], language: Language): string {
  const filled = template.replace(
    /\{([a-e])\}/g,
    (_, field: string) => row[field.charCodeAt(0) - 97]![language],
  );
  return language === 'en' ? tidyEnglish(filled) : filled;
}

const digits = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

function chineseNumber(value: number): string {
  if (value <= 10) return digits[value]!;
  const [tens, ones] = [Math.floor(value / 10), value % 10];
  return `${tens > 1 ? digits[tens] : ''}十${ones > 0 ? digits[ones] : ''}`;
}

const englishNumbers =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );

function askSum(writer: Writer): QuestionAndAnswer {
  const { random } = writer;
  const [a, b] = [1 + random.below(10), 1 + random.below(10)];
  const [name, symbol, chinese, left, result] = random.pick([
    ['plus', '+', '加', a, a + b],
    ['minus', '-', '减', a + b, a],
    ['times', '×', '乘以', a, a * b],
  ] as const);
  if (random.oneIn(2)) {
    const asked = `${left} ${symbol} ${b}`;
    const long = `${asked} = ${result}`;
    return {
      question: { en: `What is ${asked}?`, zh: `${asked} 等于多少？` },
      short: { en: `${result}`, zh: `${result}` },
      long: { en: `${long}.`, zh: `${long}。` },
    };
  }
  const english = (value: number) => englishNumbers[value] ?? `${value}`;
  const [en, zh] = [
    `${english(left)} ${name} ${english(b)}`,
    `${chineseNumber(left)}${chinese}${chineseNumber(b)}`,
  ];
  return {
    question: { en: `What is ${en}?`, zh: `${zh}等于几？` },
    short: { en: english(result), zh: result === 100 ? '一百' : chineseNumber(result) },
    long: {
      en: tidyEnglish(`${en} is ${english(result)}.`),
      zh: `${zh}等于${result === 100 ? '一百' : chineseNumber(result)}。`,
    },
  };
}

function askNext(writer: Writer): QuestionAndAnswer {
  const { random } = writer;
  const [ring, enKind, zhAfter] = random.pick([
    [weekdays, 'day', '的后一天是星期几'],
    [months, 'month', '的下一个月是几月'],
  ] as const);
  const at = random.below(ring.length);
  const [now, next] = [ring[at]!, ring[(at + 1) % ring.length]!];
  return {
    question: { en: `Which ${enKind} comes after ${now.en}?`, zh: `${now.zh}${zhAfter}？` },
    short: { en: next.en, zh: next.zh },
    long: { en: `${next.en} comes after ${now.en}.`, zh: `${now.zh}之后是${next.zh}。` },
  };
}

/** What can be told of someone and asked for: a telling, and questions on it with the short and the long answer. */
export const tellings = [
  {
    told: frames(`{person} has a {colour} {thing}. | {person}有一{thing.m}{colour}的{thing}。`),
    asked: frames(`
what does {person} have? | {person}有什么？
what colour is {person}'s {thing}? | {person}的{thing}是什么颜色的？
who has the {colour} {thing}? | 谁有{colour}的{thing}？
`),
    short: followUps(`
a {colour} {thing} | 一{thing.m}{colour}的{thing}
{colour} | {colour}
{person} | {person}
`),
    long: followUps(`
{person} has a {colour} {thing}. | {person}有一{thing.m}{colour}的{thing}。
{person}'s {thing} is {colour}. | {person}的{thing}是{colour}的。
{person} has the {colour} {thing}. | {person}有{colour}的{thing}。
`),
  },
  {
    told: frames(`{person} went to the {townPlace} {pastTime}. | {person}{pastTime}去了{townPlace}。`),
    asked: frames(`
where did {person} go? | {person}去了哪里？
when did {person} go to the {townPlace}? | {person}什么时候去了{townPlace}？
who went to the {townPlace}? | 谁去了{townPlace}？
`),
    short: followUps(`
the {townPlace} | {townPlace}
{pastTime} | {pastTime}
{person} | {person}
`),
    long: followUps(`
{person} went to the {townPlace}. | {person}去了{townPlace}。
{person} went there {pastTime}. | {person}{pastTime}去了那里。
{person} went to the {townPlace}. | {person}去了{townPlace}。
`),
  },
  {
    told: frames(`{person} is a {job} and lives in {city}. | {person}是一位{job}，住在{city}。`),
    asked: frames(`
what is {person}'s job? | {person}是做什么工作的？
where does {person} live? | {person}住在哪里？
who lives in {city}? | 谁住在{city}？
`),
    short: followUps(`
a {job} | {job}
{city} | {city}
{person} | {person}
`),
    long: followUps(`
{person} is a {job}. | {person}是一位{job}。
{person} lives in {city}. | {person}住在{city}。
{person} lives in {city}. | {person}住在{city}。
`),
  },
  {
    told: frames(`{person} likes {hobby}. | {person}喜欢{hobby}。`),
    asked: frames(`
what does {person} like? | {person}喜欢什么？
who likes {hobby}? | 谁喜欢{hobby}？
`),
    short: followUps(`
{hobby} | {hobby}
{person} | {person}
`),
    long: followUps(`
{person} likes {hobby}. | {person}喜欢{hobby}。
{person} likes {hobby}. | {person}喜欢{hobby}。
`),
  },
  {
    told: frames(`{person} has {count} {pet.s}. | {person}有{count}{pet.m}{pet}。`),
    asked: frames(`
how many {pet.s} does {person} have? | {person}有几{pet.m}{pet}？
what animals does {person} have? | {person}养了什么动物？
who has {pet.s}? | 谁养{pet}？
`),
    short: followUps(`
{count} | {count}{pet.m}
{pet.s} | {pet}
{person} | {person}
`),
    long: followUps(`
{person} has {count} {pet.s}. | {person}有{count}{pet.m}{pet}。
{person} has {pet.s}. | {person}养了{pet}。
{person} has {pet.s}. | {person}养{pet}。
`),
  },
  {
    told: frames(`The {thing} is in the {room}. | {thing}在{room}里。`),
    asked: frames(`
where is the {thing}? | {thing}在哪里？
what is in the {room}? | {room}里有什么？
`),
    short: followUps(`
in the {room} | {room}里
the {thing} | {thing}
`),
    long: followUps(`
the {thing} is in the {room}. | {thing}在{room}里。
there is a {thing} in the {room}. | {room}里有{thing}。
`),
  },
  {
    told: frames(`{person} ate {dish} and drank {drink}. | {person}吃了{dish}，喝了{drink}。`),
    asked: frames(`
what did {person} eat? | {person}吃了什么？
what did {person} drink? | {person}喝了什么？
`),
    short: followUps(`
{dish} | {dish}
{drink} | {drink}
`),
    long: followUps(`
{person} ate {dish}. | {person}吃了{dish}。
{person} drank {drink}. | {person}喝了{drink}。
`),
  },
  {
    told: frames(
      `{person} bought a {fruit} for {count} yuan. | {person}花{count}块钱买了一{fruit.m}{fruit}。`,
    ),
    asked: frames(`
what did {person} buy? | {person}买了什么？
how much was {person}'s {fruit}? | {person}的{fruit}花了多少钱？
`),
    short: followUps(`
a {fruit} | 一{fruit.m}{fruit}
{count} yuan | {count}块钱
`),
    long: followUps(`
{person} bought a {fruit}. | {person}买了一{fruit.m}{fruit}。
it was {count} yuan. | 花了{count}块钱。
`),
  },
];

/** A short passage on two or three people, and a question on one of them. */
export function askContext(writer: Writer): QuestionAndAnswer & { context: Pair } {
  const { random } = writer;
  const chosen = writer.pickFrame(tellings.map(({ told }) => told[0]!));
  const telling = tellings.find(({ told }) => told[0] === chosen)!;
  const question = telling.asked.indexOf(writer.pickFrame(telling.asked));
  const told: Pair[] = [];
  const people = 2 + random.below(2);
  const asked = random.below(people);
  let result: Omit<QuestionAndAnswer, 'context'> | undefined;
  const words = new Set<string>();
  for (let person = 0; person < people; person++) {
    bindOthers(writer, chosen, words);
    told.push(writer.fill(chosen));
    if (person === asked) {
      result = {
        question: writer.fill(telling.asked[question]!),
        short: writer.fill(telling.short[question]!, true),
        long: writer.fill(telling.long[question]!),
      };
    }
  }
  return { ...result!, context: join(told) };
}

/**
 * Gives a telling words that are not in `words`, and adds them: nothing is told twice, so that every question has one
 * answer.
 */
export function bindOthers(writer: Writer, told: Frame, words: Set<string>): void {
  for (const slot of told.slots) {
    let word = writer.bind(slot, slot);
    while (words.has(word.en)) word = writer.bind(slot, slot);
    words.add(word.en);
  }
}

export function ask(writer: Writer): QuestionAndAnswer {
  const kind = writer.random.below(12);
  if (kind < 5) return askFact(writer);
  if (kind < 6) return askSum(writer);
  if (kind < 7) return askNext(writer);
  return askContext(writer);
}

/** How a question and its answer stand in the text; `c` is the passage before it. */
const forms: Record<Language, readonly ((c: string, q: string, short: string, long: string) => string)[]> = {
  en: [
    (c, q, short) => `${c}Q: ${q}\nA: ${short}`,
    (c, q, short) => `${c}Question: ${q} Answer: ${short}`,
    (c, q, short) => `${c}Question: ${q}\nAnswer: ${short}`,
    (c, q, _, long) => `${c}${q} ${long}`,
    (c, q, _, long) => `${c}${q}\n${long}`,
    (c, q, short) => `${c}${q} ${capital(short)}.`,
    (c, q, _, long) => `${c}- ${q}\n- ${long}`,
    (c, q, _, long) => `${c}"${q}" asked the teacher. "${long}" said the child.`,
  ],
  zh: [
    (c, q, short) => `${c}问：${q}\n答：${short}`,
    (c, q, short) => `${c}问题：${q}答案：${short}`,
    (c, q, short) => `${c}问题：${q}\n答案：${short}`,
    (c, q, _, long) => `${c}${q}${long}`,
    (c, q, _, long) => `${c}${q}\n${long}`,
    (c, q, short) => `${c}${q}${short}。`,
    (c, q, _, long) => `${c}——${q}\n——${long}`,
    (c, q, _, long) => `${c}老师问：“${q}”孩子说：“${long}”`,
  ],
};

export function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

export const question: Genre = {
  name: 'question',
  weight: 14,
  frames: [
    tellings.flatMap(({ told }) => told),
    ...tellings.flatMap(({ asked, short, long }) => [asked, short, long]),
  ],
  write(writer, language) {
    const { context, question: asked, short, long } = ask(writer);
    const before = context
      ? `${context[language]}${writer.random.oneIn(2) ? '\n' : language === 'en' ? ' ' : ''}`
      : '';
    const form = writer.random.pick(forms[language]);
    return form(before, asked[language], short[language], long[language]);
  },
};
