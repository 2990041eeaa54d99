/** @file How much room a text takes on a terminal, where Chinese characters take two columns. */

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

const leastWrapped = 40;

const isWide = (character: string): boolean => wide.test(character);

/** Number of columns that a text takes. */
export const widthOf = (text: string): number =>
  [...text].reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0);

/** The text with spaces behind it, up to a width. */
export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** The text with spaces before it, up to a width. */
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text;

/**
 * A text in lines of at most `width` columns, broken at spaces and beside wide characters; in its own lines where there
 * is too little room.
 */
export function wrapped(text: string, width: number): string {
  if (width < leastWrapped) return text;
  const lines = text.split('\n').map((line) => {
    const broken: string[] = [];
    let rest = '';
    for (const piece of line.match(/\s*(?:[^\s\u2e80-\uffef]+|[（「]?[\u2e80-\uffef][，。；：、）」]*)/g) ??
      []) {
      if (rest !== '' && widthOf(rest + piece) > width) {
        broken.push(rest);
        rest = piece.trimStart();
      } else rest += piece;
    }
    return [...broken, rest].join('\n');
  });
  return lines.join('\n');
}
