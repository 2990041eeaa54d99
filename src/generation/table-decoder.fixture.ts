/** @file A language model for tests: the scores of the next token come from a table over the last two tokens. */
import type { Decoder, NextTokenScores } from './decoder.js';

/** A score in [-4, 4), exact in float32; transformers.fixture.py has the same formula. */
export function tableLogit(seed: number, before: number, last: number, token: number): number {
  const hash = scramble(scramble(scramble(scramble(seed) + before) + last) + token);
  return (hash >>> 8) / 2 ** 21 - 4;
}

function scramble(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export type LogitsOf = (ids: readonly number[]) => ArrayLike<number>;

/** The table's scores after `ids`; `before` is 0 if there is only one token. */
export function tableModel(seed: number, vocabSize: number): LogitsOf {
  return (ids) =>
    Float32Array.from({ length: vocabSize }, (_, token) =>
      tableLogit(seed, ids.at(-2) ?? 0, ids.at(-1)!, token),
    );
}

export interface FixtureDecoder extends Decoder {
  /** The rows of each batch that was computed, prompts first: the cost of the generation. */
  readonly batches: readonly number[][][];
}

interface FixtureOptions {
  readonly vocabSize: number;
  readonly candidates?: number | 'all';
  readonly maxLength?: number;
}

/** A decoder over any function from a row's tokens to its scores. */
export function fixtureDecoder(
  logitsOf: LogitsOf,
  { vocabSize, candidates = 'all', maxLength = 1000 }: FixtureOptions,
): FixtureDecoder {
  const k = candidates === 'all' ? vocabSize : Math.min(candidates, vocabSize);
  let rows: number[][] = [];
  const batches: number[][][] = [];

  async function scoresOf(batch: number[][]): Promise<NextTokenScores> {
    for (const row of batch) {
      if (row.length > maxLength)
        throw new Error(`expected at most ${maxLength} tokens in a row, got ${row.length}`);
    }
    batches.push(batch);
    const ids: number[] = [];
    const logits: number[] = [];
    const logSumExp: number[] = [];
    for (const row of batch) {
      const all = Array.from(logitsOf(row));
      const order = k === vocabSize ? all.map((_, id) => id) : best(all, k);
      ids.push(...order);
      logits.push(...order.map((id) => all[id]!));
      logSumExp.push(Math.log(all.reduce((sum, logit) => sum + Math.exp(logit), 0)));
    }
    return {
      rows: batch.length,
      candidates: k,
      ids: k === vocabSize ? undefined : Int32Array.from(ids),
      logits: Float32Array.from(logits),
      logSumExp: Float32Array.from(logSumExp),
    };
  }

  return {
    vocabSize,
    maxLength: () => maxLength,
    batches,
    async admit(joining) {
      const added = joining.map(({ ids }) => [...ids]);
      rows = [...rows, ...added];
      return scoresOf(added);
    },
    async reorder(parents) {
      rows = parents.map((parent) => rows[parent]!);
    },
    async step(tokens) {
      if (tokens.length !== rows.length) throw new Error(`${tokens.length} tokens for ${rows.length} rows`);
      rows = rows.map((row, i) => [...row, tokens[i]!]);
      return scoresOf(rows);
    },
    async stepSeveral(tokens) {
      if (tokens.length !== rows.length)
        throw new Error(`tokens for ${tokens.length} of ${rows.length} rows`);
      const width = Math.max(...tokens.map(({ length }) => length));
      const before = rows;
      rows = before.map((row, i) => [...row, ...tokens[i]!]);
      return scoresOf(
        before.flatMap((row, i) =>
          Array.from({ length: width }, (_, last) => [...row, ...tokens[i]!.slice(0, last + 1)]),
        ),
      );
    },
    async takeBack(counts) {
      rows = rows.map((row, i) => row.slice(0, row.length - counts[i]!));
    },
    dispose: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

function best(values: readonly number[], count: number): number[] {
  return values
    .map((_, id) => id)
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, count);
}
