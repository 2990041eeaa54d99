/**
 * @file Sentences for people, in the language of the process or, in a server, of the request. A sentence stands in
 *   English where it is said, as in gettext; its Chinese is found by the English with numbered places for its values.
 *   Nothing else depends on what a sentence says: programs read codes and fields.
 */

export type Language = 'en' | 'zh';
export const languages: readonly Language[] = ['en', 'zh'];

/** Sentences of another language by the English ones: `'{0} is not a number': '{0} 不是数'`. */
export type Sentences = Readonly<Record<string, string>>;

/** What is said in a language. A sentence that it lacks is said in English. */
export interface Catalog {
  readonly language: Language;
  readonly sentences: Sentences;
}

export const english: Catalog = { language: 'en', sentences: {} };

let ofThread = english;
let ofCall = (): Catalog | undefined => undefined;

/** Chooses the language of everything that is said from now on in this thread. */
export function speak(catalog: Catalog): void {
  ofThread = catalog;
}

/**
 * Lets what this thread does at once for several people be said in the language of each.
 * @param catalogOfCall that of what runs now; undefined: the thread's
 */
export function speakPerCall(catalogOfCall: () => Catalog | undefined): void {
  ofCall = catalogOfCall;
}

/** What speaks now. */
export const spoken = (): Catalog => ofCall() ?? ofThread;

/**
 * A sentence in the language that is spoken, in English where that lacks it. A template may go on in the next line,
 * whose indentation counts as one space. `inEnglish` says how words go with a count.
 */
export function say(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const { language, sentences } = spoken();
  const known = language === 'en' ? undefined : sentences[keyOf(parts)];
  if (known === undefined) return inEnglish(parts, ...values);
  return known.replaceAll(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)]));
}

/** A sentence in English. Behind a count, which may be formatted, `row|rows is|are` is what goes with one or others. */
export const inEnglish = (parts: TemplateStringsArray, ...values: readonly unknown[]): string =>
  parts
    .map((part, i) => (i === 0 ? '' : String(values[i - 1])) + inNumber(inOneLine(part), values[i - 1]))
    .join('');

const inNumber = (part: string, count: unknown): string =>
  part.includes('|')
    ? part.replaceAll(/([a-z]+)\|([a-z]+)/g, (_, one: string, many: string) =>
        String(count) === '1' ? one : many,
      )
    : part;

/** A sentence without values that was written before the language was chosen, such as the description of a flag. */
export const said = (sentence: string): string => spoken().sentences[sentence] ?? sentence;

/** What a catalog calls the sentence: `{0} is not a number`. */
export const keyOf = (parts: readonly string[]): string =>
  parts.map((part, i) => (i === 0 ? '' : `{${i - 1}}`) + inOneLine(part)).join('');

const inOneLine = (part: string): string => (part.includes('\n') ? part.replaceAll(/\n {2,}/g, ' ') : part);
