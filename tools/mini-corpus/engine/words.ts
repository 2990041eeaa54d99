/** @file Word tables: how they are written, and the forms a word takes in a sentence. */

export type Kind = 'noun' | 'verb' | 'adjective' | 'name' | 'other';

/** One word in both languages. */
export interface Word {
  readonly kind: Kind;
  readonly en: string;
  readonly zh: string;
  /** Irregular English forms as written: the plural; past, participle and -ing form; comparative and superlative. */
  readonly irregular: readonly string[];
  /** A noun's Chinese measure word; a name's 他 or 她. */
  readonly extra: string;
  /** English nouns without a plural: "some rice". */
  readonly uncountable: boolean;
}

/**
 * A table is text: words apart by commas or line ends, each `english (irregular, forms) 中文 量词`; `~` marks a noun
 * without a plural. `mouse (mice) 老鼠 只, ~rice 米饭 碗`
 */
function table(kind: Kind, text: string): Word[] {
  const entries = text.split(/\n|,(?![^(]*\))/).map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map((entry) => parseWord(kind, entry));
}

export const nouns = (text: string): Word[] => table('noun', text);
export const verbs = (text: string): Word[] => table('verb', text);
export const adjectives = (text: string): Word[] => table('adjective', text);
export const names = (text: string): Word[] => table('name', text);
/** Words that take no forms and are in no combination held out: adverbs, times, numbers. */
export const others = (text: string): Word[] => table('other', text);

function parseWord(kind: Kind, entry: string): Word {
  const match =
    /^(~?)([^(\u3400-\u9fff]+?)\s*(?:\(([^)]*)\)\s*)?\s(\S*[\u3400-\u9fff]\S*)(?:\s+(\S+))?$/u.exec(entry);
  if (!match) throw new Error(`"${entry}" is not written as "english (irregular, forms) 中文 量词"`);
  const [, tilde, en = '', irregular, zh = '', extra] = match;
  return {
    kind,
    en: en.trim(),
    zh,
    irregular: irregular?.split(',').map((form) => form.trim()) ?? [],
    extra: extra ?? (kind === 'noun' ? '个' : ''),
    uncountable: tilde === '~',
  };
}

type Form = (word: Word) => string;

/** `{animal.s}` in an English frame. */
export const englishForms: Readonly<Record<string, Form>> = {
  '': (word) => word.en,
  /** "a cat", "some rice"; the renderer turns "a" to "an". */
  a: (word) => (word.uncountable ? `some ${word.en}` : `a ${word.en}`),
  /** Plural of a noun, third person of a verb. */
  s: (word) => (word.kind === 'verb' ? onFirstWord(word.en, addS) : plural(word)),
  are: (word) => (word.uncountable ? 'is' : 'are'),
  do: (word) => (word.uncountable ? 'does' : 'do'),
  they: (word) => (word.uncountable ? 'it' : 'they'),
  ed: (word) => word.irregular[0] ?? onFirstWord(word.en, addEd),
  en: (word) => word.irregular[1] ?? englishForms.ed!(word),
  ing: (word) => word.irregular[2] ?? onFirstWord(word.en, addIng),
  er: (word) => word.irregular[0] ?? (isShort(word.en) ? addEr(word.en, 'er') : `more ${word.en}`),
  est: (word) => word.irregular[1] ?? (isShort(word.en) ? addEr(word.en, 'est') : `most ${word.en}`),
  he: (word) => (word.extra === '她' ? 'she' : word.extra === '他' ? 'he' : 'it'),
  him: (word) => (word.extra === '她' ? 'her' : word.extra === '他' ? 'him' : 'it'),
  his: (word) => (word.extra === '她' ? 'her' : word.extra === '他' ? 'his' : 'its'),
};

/** `{animal.m}` in a Chinese frame. */
export const chineseForms: Readonly<Record<string, Form>> = {
  '': (word) => word.zh,
  /** The measure word: 一{animal.m}{animal}. */
  m: (word) => word.extra,
  /** Beside English `.a`: 一只猫, 一些米饭. */
  a: (word) => (word.uncountable ? `一些${word.zh}` : `一${word.extra}${word.zh}`),
  he: (word) => (word.extra === '她' || word.extra === '他' ? word.extra : '它'),
};

function onFirstWord(text: string, change: (word: string) => string): string {
  const [first = '', ...rest] = text.split(' ');
  return [change(first), ...rest].join(' ');
}

function plural(word: Word): string {
  if (word.uncountable) return word.en;
  if (word.irregular[0]) return word.irregular[0];
  const parts = word.en.split(' ');
  return [...parts.slice(0, -1), addS(parts.at(-1)!)].join(' ');
}

function addS(word: string): string {
  if (word === 'have') return 'has';
  if (/(s|x|z|ch|sh)$/.test(word) || /[^aeiou]o$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

function addEd(word: string): string {
  if (word.endsWith('e')) return `${word}d`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ied` : `${doubled(word)}ed`;
}

function addIng(word: string): string {
  if (word.endsWith('ie')) return `${word.slice(0, -2)}ying`;
  return /[^e]e$/.test(word) && word !== 'be' ? `${word.slice(0, -1)}ing` : `${doubled(word)}ing`;
}

function addEr(word: string, ending: string): string {
  if (word.endsWith('e')) return word + ending.slice(1);
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}i${ending}` : doubled(word) + ending;
}

/** stop → stopp-, big → bigg-: one vowel before one consonant in a word of one syllable. */
function doubled(word: string): string {
  return /^[^aeiou]*[aeiou][bdgklmnprt]$/.test(word) ? word + word.at(-1) : word;
}

/** Takes -er: one syllable, or two with a -y at the end. */
function isShort(word: string): boolean {
  const syllables = word.replace(/e$/, '').match(/[aeiouy]+/g)?.length ?? 0;
  return syllables === 1 || (syllables === 2 && word.endsWith('y'));
}
