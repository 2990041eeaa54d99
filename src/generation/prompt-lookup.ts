/**
 * @file Prompt lookup (Saxena 2023): a row's next tokens are guessed from its own text, where the last ones occurred
 *   before. One step then gives the scores after all guesses, and those that the row would have chosen anyway are kept.
 */
import type { ModelConfig } from '../models/model.js';
import type { WeightFiles } from '../models/weights.js';

/** Occurrences of the last two tokens that are compared, the latest ones. */
const mostCompared = 32;
/** Tokens before a guess that are compared. */
const longestMatch = 16;

/** What guesses add to a step, in steps of one token for one row: as soon as there are some, and for each of them. */
export interface GuessCost {
  readonly any: number;
  readonly each: number;
}

/**
 * As measured (`bench -- lookup`). In float32, a product with one row reads the matrix as it lies, and one with several
 * rows first packs it, for however few; matrices in blocks lie packed.
 */
const inFloats: GuessCost = { any: 1.2, each: 0.03 };
const inBlocks: GuessCost = { any: 0, each: 0.2 };

/** Where the keys of a token depend on how many its step has (dynamic NTK), guesses would change what follows. */
const never: GuessCost = { any: Number.POSITIVE_INFINITY, each: 1 };

export function guessCostOf({
  config,
  files,
}: {
  readonly config: Pick<ModelConfig, 'dependsOnLength'>;
  readonly files: Pick<WeightFiles, 'packed'>;
}): GuessCost {
  if (config.dependsOnLength) return never;
  return [...(files.packed?.values() ?? [])].some(({ blocks }) => blocks) ? inBlocks : inFloats;
}

/**
 * Guesses must be able to save this many times what they cost as soon as there are some. Of those behind short matches
 * few are right: in float32, four tokens have to agree.
 */
const surety = 4;

/** What each step without guesses adds to the credit, in steps. */
const earned = 0.02;
const [creditAtStart, mostCredit] = [1, 4];

/**
 * Guesses the next tokens of one row. Its credit, in steps, pays for guesses and grows by those that are right, each of
 * which saves a step. So where nothing repeats, a text of n tokens takes at most 1 + n/50 steps' time more than without
 * guesses; where something does, the number of guesses soon doubles with every step.
 */
export class PromptLookup {
  readonly #ids: number[] = [];
  /** The places behind each pair of tokens, in order. */
  readonly #behind = new Map<string, number[]>();
  #credit = creditAtStart;

  /**
   * @param ids the row's tokens so far, soft tokens included
   * @param vocabSize ids from here on are soft tokens, which are never guessed
   * @param cost of the model's precision, see `guessCostOf`
   */
  constructor(
    ids: readonly number[],
    private readonly vocabSize: number,
    private readonly cost: GuessCost = inBlocks,
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
   * which most tokens agree, of equal ones the latest. The more they are, the more can be trusted: 1 token behind two
   * that agree, 4 behind three, 9 behind four; and no more than the credit pays for.
   */
  guess(most: number): readonly number[] {
    const ids = this.#ids;
    const end = ids.length;
    const places = ids.length < 2 ? [] : this.#behind.get(pairAt(ids, end))!;
    let [best, longest] = [end, 0];
    for (const place of places.slice(-mostCompared - 1, -1).reverse()) {
      const length = agreement(ids, place, end);
      if (length > longest) [best, longest] = [place, length];
    }
    const affordable = Math.floor((this.#credit - this.cost.any) / this.cost.each);
    const count = longest === 0 ? 0 : Math.min(most, (longest - 1) ** 2, affordable);
    if (count <= this.#costOf(count) || count < surety * this.cost.any) return [];
    const found = ids.slice(best, best + count);
    const soft = found.findIndex((id) => id >= this.vocabSize);
    return soft < 0 ? found : found.slice(0, soft);
  }

  /** Reports how many of a step's guesses were right; 0 of 0 for a step without. */
  judge(guessed: number, right: number): void {
    const gained = guessed === 0 ? earned : right - this.#costOf(guessed);
    this.#credit = Math.min(mostCredit, this.#credit + gained);
  }

  #costOf(guesses: number): number {
    return this.cost.any + this.cost.each * guesses;
  }
}

/** Numbers that the scores of a step with guesses have at most: 128 MB. */
const mostScores = 2 ** 25;

/**
 * How many guesses each row of a step may have, so that the scores after all of them are not too many: where a large
 * batch needs those of the whole vocabulary, they would be.
 * @param candidates whose scores are returned for each token
 */
export function mostGuesses(rows: number, candidates: number): number {
  return Math.max(0, Math.floor(mostScores / (rows * candidates)) - 1);
}

/** Whether a step uses the guesses of its rows: if half of them have some, since all pay for the longest. */
export function areUsed(guesses: readonly (readonly number[])[]): boolean {
  const some = guesses.filter(({ length }) => length > 0).length;
  return some > 0 && 2 * some >= guesses.length;
}

const pairAt = (ids: readonly number[], end: number) => `${ids[end - 2]},${ids[end - 1]}`;

/** How many tokens before two places are the same, at most `longestMatch`. */
function agreement(ids: readonly number[], one: number, other: number): number {
  let length = 0;
  while (length < Math.min(longestMatch, one) && ids[one - 1 - length] === ids[other - 1 - length]) length++;
  return length;
}
