/**
 * @file Clauses built in both languages at once: who, when, where and how does what, in every tense, denied or asked.
 */
import { type Pair, tidyEnglish, type Writer } from '../engine/frames.js';
import { englishForms, type Word } from '../engine/words.js';
import { intransitiveVerbs, transitiveVerbs } from '../words/actions.js';

interface Subject extends Pair {
  readonly person: 'I' | 'he' | 'they';
  /** Of a name or a relative: its word, which knows he from she. */
  readonly word?: Word;
}

/** What is said of the subject: the English verb with what follows it, the Chinese in the parts that tenses need. */
interface Predicate {
  readonly verb: Word;
  /** After the English verb. */
  readonly rest: string;
  /** After the Chinese verb, with a number ("一个苹果") and without ("苹果"). */
  readonly some: string;
  readonly bare: string;
}

const pronouns: readonly Subject[] = [
  { en: 'I', zh: '我', person: 'I' },
  { en: 'you', zh: '你', person: 'they' },
  { en: 'we', zh: '我们', person: 'they' },
  { en: 'they', zh: '他们', person: 'they' },
  { en: 'he', zh: '他', person: 'he' },
  { en: 'she', zh: '她', person: 'he' },
];

export function subject(writer: Writer): Subject {
  const { random } = writer;
  switch (random.below(5)) {
    case 0:
    case 1:
      return random.pick(pronouns);
    case 2: {
      const word = writer.choose('person', []);
      return { en: word.en, zh: word.zh, person: 'he', word };
    }
    case 3: {
      const word = writer.choose('relative', []);
      return { en: `my ${word.en}`, zh: `我${word.zh}`, person: 'he', word };
    }
    default: {
      const kind = writer.choose(random.oneIn(2) ? 'job' : 'personKind', []);
      const person = 'he';
      if (random.oneIn(2)) return { en: `the ${kind.en}`, zh: `那${kind.extra}${kind.zh}`, person };
      const adjective = writer.choose('personAdj', [kind]);
      return {
        en: `the ${adjective.en} ${kind.en}`,
        zh: `那${kind.extra}${adjective.zh}的${kind.zh}`,
        person,
      };
    }
  }
}

/** Objects that are definite: one goes to the library, not to a library. */
const definite = /Place|AttentionPattern|room|switchable|drivable|ride$|crossable|climbable|openable/;

/** Adjectives that fit the things of a table; tables not named here are used without. */
const adjectivesFor: Readonly<Record<string, string>> = {
  fruit: 'fruitTaste',
  toy: 'colour',
  clothing: 'clothesAdj',
  worn: 'colour',
  stationery: 'thingAdj',
  tool: 'thingAdj',
  device: 'colour',
  vehicle: 'colour',
  portable: 'colour',
  pet: 'animalAdj',
  animal: 'animalAdj',
  farmAnimal: 'animalAdj',
  wildAnimal: 'animalAdj',
  personKind: 'personAdj',
  job: 'personAdj',
  furniture: 'colour',
};

const owners = [
  ['my', '我'],
  ['your', '你'],
  ['our', '我们'],
  ['his', '他'],
  ['her', '她'],
] as const;

function predicate(writer: Writer, who: Subject): Predicate {
  const { random } = writer;
  if (random.oneIn(4)) return { verb: random.pick(intransitiveVerbs), rest: '', some: '', bare: '' };
  const { verb, objects } = random.pick(transitiveVerbs);
  const table = random.pick(objects);
  const noun = writer.choose(table, who.word ? [verb, who.word] : [verb]);
  if (noun.kind === 'name') return { verb, rest: ` ${noun.en}`, some: noun.zh, bare: noun.zh };
  const adjectives = adjectivesFor[table];
  const adjective = adjectives && random.oneIn(3) ? writer.choose(adjectives, [verb, noun]) : undefined;
  const [enAdjective, zhAdjective] = adjective ? [`${adjective.en} `, `${adjective.zh}的`] : ['', ''];
  const named = `${enAdjective}${noun.en}`;
  if (table === 'subject') return { verb, rest: ` ${named}`, some: noun.zh, bare: noun.zh };
  if (definite.test(table))
    return { verb, rest: ` the ${named}`, some: zhAdjective + noun.zh, bare: zhAdjective + noun.zh };
  if (noun.uncountable)
    return { verb, rest: ` ${random.oneIn(2) ? 'some ' : ''}${named}`, some: noun.zh, bare: noun.zh };
  switch (random.below(4)) {
    case 0: {
      const [enWhose, zhWhose] = random.pick(owners);
      // 我的书, but 我那本旧的书: two 的 in a row are not said.
      const chinese = adjective
        ? `${zhWhose}那${noun.extra}${zhAdjective}${noun.zh}`
        : `${zhWhose}的${noun.zh}`;
      return { verb, rest: ` ${enWhose} ${named}`, some: chinese, bare: chinese };
    }
    case 1: {
      const count = writer.choose('smallCount', []);
      const plural = `${enAdjective}${englishForms.s!(noun)}`;
      const chinese = `${count.zh}${noun.extra}${zhAdjective}${noun.zh}`;
      return { verb, rest: ` ${count.en} ${plural}`, some: chinese, bare: chinese };
    }
    default:
      return {
        verb,
        rest: ` a ${named}`,
        some: `一${noun.extra}${zhAdjective}${noun.zh}`,
        bare: zhAdjective + noun.zh,
      };
  }
}

type Tense = 'habit' | 'now' | 'past' | 'future' | 'can' | 'want' | 'must' | 'should' | 'like' | 'never';
type Mood = 'says' | 'denies' | 'asks';

const tenses: readonly Tense[] = [
  'habit',
  'now',
  'now',
  'past',
  'past',
  'past',
  'future',
  'future',
  'can',
  'want',
  'must',
  'should',
  'like',
  'never',
];

/** Verbs that name a state: "is loving", 正在喜爱 are not said. */
const states = new Set([
  'miss',
  'see',
  'meet',
  'lose',
  'find',
  'receive',
  'hold',
  'leave',
  'break',
  'get up early',
  'lie',
]);

const anyMood: readonly Mood[] = ['says', 'says', 'says', 'denies', 'asks'];
const statements: readonly Mood[] = ['says', 'says', 'denies'];

export interface Clause extends Pair {
  readonly mood: Mood;
  readonly subject: Subject;
  readonly tense: Tense;
}

interface ClauseOptions {
  /** What the clause may be. */
  moods?: readonly Mood[];
  /** As in the clause before. */
  subject?: Subject;
  tense?: Tense;
}

/** One clause without its full stop. */
export function clause(writer: Writer, options: ClauseOptions = {}): Clause {
  const { random } = writer;
  const who = options.subject ?? subject(writer);
  const fitsState = options.tense === undefined || options.tense === 'past' || options.tense === 'future';
  let what = predicate(writer, who);
  while (states.has(what.verb.en) && !fitsState) what = predicate(writer, who);
  let mood: Mood = random.pick(options.moods ?? anyMood);
  // Nobody asks whether he himself is doing something.
  if (mood === 'asks' && (who.en === 'I' || who.en === 'we')) mood = 'says';
  let tense = options.tense ?? random.pick(tenses);
  if (states.has(what.verb.en) && tense !== 'future') tense = 'past';
  if (tense === 'never' && mood !== 'says') tense = 'past';

  const place = what.rest === '' && random.oneIn(2) ? writer.choose('whereabouts', []) : undefined;
  const manner =
    !what.verb.en.includes(' ') &&
    (tense === 'now' || tense === 'past') &&
    mood === 'says' &&
    what.rest === '' &&
    random.oneIn(3)
      ? writer.choose('manner', [])
      : undefined;
  const time = options.tense ? undefined : timeFor(writer, tense);
  const english = inEnglish(who, what, tense, mood, [manner?.en, place?.en]);
  const chinese = inChinese({
    who,
    what,
    tense,
    mood,
    place: place?.zh,
    manner: manner?.zh,
    time: time?.zh,
    timeFirst: random.oneIn(2),
  });
  const timeAhead = mood === 'says' && random.oneIn(2);
  const timed = !time ? english : timeAhead ? `${time.en} ${english}` : `${english} ${time.en}`;
  return { en: timed, zh: chinese, mood, subject: who, tense };
}

function timeFor(writer: Writer, tense: Tense): Word | undefined {
  if (!writer.random.oneIn(2)) return undefined;
  if (tense === 'past') return writer.choose('pastTime', []);
  if (tense === 'future') return writer.choose('futureTime', []);
  if (tense === 'habit') return writer.choose('habitTime', []);
  return undefined;
}

function inEnglish(
  who: Subject,
  what: Predicate,
  tense: Tense,
  mood: Mood,
  after: readonly (string | undefined)[],
): string {
  const { verb, rest } = what;
  const base = verb.en;
  const third = who.person === 'he';
  const be = who.person === 'I' ? 'am' : third ? 'is' : 'are';
  const does = third ? 'does' : 'do';
  const tail = `${rest}${after.map((part) => (part ? ` ${part}` : '')).join('')}`;
  // [auxiliary, what follows it, the plain statement]
  const [auxiliary, main, plain] = ((): [string, string, string] => {
    switch (tense) {
      case 'habit':
        return [does, base, third ? englishForms.s!(verb) : base];
      case 'never':
        return [does, base, `never ${third ? englishForms.s!(verb) : base}`];
      case 'now':
        return [be, englishForms.ing!(verb), `${be} ${englishForms.ing!(verb)}`];
      case 'past':
        return ['did', base, englishForms.ed!(verb)];
      case 'future':
        return ['will', base, `will ${base}`];
      case 'can':
      case 'should':
        return [tense, base, `${tense} ${base}`];
      case 'must':
        return [does, `have to ${base}`, `${third ? 'has' : 'have'} to ${base}`];
      case 'want':
      case 'like':
        return [does, `${tense} to ${base}`, `${tense}${third ? 's' : ''} to ${base}`];
    }
  })();
  if (mood === 'asks') return `${auxiliary} ${who.en} ${main}${tail}`;
  if (mood === 'denies')
    return `${who.en} ${auxiliary === 'can' ? 'cannot' : `${auxiliary} not`} ${main}${tail}`;
  return `${who.en} ${plain}${tail}`;
}

interface ChineseParts {
  who: Subject;
  what: Predicate;
  tense: Tense;
  mood: Mood;
  place?: string;
  manner?: string;
  time?: string;
  /** 昨天我 rather than 我昨天. */
  timeFirst: boolean;
}

function inChinese({ who, what, tense, mood, place, manner, time, timeFirst }: ChineseParts): string {
  const where = place ? `在${place}` : '';
  const verb = what.verb.zh;
  // 买了一本书, but 从不买书, 没有买书: what is denied or general is not counted.
  const general = mood === 'denies' || tense === 'habit' || tense === 'like' || tense === 'never';
  const object = general ? what.bare : what.some;
  const before = (time && timeFirst ? time : '') + who.zh + (time && !timeFirst ? time : '');
  const how = manner ?? '';
  const denied = mood === 'denies';
  const ask = mood === 'asks' ? '吗' : '';
  const body = ((): string => {
    switch (tense) {
      case 'habit':
        return `${denied ? '不' : ''}${where}${verb}${object}`;
      case 'never':
        return `从不${where}${verb}${object}`;
      case 'now':
        return denied
          ? `没有${where}${verb}${object}`
          : `${where ? '' : '正在'}${where}${how}${verb}${object}`;
      case 'past':
        if (denied) return `没有${where}${verb}${object}`;
        // 睡觉了: a verb that holds its object takes 了 after both.
        return object === '' ? `${where}${how}${verb}了` : `${where}${how}${verb}了${object}`;
      case 'future':
        return `${denied ? '不' : ''}会${where}${verb}${object}`;
      case 'can':
        return `${denied ? '不' : ''}能${where}${verb}${object}`;
      case 'want':
        return `${denied ? '不' : ''}想${where}${verb}${object}`;
      case 'must':
        return `${denied ? '不必' : '必须'}${where}${verb}${object}`;
      case 'should':
        return `${denied ? '不' : ''}应该${where}${verb}${object}`;
      case 'like':
        return `${denied ? '不' : ''}喜欢${where}${verb}${object}`;
    }
  })();
  return before + body + ask;
}

/** A clause as a sentence. */
export function sentence(writer: Writer): Pair {
  const { en, zh, mood } = clause(writer);
  return {
    en: tidyEnglish(`${en}${mood === 'asks' ? '?' : '.'}`),
    zh: `${zh}${mood === 'asks' ? '？' : '。'}`,
  };
}

/** How two clauses join: what stands before each, and the tenses that the joint makes sense in, if not all. */
const joints: readonly {
  en: readonly [string, string];
  zh: readonly [string, string];
  tenses?: readonly Tense[];
}[] = [
  { en: ['', ', and '], zh: ['', '，'] },
  { en: ['', ', but '], zh: ['', '，但是'] },
  { en: ['', ', so '], zh: ['', '，所以'] },
  { en: ['', ' because '], zh: ['', '，因为'] },
  { en: ['', ', or '], zh: ['', '，或者'], tenses: ['future', 'want', 'should', 'can'] },
  { en: ['although ', ', '], zh: ['虽然', '，但是'] },
  { en: ['if ', ', '], zh: ['如果', '，那么'], tenses: ['habit', 'want', 'can'] },
  { en: ['when ', ', '], zh: ['当', '的时候，'], tenses: ['past', 'habit'] },
  { en: ['', ' while '], zh: ['', '，同时'], tenses: ['now', 'past'] },
  { en: ['', ', and then '], zh: ['', '，然后'], tenses: ['past', 'future', 'must'] },
];

const openers: readonly (readonly [string, string])[] = [
  ['I think that ', '我觉得'],
  ['I know that ', '我知道'],
  ['everyone says that ', '大家都说'],
  ['I hope that ', '我希望'],
  ['it is true that ', '确实，'],
  ['my friend told me that ', '我朋友告诉我，'],
  ['maybe ', '也许'],
  ['I am glad that ', '我很高兴'],
  ['nobody knows that ', '没有人知道'],
  ['I believe that ', '我相信'],
  ['she said that ', '她说'],
  ['he wrote that ', '他写道，'],
];

/** Two clauses, or a clause inside another: the part of the grammar that nests. */
export function compound(writer: Writer): Pair {
  const { random } = writer;
  if (random.oneIn(3)) {
    const [en, zh] = random.pick(openers);
    const inner = random.oneIn(4) ? clausePair(writer) : clause(writer, { moods: statements });
    return { en: tidyEnglish(`${en}${inner.en}.`), zh: `${zh}${inner.zh}。` };
  }
  const pair = clausePair(writer);
  return { en: tidyEnglish(`${pair.en}.`), zh: `${pair.zh}。` };
}

function clausePair(writer: Writer): Pair {
  const { random } = writer;
  const { en, zh, tenses: allowed } = random.pick(joints);
  const first = clause(writer, { moods: statements, tense: allowed && random.pick(allowed) });
  // The second goes on from the first: in its tense, and half of the time on the same person.
  const who = random.oneIn(2) ? pronounFor(first.subject) : undefined;
  const second = clause(writer, { moods: statements, tense: first.tense, subject: who });
  return { en: en[0] + first.en + en[1] + second.en, zh: zh[0] + first.zh + zh[1] + second.zh };
}

/** How the second clause calls the subject of the first; undefined where "he" and "she" are open: it takes another. */
function pronounFor(who: Subject): Subject | undefined {
  if (pronouns.includes(who)) return who;
  return pronouns.find(({ zh }) => zh === who.word?.extra);
}
