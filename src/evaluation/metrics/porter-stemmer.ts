/**
 * @file Porter's stemmer (Porter 1980, "An algorithm for suffix stripping") with NLTK's changes, since rouge_score uses
 *   NLTK. Takes lowercase words of a-z and 0-9.
 */

/** A suffix, its replacement, and a condition on the stem. */
type Rule = readonly [suffix: string, replacement: string, condition?: (stem: string) => boolean];

const irregular: Readonly<Record<string, string>> = {
  skies: 'sky',
  sky: 'sky',
  dying: 'die',
  lying: 'lie',
  tying: 'tie',
  news: 'news',
  innings: 'inning',
  inning: 'inning',
  outings: 'outing',
  outing: 'outing',
  cannings: 'canning',
  canning: 'canning',
  howe: 'howe',
  proceed: 'proceed',
  exceed: 'exceed',
  succeed: 'succeed',
};

export function stem(word: string): string {
  if (Object.hasOwn(irregular, word)) return irregular[word]!;
  if (word.length <= 2) return word;
  return [plural, past, finalY, doubleSuffixes, step3, step4, finalE, finalL].reduce(
    (stemmed, step) => step(stemmed),
    word,
  );
}

/** The word with c for consonants and v for vowels; y is a vowel after a consonant. */
function shapeOf(word: string): string {
  let shape = '';
  for (const letter of word) {
    const isVowel = 'aeiou'.includes(letter) || (letter === 'y' && shape.at(-1) === 'c');
    shape += isVowel ? 'v' : 'c';
  }
  return shape;
}

/** Porter's m: how often a vowel is followed by a consonant. */
const measure = (word: string) => shapeOf(word).match(/vc/g)?.length ?? 0;
const isPositive = (word: string) => measure(word) > 0;
const isAboveOne = (word: string) => measure(word) > 1;

/** Porter's *o, and NLTK's addition of two letters. */
const endsShort = (word: string) =>
  (/cvc$/.test(shapeOf(word)) && !/[wxy]$/.test(word)) || shapeOf(word) === 'vc';

/** Applies the first rule whose suffix matches, if its condition holds. */
function applyFirst(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (!rule) return word;
  const [suffix, replacement, condition] = rule;
  const rest = word.slice(0, word.length - suffix.length);
  return condition === undefined || condition(rest) ? rest + replacement : word;
}

function plural(word: string): string {
  if (word.endsWith('ies') && word.length === 4) return word.slice(0, -1);
  return applyFirst(word, [
    ['sses', 'ss'],
    ['ies', 'i'],
    ['ss', 'ss'],
    ['s', ''],
  ]);
}

function past(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith('eed')) return applyFirst(word, [['eed', 'ee', isPositive]]);
  const suffix = ['ed', 'ing'].find(
    (ending) => word.endsWith(ending) && shapeOf(word.slice(0, -ending.length)).includes('v'),
  );
  if (!suffix) return word;
  const rest = word.slice(0, -suffix.length);
  if (/(at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (rest.at(-1) === rest.at(-2) && shapeOf(rest).endsWith('c'))
    return /[lsz]$/.test(rest) ? rest : rest.slice(0, -1);
  return measure(rest) === 1 && endsShort(rest) ? `${rest}e` : rest;
}

const finalY = (word: string) =>
  applyFirst(word, [['y', 'i', (rest) => rest.length > 1 && shapeOf(rest).endsWith('c')]]);

const suffixPairs: readonly Rule[] = [
  ['ational', 'ate', isPositive],
  ['tional', 'tion', isPositive],
  ['enci', 'ence', isPositive],
  ['anci', 'ance', isPositive],
  ['izer', 'ize', isPositive],
  ['bli', 'ble', isPositive],
  ['alli', 'al', isPositive],
  ['entli', 'ent', isPositive],
  ['eli', 'e', isPositive],
  ['ousli', 'ous', isPositive],
  ['ization', 'ize', isPositive],
  ['ation', 'ate', isPositive],
  ['ator', 'ate', isPositive],
  ['alism', 'al', isPositive],
  ['iveness', 'ive', isPositive],
  ['fulness', 'ful', isPositive],
  ['ousness', 'ous', isPositive],
  ['aliti', 'al', isPositive],
  ['iviti', 'ive', isPositive],
  ['biliti', 'ble', isPositive],
  ['fulli', 'ful', isPositive],
  ['logi', 'log', (rest) => isPositive(`${rest}l`)],
];

function doubleSuffixes(word: string): string {
  const withoutAlli = applyFirst(word, [['alli', 'al', isPositive]]);
  return withoutAlli === word ? applyFirst(word, suffixPairs) : doubleSuffixes(withoutAlli);
}

const step3 = (word: string) =>
  applyFirst(word, [
    ['icate', 'ic', isPositive],
    ['ative', '', isPositive],
    ['alize', 'al', isPositive],
    ['iciti', 'ic', isPositive],
    ['ical', 'ic', isPositive],
    ['ful', '', isPositive],
    ['ness', '', isPositive],
  ]);

const longSuffixes = 'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize'.split(
  ' ',
);
const step4Rules = longSuffixes.map(
  (suffix): Rule => [suffix, '', (rest) => isAboveOne(rest) && (suffix !== 'ion' || /[st]$/.test(rest))],
);
const step4 = (word: string) => applyFirst(word, step4Rules);

const finalE = (word: string) =>
  applyFirst(word, [['e', '', (rest) => isAboveOne(rest) || (isPositive(rest) && !endsShort(rest))]]);

const finalL = (word: string) => applyFirst(word, [['ll', 'l', (rest) => isAboveOne(`${rest}l`)]]);
