/**
 * @file The vectors of a learned prompt as a map: how far they are from each other and from tokens, where they lie
 *   among the vocabulary on two axes, and how they moved.
 */
import type { PromptAtStep } from '../adapters/prompt-vectors.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import type { Tensor } from '../tensor.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { nearestTokens } from './nearest-tokens.js';
import { principalAxes } from './principal-axes.js';

export interface PromptMapOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The learned vectors [P, hidden] (see `promptVectors`). */
  vectors: Tensor<'float32'>;
  /** The same vectors at earlier steps, such as the start. Default: none. */
  earlier?: readonly PromptAtStep[];
  /** The step that `vectors` are of. Default: none, and no vector has a path. */
  step?: number;
  /** Tokens per vector. Default 5. */
  nearest?: number;
  /** Further tokens of the vocabulary on the map. Default 300. */
  sample?: number;
}

export type MapPoint = [x: number, y: number];

export interface PromptMap {
  readonly vectors: readonly {
    readonly norm: number;
    /** The tokens with the highest cosine similarity, nearest first, with their Euclidean distance. */
    readonly nearest: readonly {
      readonly id: number;
      readonly token: string;
      readonly similarity: number;
      readonly distance: number;
    }[];
    readonly point: MapPoint;
    /** Where it was, the earliest step first, and its distance from there to where it is. */
    readonly path: readonly { readonly step: number; readonly point: MapPoint; readonly distance: number }[];
  }[];
  /** Euclidean distances of the vectors, P × P. */
  readonly distances: readonly (readonly number[])[];
  /** Cosine similarities of the vectors, P × P. */
  readonly similarities: readonly (readonly number[])[];
  /** Tokens on the same map: the nearest ones, then a sample. */
  readonly vocabulary: readonly {
    readonly id: number;
    readonly token: string;
    readonly point: MapPoint;
    readonly isNear: boolean;
  }[];
  /** The share of the variance of vectors and nearest tokens that each axis has. */
  readonly explained: MapPoint;
  /** Norms of the sample's embeddings: minimum, quartiles, maximum. */
  readonly vocabularyNorms: [number, number, number, number, number];
}

/**
 * Computes the map. Norms differ far more than directions, and what is near is told by direction, so points are those
 * of vectors at unit length. The axes are the principal ones of the vectors, where they were, and their nearest tokens.
 */
export async function promptMap({
  model,
  tokenizer,
  vectors,
  earlier = [],
  step,
  nearest = 5,
  sample = 300,
}: PromptMapOptions): Promise<PromptMap> {
  const { vocabSize } = model.config;
  const near = await nearestTokens(model, vectors, Math.min(nearest, vocabSize));
  const nearIds = new Set(near.flat().map(({ id }) => id));
  const sampled = sampleOf(vocabSize, sample).filter((id) => !nearIds.has(id));
  const ids = [...nearIds, ...sampled];
  const embeddings = rowsOf(await embedTokens(model, ids));
  const embeddingOf = new Map(ids.map((id, i) => [id, embeddings[i]!]));
  const rows = rowsOf(vectors);
  const before = earlier.map((at) => ({ step: at.step, rows: rowsOf(at.vectors) }));
  const { project, explained } = principalAxes(
    [...rows, ...before.flatMap(({ rows }) => rows), ...embeddings.slice(0, nearIds.size)].map(unit),
  );
  const pointOf = (row: Float32Array) => project(unit(row));
  const last = step === undefined ? [] : [{ step, rows }];
  return {
    vectors: rows.map((row, i) => ({
      norm: norm(row),
      nearest: near[i]!.map(({ id, similarity }) => ({
        ...{ id, token: tokenizer.tokenOf(id), similarity },
        distance: distance(row, embeddingOf.get(id)!),
      })),
      point: pointOf(row),
      path: [...before, ...last].map(({ step, rows }) => ({
        step,
        point: pointOf(rows[i]!),
        distance: distance(rows[i]!, row),
      })),
    })),
    distances: rows.map((a) => rows.map((b) => distance(a, b))),
    similarities: rows.map((a) => rows.map((b) => dot(unit(a), unit(b)))),
    vocabulary: ids.map((id, i) => ({
      id,
      token: tokenizer.tokenOf(id),
      point: pointOf(embeddings[i]!),
      isNear: nearIds.has(id),
    })),
    explained,
    vocabularyNorms: quartiles(embeddings.slice(nearIds.size).map(norm)),
  };
}

/** Distinct ids, the same for the same vocabulary. */
function sampleOf(vocabSize: number, count: number): number[] {
  const random = seededRandom(0);
  const ids = new Set<number>();
  while (ids.size < Math.min(count, vocabSize)) ids.add(random.below(vocabSize));
  return [...ids];
}

function rowsOf({ shape, data }: Tensor<'float32'>): Float32Array[] {
  const size = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) => data.subarray(row * size, (row + 1) * size));
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const norm = (row: Float32Array) => Math.hypot(...row);
const distance = (a: Float32Array, b: Float32Array) => norm(a.map((x, i) => x - b[i]!));

function unit(row: Float32Array): Float32Array {
  const length = norm(row) || 1;
  return row.map((x) => x / length);
}

function quartiles(values: readonly number[]): PromptMap['vocabularyNorms'] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}
