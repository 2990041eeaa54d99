/**
 * @file Prompt lookup (Saxena 2023): a row's next tokens are guessed from its own text, where the last ones occurred
 *   before. One step then gives the scores after all guesses, and those that the row would have chosen anyway are kept.
 */

/** Occurrences of the last two tokens that are compared, the latest ones. */
const mostCompared = 32;
/** Tokens before a guess that are compared. */
const longestMatch = 16;
/** A step with guesses costs about as much as two or three without: it pays if this many are right. */
const paying = 2;
const longestPause = 32;

/** Guesses the next tokens of one row. */
export class PromptLookup {
  readonly #ids: number[] = [];
  /** The places behind each pair of tokens, in order. */
  readonly #behind = new Map<string, number[]>();
  /** Guesses in a row that did not pay, and steps to wait after the last of them. */
  #failures = 0;
  #pause = 0;

  /**
   * @param ids the row's tokens so far, soft tokens included
   * @param vocabSize ids from here on are soft tokens, which are never guessed
   */
  constructor(
    ids: readonly number[],
    private readonly vocabSize: number,
  ) {
    for (const id of ids) this.push(id);
  }

  push(id: number): void {
    const ids = this.#ids;
    ids.push(id);
    if (ids.length < 2) return;
    const pair = pairAt(ids, ids.length);
    const places = this.#behind.get(pair);
    if (places) places.push(ids.length);
    else this.#behind.set(pair, [ids.length]);
  }

  /**
   * At most `most` tokens: those that followed where the last tokens occurred before. The occurrence counts before
   * which most tokens agree, of equal ones the latest; twice as many are guessed as agree. Where guesses did not pay,
   * there are none for ever more steps.
   */
  guess(most: number): readonly number[] {
    if (this.#pause > 0) {
      this.#pause--;
      return [];
    }
    const ids = this.#ids;
    const end = ids.length;
    const places = ids.length < 2 ? [] : this.#behind.get(pairAt(ids, end))!;
    let [best, longest] = [end, 0];
    for (const place of places.slice(-mostCompared - 1, -1).reverse()) {
      const length = agreement(ids, place, end);
      if (length > longest) [best, longest] = [place, length];
    }
    const found = ids.slice(best, best + Math.min(most, 2 * longest));
    const soft = found.findIndex((id) => id >= this.vocabSize);
    return soft < 0 ? found : found.slice(0, soft);
  }

  /** Reports how many of its guesses were right. */
  judge(guessed: number, right: number): void {
    if (guessed === 0) return;
    if (right >= Math.min(guessed, paying)) {
      this.#failures = 0;
      return;
    }
    this.#failures++;
    this.#pause = Math.min(longestPause, 2 ** this.#failures);
  }
}

const pairAt = (ids: readonly number[], end: number) => `${ids[end - 2]},${ids[end - 1]}`;

/** How many tokens before two places are the same, at most `longestMatch`. */
function agreement(ids: readonly number[], one: number, other: number): number {
  let length = 0;
  while (length < Math.min(longestMatch, one) && ids[one - 1 - length] === ids[other - 1 - length]) length++;
  return length;
}
