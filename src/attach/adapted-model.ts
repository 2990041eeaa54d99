/** @file A model with an adapter in a graph: its weights, and the keys and values of the learned prompt. */
import { UsageError } from '../errors.js';
import {
  add,
  addDims,
  concat,
  constant,
  type Dim,
  expand,
  gather,
  iota,
  multiplyDims,
  reshape,
  scalar,
  scope,
  slice,
  type Value,
} from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type {
  Encoder,
  EncoderOutput,
  LanguageModel,
  OutputPositions,
  Stream,
  StreamOutput,
} from '../models/model.js';
import { padded, type Unpadded, withoutPadding } from '../models/unpadded.js';
import type { Weights } from '../models/weights.js';
import { say } from '../say.js';
import { int64Tensor } from '../tensor.js';
import { joinPasts } from './compose.js';
import { encoderText, inputText, paddingMask } from './input-text.js';
import type { Adapter, LatePrompt, PromptLabel, Sites } from './method.js';
import { embedWithSoftTokens } from './placed-prompt.js';
import { tensorInputs } from './tensor-inputs.js';
import {
  encoderIds,
  encoderLastPositions,
  encoderTokenPlaces,
  inputIds,
  lastPositions,
  tokenPlaces,
  tokenStarts,
  vectorIndices,
  vectorPlaces,
} from './text-inputs.js';

export interface AdaptedModel {
  /** The adapter's tensors as graph inputs, by name. Gradients are taken with respect to them. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly weights: Weights;
  readonly numVirtualTokens: number;
  /** Embeddings [n, hidden] of ids [n] of texts, soft tokens included. */
  embed(ids: Value): Value;
  /** Keys and values of the learned prompt, per layer: [1, …] for all rows, [tasks, …] or [batch, …]. */
  readonly past?: readonly KeyValue[];
  /** The first layer of `past`, if it is not the first of the model. */
  readonly pastFrom?: number;
  /** The learned prompt itself, if each row must contain it: [P, hidden], [tasks, …] or [batch, …]. */
  readonly prompt?: Value;
  /** The same for the rows of the model's encoder, if it has one. `prompt` and `past` are then the decoder's. */
  readonly encoderPrompt?: Value;
  /** Inputs of the model's encoder, if it has one (see `runEncoder`). */
  readonly encoderInputs?: { readonly ids: Value; readonly last: Value };
  /**
   * Hidden state of the prompt's last vector, which predicts a text's first token: [1, tasks or batch, hidden].
   */
  readonly promptEnd?: Value;
  /** See Sites. */
  readonly penalty?: Value;
  /** Tokens that the prompt's vectors predict, and the hidden states [1, tasks or batch, labels, hidden] for it. */
  readonly promptLabels?: { readonly labels: readonly PromptLabel[]; readonly hidden: Value };
}

/**
 * Puts the model's parameters and the adapter into the graph under construction.
 *
 * In a causal model no virtual token sees the text, so a soft prompt's keys and values are the same for every row. The
 * prompt goes through the layers once, as a batch of one (or of one per task), and all rows attend to the result. A
 * batch then costs its text plus P rows instead of P per text, forward and backward. A prefix is keys and values from
 * the start. In a bidirectional model virtual tokens see the text, so every row contains the soft prompt (see
 * `textHidden`). The same holds for an encoder, which reads the prompt before the input.
 *
 * @throws UsageError if the virtual tokens take all of the model's positions
 *
 * @param ids the batch's tokens, for methods that make a prompt from each text
 */
export function adaptModel(
  model: LanguageModel,
  adapter: Adapter | undefined,
  ids: Value = inputIds.value,
): AdaptedModel {
  const inputs = tensorInputs(adapter?.tensors ?? new Map());
  const { encoder } = model;
  const encoderInputs = encoder && {
    ids: encoderIds.value,
    last: encoderLastPositions.value,
  };
  const textOf = () =>
    encoderInputs ? encoderText({ model, encoder, ...encoderInputs }) : inputText(model, ids);
  const text = adapter?.readsText ? textOf() : undefined;
  const sites: Sites = adapter?.attach(inputs, text) ?? {};
  const { prompt, latePrompt, decoderPrompt, softTokens, past, penalty, promptLabels: labels = [] } = sites;
  const { parameters, linear, subLayers } = sites;
  const weights = model.weights({ parameters, linear, subLayers });
  const numVirtualTokens = adapter?.numVirtualTokens ?? 0;
  const { maxPositions } = model.config;
  if (numVirtualTokens >= maxPositions)
    throw new UsageError(
      say`${numVirtualTokens} virtual tokens leave no room in the model's ${maxPositions} positions`,
      { code: 'too-long' },
    );
  const embed = (of: Value) =>
    softTokens ? embedWithSoftTokens(model, weights, of, softTokens) : model.embed(weights, of);
  const adapted = { inputs, weights, numVirtualTokens, embed, penalty };
  if (latePrompt) return { ...adapted, ...pastOfLate(model, weights, latePrompt) };
  if (encoderInputs) return { ...adapted, past, prompt: decoderPrompt, encoderPrompt: prompt, encoderInputs };
  if (!prompt || model.bidirectional) return { ...adapted, past, prompt };
  const batch = prompt.shape.length === 3 ? prompt.shape[0]! : 1;
  // A soft prompt goes through the layers like a text. It sees the prefix before it, if there is one.
  const length = prompt.shape.at(-2) as number;
  const first = numVirtualTokens - length;
  const positions = [...labels.map(({ position }) => position - 1), length - 1];
  const queries = constant(int64Tensor([1, positions.length], positions));
  const { keyValues, hidden } = scope('prompt', () =>
    model.forward(weights, {
      embeddings: reshape(prompt, [multiplyDims(batch, length), model.config.hiddenSize]),
      batch,
      length,
      positions: reshape(add(iota(length), scalar(first, 'int64')), [1, length]),
      past,
      outputs: {
        queryPositions: expand(queries, [batch, positions.length]),
        rows: iota(multiplyDims(batch, positions.length)),
      },
    }),
  );
  const whole = { ...adapted, past: past ? joinPasts(past, keyValues) : keyValues };
  if (labels.length === 0) return { ...whole, promptEnd: hidden };
  const states = reshape(hidden, [batch, positions.length, model.config.hiddenSize]);
  return {
    ...whole,
    promptEnd: reshape(slice(states, 1, labels.length, positions.length), [batch, model.config.hiddenSize]),
    promptLabels: { labels, hidden: slice(states, 1, 0, labels.length) },
  };
}

/** Hidden states of a late prompt pass the layers from its own on, once, as a batch of one if all texts share them. */
function pastOfLate(model: LanguageModel, weights: Weights, { entering, layer }: LatePrompt) {
  if (!('shape' in entering)) return { past: entering, pastFrom: layer };
  const vectors = entering;
  const batch = vectors.shape.length === 3 ? vectors.shape[0]! : 1;
  const [length, hiddenSize] = vectors.shape.slice(-2) as [number, number];
  const { keyValues } = scope('prompt', () =>
    model.forward(weights, {
      embeddings: reshape(vectors, [multiplyDims(batch, length), hiddenSize]),
      batch,
      length,
      positions: positionsBehind(undefined, length),
      layers: [layer, model.config.numLayers],
    }),
  );
  return { past: keyValues, pastFrom: layer };
}

/**
 * Runs a stream through all layers. From `pastFrom` on it sees what precedes it, and below that layer nothing: there it
 * has the hidden states of a text without a prompt.
 */
function forwardBehind(
  model: LanguageModel,
  { weights, pastFrom = 0 }: AdaptedModel,
  { past, ...stream }: Stream,
): StreamOutput {
  if (pastFrom === 0) return model.forward(weights, { ...stream, past });
  return forwardInParts(model, weights, stream, [0, pastFrom], (from) => (from === pastFrom ? { past } : {}));
}

/**
 * Runs a stream through all layers, in parts.
 * @param starts the first layer of each part, ascending
 * @param own what the layers of a part see instead of what the stream has: a past, or another mask of the cache
 */
export function forwardInParts(
  model: LanguageModel,
  weights: Weights,
  { cache, outputs, ...stream }: Stream,
  starts: readonly number[],
  own: (from: number) => { readonly past?: Stream['past']; readonly mask?: Value },
): StreamOutput {
  const { numLayers } = model.config;
  let { embeddings: hidden } = stream;
  const keyValues: KeyValue[] = [];
  for (const [i, from] of starts.entries()) {
    const to = starts[i + 1] ?? numLayers;
    const { past, mask = cache?.mask } = own(from);
    const part = model.forward(weights, {
      ...stream,
      embeddings: hidden,
      past,
      cache: cache && { layers: cache.layers.slice(from, to), mask: mask! },
      ...(to === numLayers && { outputs }),
      layers: [from, to],
    });
    hidden = part.hidden;
    keyValues.push(...part.keyValues);
  }
  return { hidden, keyValues };
}

export interface TextOptions {
  /** Positions whose hidden states are needed, counted from the row's first token. Default: all. */
  readonly outputs?: OutputPositions;
  /** int64 [batch]: each row's task, if tasks have prompts of their own. */
  readonly taskIds?: Value;
  /** Whether positions count from the learned prompt's first vector, if rows contain the prompt. Default: false. */
  readonly countsPrompt?: boolean;
  /**
   * Whether padding is left out of what acts on each position by itself (see Stream.unpadded), which takes the inputs
   * `tokenPlaces` and `tokenStarts`, and with an encoder `encoderTokenPlaces`. Default: false.
   */
  readonly skipsPadding?: boolean;
  /**
   * Whether what texts begin with alike acts in them as one, padding being left out as well, which takes the inputs
   * `vectorPlaces` and `vectorIndices`. For models and prompts that make the same of it in each (see
   * `makesAlike`). Default: false.
   */
  readonly sharesBeginnings?: boolean;
  /** See Stream. Default: all. */
  readonly queriesAtOnce?: number;
  /** See Stream. In rows that contain the prompt, its positions are the first. */
  onAttention?(layer: number, weights: Value): void;
}

/**
 * Whether the states of a text's first tokens follow from those tokens alone: no token sees what comes after it, and
 * all texts have one learned prompt.
 */
export const makesAlike = (
  { bidirectional, encoder, config }: LanguageModel,
  adapter: Pick<Adapter, 'tasks' | 'readsText'> | undefined,
): boolean => !bidirectional && !encoder && !config.dependsOnLength && !adapter?.tasks && !adapter?.readsText;

/**
 * Runs a batch of right-padded texts `ids` [batch, length] through the layers, after the learned prompt. Returns the
 * hidden states [n, hidden] of the output positions, or [batch·length, hidden].
 *
 * A bidirectional model would attend to padding, so it also takes the input `lastPositions`. A model with an encoder
 * takes the encoder's inputs too (see `runEncoder`).
 */
export function textHidden(
  model: LanguageModel,
  adapted: AdaptedModel,
  ids: Value,
  {
    outputs,
    taskIds,
    countsPrompt = false,
    skipsPadding = false,
    sharesBeginnings = false,
    queriesAtOnce,
    onAttention,
  }: TextOptions = {},
): Value {
  const { hiddenSize } = model.config;
  const [batch, length] = ids.shape as [Dim, Dim];
  const withoutPadding = skipsPadding ? { places: tokenPlaces.value, starts: tokenStarts.value } : undefined;
  const unpadded = sharesBeginnings
    ? { places: vectorPlaces.value, vectors: vectorIndices.value }
    : withoutPadding;
  const rows = rowsOf(model, adapted, ids, { prompt: adapted.prompt, taskIds, unpadded });
  const past = taskIds ? pastOfTasks(adapted.past, taskIds) : adapted.past;
  const before = (position: Value) =>
    rows.before === 0 ? position : add(position, scalar(rows.before, 'int64'));
  const { hidden } = forwardBehind(model, adapted, {
    ...rows.stream,
    positions: positionsBehind(past, rows.stream.length),
    past,
    encoderOutput:
      model.encoder && runEncoder(model, model.encoder, adapted, { taskIds, skipsPadding, queriesAtOnce }),
    mask: model.bidirectional ? paddingMask(rows.stream.length, before(lastPositions.value)) : undefined,
    ...{ queriesAtOnce, onAttention },
    outputs: outputs && {
      rows: outputs.rows,
      queryPositions: countsPrompt ? outputs.queryPositions : before(outputs.queryPositions),
    },
  });
  if (outputs) return hidden;
  const all = padded(hidden, rows.stream);
  if (rows.before === 0) return all;
  const texts = slice(
    reshape(all, [batch, rows.stream.length, hiddenSize]),
    1,
    rows.before,
    rows.stream.length,
  );
  return reshape(texts, [multiplyDims(batch, length), hiddenSize]);
}

/**
 * The encoder's output for its texts, after the learned prompt. Its inputs are `encoderIds` and `encoderLastPositions`.
 */
export function runEncoder(
  model: LanguageModel,
  encoder: Encoder,
  adapted: AdaptedModel,
  {
    taskIds,
    skipsPadding = false,
    ...options
  }: Omit<TextOptions, 'outputs' | 'countsPrompt' | 'sharesBeginnings'> = {},
): EncoderOutput {
  const { ids, last } = adapted.encoderInputs!;
  const unpadded = skipsPadding ? { places: encoderTokenPlaces.value } : undefined;
  const { stream, before } = rowsOf(model, adapted, ids, {
    prompt: adapted.encoderPrompt,
    taskIds,
    unpadded,
  });
  const mask = paddingMask(stream.length, add(last, scalar(before, 'int64')));
  const positions = positionsBehind(undefined, stream.length);
  return {
    keyValues: encoder.read(adapted.weights, { ...stream, positions, mask, ...options }).keyValues,
    mask,
  };
}

/**
 * Keys and values [batch, …], per layer, of the learned prompt in the decoder's layers, for the rows of
 * `encoderOutput`. Undefined if there is no such prompt.
 */
export function decoderPast(
  model: LanguageModel,
  { weights, past, prompt }: AdaptedModel,
  encoderOutput: EncoderOutput,
): readonly KeyValue[] | undefined {
  const batch = encoderOutput.mask.shape[0]!;
  const inRows = (part: Value) => expand(part, [batch, ...part.shape.slice(1)]);
  const ofRows = past?.map(({ key, value }) => ({ key: inRows(key), value: inRows(value) }));
  if (!prompt) return ofRows;
  const length = prompt.shape.at(-2)!;
  const { keyValues } = model.forward(weights, {
    embeddings: reshape(promptRows(prompt, batch, undefined), [
      multiplyDims(batch, length),
      model.config.hiddenSize,
    ]),
    batch,
    length,
    positions: positionsBehind(past, length),
    past,
    encoderOutput,
  });
  return ofRows ? joinPasts(ofRows, keyValues) : keyValues;
}

/**
 * Rows of texts `ids` [batch, length], each after the learned prompt if rows contain it, which takes `before`
 * positions.
 */
function rowsOf(
  model: LanguageModel,
  { embed }: AdaptedModel,
  ids: Value,
  { prompt, taskIds, unpadded }: { prompt?: Value; taskIds?: Value; unpadded?: Unpadded },
): { stream: Pick<Stream, 'embeddings' | 'batch' | 'length' | 'unpadded'>; before: number } {
  const { hiddenSize } = model.config;
  const [batch, length] = ids.shape as [Dim, Dim];
  const tokens = reshape(ids, [multiplyDims(batch, length)]);
  if (!prompt) {
    const embeddings = embed(withoutPadding(tokens, { unpadded }));
    return { stream: { embeddings, batch, length, unpadded }, before: 0 };
  }
  const before = prompt.shape.at(-2) as number;
  const rowLength = addDims(before, length);
  const texts = reshape(embed(tokens), [batch, length, hiddenSize]);
  const whole = concat([promptRows(prompt, batch, taskIds), texts], 1);
  const rows = reshape(whole, [multiplyDims(batch, rowLength), hiddenSize]);
  const embeddings = withoutPadding(rows, { unpadded });
  return { stream: { embeddings, batch, length: rowLength, unpadded }, before };
}

/** int64 [1, length]: the positions that follow those of the past. */
function positionsBehind(past: readonly KeyValue[] | undefined, length: Dim): Value {
  const first = (past?.[0]?.key.shape[2] ?? 0) as number;
  return reshape(add(iota(length), scalar(first, 'int64')), [1, length]);
}

/** Each row's keys and values, by task if tasks have their own. */
function pastOfTasks(past: readonly KeyValue[] | undefined, taskIds: Value): readonly KeyValue[] | undefined {
  const ofRows = (part: Value) => (part.shape[0] === 1 ? part : gather(part, taskIds));
  return past?.map(({ key, value }) => ({ key: ofRows(key), value: ofRows(value) }));
}

/** The learned prompt of each row, [batch, P, hidden]. */
function promptRows(prompt: Value, batch: Dim, taskIds: Value | undefined): Value {
  if (taskIds) return gather(prompt, taskIds);
  const [rows, ...one] = prompt.shape.length === 3 ? prompt.shape : [1, ...prompt.shape];
  return rows === 1 ? expand(reshape(prompt, [1, ...one]), [batch, ...one]) : prompt;
}
