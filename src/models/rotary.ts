/**
 * @file Rotary position embeddings (Su et al. 2021, arXiv:2104.09864) as config.json describes them: the angles by
 *   which a position rotates queries and keys, and the ways to scale them beyond the trained context.
 */
import * as z from 'zod';
import { FileError } from '../errors.js';
import { kindOf } from '../formats/json.js';
import {
  add,
  cast,
  constant,
  cos,
  type Dim,
  exp,
  iota,
  less,
  log,
  multiply,
  multiplyDims,
  reshape,
  rotate,
  sin,
  slice,
  subtractDims,
  type Value,
  where,
} from '../graph/index.js';
import { said, say } from '../say.js';
import { float32Tensor, int64Tensor, tensorOf } from '../tensor.js';
import { flatRows } from './attention.js';
import type { ModelConfig } from './model.js';

/** How fast the pairs of a head's numbers rotate. */
export interface Rotary {
  /** Radians per position, one per pair. The first 2·length numbers of a head rotate, the others do not. */
  readonly frequencies: Float32Array;
  /** Factor of cosines and sines. */
  readonly factor: number;
  /** Dynamic NTK: sequences beyond `length` positions rotate more slowly, the longer the slower. */
  readonly dynamic?: { readonly factor: number; readonly length: number };
}

/** Fields of `rope_parameters` (of `rope_scaling` in older files), by kind. */
const positive = z.number().positive();
const kinds = z.discriminatedUnion('rope_type', [
  z.object({ rope_type: z.literal('default') }),
  z.object({ rope_type: z.literal('linear'), factor: positive }),
  z.object({ rope_type: z.literal('dynamic'), factor: positive.min(1) }),
  z.object({
    rope_type: z.literal('llama3'),
    factor: positive,
    low_freq_factor: positive,
    high_freq_factor: positive,
  }),
  z.object({
    rope_type: z.literal('yarn'),
    factor: positive.nullish(),
    attention_factor: positive.nullish(),
    beta_fast: positive.nullish(),
    beta_slow: positive.nullish(),
    mscale: z.number().nullish(),
    mscale_all_dim: z.number().nullish(),
    truncate: z.boolean().nullish(),
  }),
  z.object({
    rope_type: z.literal('longrope'),
    factor: positive.nullish(),
    attention_factor: positive.nullish(),
    short_factor: z.array(positive),
  }),
]);
const common = z.object({
  rope_theta: positive,
  partial_rotary_factor: z.number().positive().max(1),
  original_max_position_embeddings: positive.nullish(),
});

export interface RotaryOptions {
  /** config.json, and its path for error messages. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly headDim: number;
  readonly maxPositions: number;
  /** The type of layers to read, if types have separate parameters. */
  readonly layerType?: string;
  /** The family's defaults, and its names of the fields in older files. */
  readonly theta?: number;
  readonly thetaName?: string;
  readonly partial?: number;
  readonly partialName?: string;
  /** Whether `rope_scaling` of older files applies. Default: it does. */
  readonly scaled?: boolean;
  /** Whether the family always rotates whole heads, ignoring `partial_rotary_factor`. Default: false. */
  readonly rotatesAll?: boolean;
}

/**
 * Reads how positions rotate, how many there can be, and whether their number matters.
 * @throws FileError for an unsupported kind, or a field that is missing or invalid
 */
export function parseRotary(
  options: RotaryOptions,
): { rotary: Rotary } & Required<Pick<ModelConfig, 'maxPositions' | 'dependsOnLength'>> {
  const { path, headDim } = options;
  const [where_, fields] = rotaryFields(options);
  const { rope_theta: base, partial_rotary_factor: partial, ...rest } = checked(common, fields, path, where_);
  const kind = checked(kinds, fields, path, where_);
  const size = Math.floor(headDim * partial);
  if (size < 2 || size % 2 !== 0) {
    throw new FileError(
      path,
      `${where_}.partial_rotary_factor`,
      say`it rotates ${size} of a head's ${headDim} numbers, expected an even number`,
    );
  }
  const trained = rest.original_max_position_embeddings ?? options.maxPositions;
  const plain = Float64Array.from({ length: size / 2 }, (_, i) => base ** ((-2 * i) / size));
  const result = (
    frequencies: Float64Array,
    others: Partial<Rotary> = {},
    maxPositions = options.maxPositions,
  ) => ({
    rotary: { frequencies: Float32Array.from(frequencies), factor: 1, ...others },
    maxPositions,
    dependsOnLength: others.dynamic !== undefined,
  });
  switch (kind.rope_type) {
    case 'default':
      return result(plain);
    case 'linear':
      return result(plain.map((frequency) => frequency / kind.factor));
    case 'dynamic': {
      const dynamic = { factor: kind.factor, length: options.maxPositions };
      return result(plain, { dynamic }, Math.floor(kind.factor * options.maxPositions));
    }
    case 'llama3':
      return result(
        plain.map((frequency) => {
          const turns = (trained * frequency) / (2 * Math.PI); // within the trained context
          const kept = (turns - kind.low_freq_factor) / (kind.high_freq_factor - kind.low_freq_factor);
          const share = Math.min(1, Math.max(0, kept));
          return share * frequency + ((1 - share) * frequency) / kind.factor;
        }),
      );
    case 'yarn': {
      const factor = kind.factor ?? options.maxPositions / trained;
      const magnitude = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
      const { mscale, mscale_all_dim: allDim } = kind;
      const ratio = mscale && allDim ? magnitude(mscale) / magnitude(allDim) : magnitude(1);
      return result(slowedBetween(plain, { ...kind, base, size, trained, factor }), {
        factor: kind.attention_factor ?? ratio,
      });
    }
    case 'longrope': {
      const { short_factor: factors } = kind;
      if (factors.length !== size / 2)
        throw new FileError(
          path,
          `${where_}.short_factor`,
          say`expected ${size / 2} factors, one per pair of numbers, found ${factors.length}`,
        );
      const factor = kind.factor ?? options.maxPositions / trained;
      const attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
      return result(
        plain.map((frequency, i) => frequency / factors[i]!),
        { factor: kind.attention_factor ?? attention },
        // Beyond it, other factors apply to all positions, including cached ones.
        Math.min(trained, options.maxPositions),
      );
    }
  }
}

type Fields = Record<string, unknown>;
const isFields = (x: unknown): x is Fields => typeof x === 'object' && x !== null && !Array.isArray(x);

/** The fields by their newer names, in transformers' precedence, and their place in config.json. */
function rotaryFields(options: RotaryOptions): [place: string, fields: Fields] {
  const { raw, path, theta = 10_000, thetaName = 'rope_theta' } = options;
  const { partial = 1, partialName = 'partial_rotary_factor', rotatesAll = false } = options;
  for (const name of ['rope_parameters', 'rope_scaling'])
    if (raw[name] && !isFields(raw[name]))
      throw new FileError(path, name, say`expected an object, found ${kindOf(raw[name])}`);
  const [place, fields] = options.layerType === undefined ? givenFields(raw) : fieldsOfType(options);
  const nested = Object.entries(fields).find(([, value]) => isFields(value));
  if (nested) {
    const problem = say`${raw.model_type} has no rotary positions per type of layer; expected one set of fields`;
    throw new FileError(path, `${place}.${nested[0]}`, problem);
  }
  const type = fields.rope_type ?? fields.type ?? 'default';
  const share = fields.partial_rotary_factor ?? raw[partialName] ?? partial;
  const isDefault = type === 'default';
  // Families that rotate whole heads ignore the field, and transformers fails on it for scaled kinds.
  if (rotatesAll && !isDefault && share !== 1)
    throw new FileError(path, partialName, say`${raw.model_type} rotates whole heads; remove the field`);
  return [
    place,
    {
      ...fields,
      original_max_position_embeddings:
        raw.original_max_position_embeddings ?? fields.original_max_position_embeddings,
      rope_type: type === 'su' || (type === 'yarn' && raw.model_type === 'phi3') ? 'longrope' : type,
      rope_theta: fields.rope_theta ?? raw[thetaName] ?? theta,
      partial_rotary_factor: rotatesAll ? 1 : share,
    },
  ];
}

/** Like transformers: a non-empty `rope_scaling`, the older name, replaces all of `rope_parameters`. */
function givenFields({
  rope_scaling: older,
  rope_parameters: newer,
}: Fields): [place: string, fields: Fields] {
  if (isFields(older) && Object.keys(older).length > 0) return ['rope_scaling', older];
  return isFields(newer) ? ['rope_parameters', newer] : ['rope_scaling', {}];
}

/** `rope_scaling` overrides `rope_parameters` for layers of full attention only. */
function fieldsOfType({ raw, layerType, scaled = true }: RotaryOptions): [place: string, fields: Fields] {
  const all = isFields(raw.rope_parameters) ? raw.rope_parameters : {};
  // Like transformers, whose default sets `rope_type`, so that the older name `type` is ignored.
  const usual = raw.rope_parameters ? {} : { rope_type: 'default' };
  const own = isFields(all[layerType!]) ? (all[layerType!] as Fields) : usual;
  const older = scaled && isFields(raw.rope_scaling) ? raw.rope_scaling : {};
  const place = Object.keys(older).length > 0 ? 'rope_scaling' : `rope_parameters.${layerType}`;
  return [place, { ...own, ...older }];
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  fields: Record<string, unknown>,
  path: string,
  place: string,
): z.output<Schema> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const known = kinds.options.map(({ shape }) => shape.rope_type.value).join(', ');
  const problem =
    issue.path[0] === 'rope_type'
      ? say`"${fields.rope_type}" is not supported; expected one of ${known}`
      : said(issue.message);
  throw new FileError(path, [place, ...issue.path].join('.'), problem);
}

/**
 * YaRN (Peng et al. 2023, arXiv:2309.00071): pairs that rotate many times within the trained context keep their
 * frequency, pairs that hardly rotate are slowed by the factor, with a linear ramp in between.
 */
function slowedBetween(
  plain: Float64Array,
  options: {
    readonly base: number;
    readonly size: number;
    readonly trained: number;
    readonly factor: number;
    readonly beta_fast?: number | null;
    readonly beta_slow?: number | null;
    readonly truncate?: boolean | null;
  },
): Float64Array {
  const { base, size, trained, factor } = options;
  const pairThatTurns = (times: number) =>
    (size * Math.log(trained / (times * 2 * Math.PI))) / (2 * Math.log(base));
  const [first, last] = [pairThatTurns(options.beta_fast || 32), pairThatTurns(options.beta_slow || 1)];
  const truncate = options.truncate ?? true;
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  const high = Math.min(truncate ? Math.ceil(last) : last, size - 1);
  return plain.map((frequency, i) => {
    const slowed = Math.min(1, Math.max(0, (i - low) / (high === low ? 0.001 : high - low)));
    return (slowed * frequency) / factor + (1 - slowed) * frequency;
  });
}

/** Cosines and sines of a stream's positions, and the row of them for each position, for `rotate`. */
export interface Angles {
  readonly indices: Value;
  readonly cos: Value;
  readonly sin: Value;
}

/** The angles of positions int64 [1 or batch, length], which increase within a row. */
export function anglesOf({ frequencies, factor, dynamic }: Rotary, positions: Value): Angles {
  const [rows, length] = positions.shape as [Dim, Dim];
  const pairs = frequencies.length;
  const count = multiplyDims(rows, length);
  let turns = constant(tensorOf('float32', [1, 1, pairs], frequencies));
  if (dynamic) {
    // base·r^(d/(d - 2)) for a base, in terms of frequencies: f_i·r^(-2i/(d - 2)), with r = factor·n/length - (factor
    // - 1).
    const last = add(slice(positions, 1, subtractDims(length, 1), length), constant(int64Tensor([], [1])));
    const stretch = multiply(cast(last, 'float32'), dynamic.factor / dynamic.length);
    const r = add(stretch, 1 - dynamic.factor);
    const exponents = float32Tensor([1, 1, pairs]);
    for (let i = 0; i < pairs; i++) exponents.data[i] = -i / Math.max(pairs - 1, 1);
    const logarithm = reshape(log(where(less(1, r), r, 1)), [rows, 1, 1]);
    turns = multiply(turns, exp(multiply(logarithm, constant(exponents))));
  }
  const angles = multiply(reshape(cast(positions, 'float32'), [rows, length, 1]), turns);
  const table = reshape(angles, [count, pairs]);
  const scaled = (x: Value) => (factor === 1 ? x : multiply(x, factor));
  const indices = rows === 1 ? constant(int64Tensor([1], [0])) : reshape(iota(count), [rows, length]);
  return { indices, cos: scaled(cos(table)), sin: scaled(sin(table)) };
}

/** The angles of the positions at `queryPositions` [batch, queries] in each row. */
export function anglesAt({ cos, sin }: Angles, positions: Value, queryPositions: Value): Angles {
  const [rows, length] = positions.shape as [Dim, Dim];
  const indices =
    rows === 1 ? queryPositions : reshape(flatRows(queryPositions, length), queryPositions.shape);
  return { indices, cos, sin };
}

/** Heads [batch, heads, length, headDim], rotated by their positions. */
export const rotated = (heads: Value, { indices, cos, sin }: Angles): Value =>
  rotate(heads, indices, cos, sin);
