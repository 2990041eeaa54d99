/**
 * @file Sentences for people, in the language of the process. A sentence stands in English where it is said, as in
 *   gettext; its Chinese is found by the English with numbered places for its values. Nothing else depends on what a
 *   sentence says: programs read codes and fields.
 */

/** Sentences of another language by the English ones: `'{0} is not a number': '{0} 不是数'`. */
export type Sentences = Readonly<Record<string, string>>;

let sentences: Sentences | undefined;

/**
 * Chooses the language of everything that is said from now on in this thread.
 * @param chosen undefined: English
 */
export function speak(chosen: Sentences | undefined): void {
  sentences = chosen;
}

/**
 * A sentence in the chosen language, in English where that lacks it. A template may go on in the next line, whose
 * indentation counts as one space.
 */
export function say(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const known = sentences?.[keyOf(parts)];
  if (known !== undefined)
    return known.replaceAll(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)]));
  return parts.map((part, i) => (i === 0 ? '' : String(values[i - 1])) + inOneLine(part)).join('');
}

/** A sentence without values that was written before the language was chosen, such as the description of a flag. */
export const said = (sentence: string): string => sentences?.[sentence] ?? sentence;

/** What a catalog calls the sentence: `{0} is not a number`. */
export const keyOf = (parts: readonly string[]): string =>
  parts.map((part, i) => (i === 0 ? '' : `{${i - 1}}`) + inOneLine(part)).join('');

const inOneLine = (part: string): string => part.replaceAll(/\n {2,}/g, ' ');
