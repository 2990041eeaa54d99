/** @file Types of a model family and of a model: its configuration, forward pass and weights. */
import type { ModelFolder } from '../formats/model-folder.js';
import type { Dim, Value } from '../graph/index.js';
import type { KeyValue, LayerCache } from './attention.js';
import type { ModelDtype } from './dtype.js';
import type { VocabularyHead } from './head.js';
import type { Unpadded } from './unpadded.js';
import type {
  LinearLayer,
  ParameterShapes,
  SubLayer,
  WeightChanges,
  WeightFiles,
  Weights,
} from './weights.js';

/** The sizes that methods, graphs and caches need, by the same names for every family. */
export interface ModelConfig {
  /** The architecture, as config.json names it, such as `gpt2`. */
  readonly modelType: string;
  /** Rows of the embeddings, which can be more than the tokenizer has tokens. */
  readonly vocabSize: number;
  /** Numbers per hidden state. */
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numAttentionHeads: number;
  /** Heads of keys and values per layer: fewer than `numAttentionHeads` with grouped queries. */
  readonly numKeyValueHeads: number;
  /** Numbers per head. */
  readonly headDim: number;
  /** Longest sequence in positions, virtual tokens included. */
  readonly maxPositions: number;
  /** Whether states of a row depend on how many tokens it has, as with dynamic NTK. Default: false */
  readonly dependsOnLength?: boolean;
}

/** The positions whose hidden states are needed. The last layer computes only its keys and values for the others. */
export interface OutputPositions {
  /** int64 [batch, queries]: positions in each row, counted from its own first one; padded with any position. */
  readonly queryPositions: Value;
  /** int64 [n]: the needed ones among the batch·queries, flattened. */
  readonly rows: Value;
}

/** An encoder's output for its input texts, which a decoder's rows attend to. */
export interface EncoderOutput {
  /** For the cross-attention of each decoder layer: [batch, heads, encoder length, headDim]. */
  readonly keyValues: readonly KeyValue[];
  /** Additive mask [batch, 1, 1, encoder length] that hides padding. */
  readonly mask: Value;
}

/** The input of a forward pass: rows of vectors. */
export interface Stream {
  /**
   * Embeddings [batch·length, hidden] (without padding: [tokens, hidden]) of tokens or virtual tokens, without
   * positions; with `layers` from a later one, the hidden states that enter it.
   */
  readonly embeddings: Value;
  readonly batch: Dim;
  readonly length: Dim;
  /** int64 [1 or batch, length]: absolute positions, which continue from the past's. */
  readonly positions: Value;
  /** Keys and values of earlier positions, per layer: [1, …] shared by all rows, or [batch, …]. */
  readonly past?: readonly KeyValue[];
  /** A cache in place of a past, and its additive mask [batch, 1, 1, capacity]. */
  readonly cache?: { readonly layers: readonly LayerCache[]; readonly mask: Value };
  /** The encoder's output that the rows attend to, if the model has an encoder. */
  readonly encoderOutput?: EncoderOutput;
  /**
   * The layers that it passes, which are those of `past` and `cache`: from the first to before the second. Default:
   * all. Decoders alone know others.
   */
  readonly layers?: readonly [from: number, to: number];
  readonly outputs?: OutputPositions;
  /** If its vectors lack those of the padding: where they stand. */
  readonly unpadded?: Unpadded;
  /** Additive mask [batch, 1, 1, length] that hides padding, for bidirectional models; causal ones never see it. */
  readonly mask?: Value;
  /** How many queries of a row have their scores in memory at once (see graph/operators/attention.ts). Default: all. */
  readonly queriesAtOnce?: number;
  /**
   * Called with each layer's weights of self-attention [batch, heads, queries, keys], those of the past's keys first.
   * They cost nothing in graphs that do not need them. A cache has none.
   */
  onAttention?(layer: number, weights: Value): void;
}

export interface StreamOutput {
  /** After the last normalization, if it passes the last layer: [batch·length, hidden], or [n, …] of `outputs`. */
  readonly hidden: Value;
  /** The stream's own keys and values, per layer that it passes. */
  readonly keyValues: readonly KeyValue[];
}

/** The indices of the layers that a stream passes, and whether it enters the first and leaves the last. */
export function layersOf({ layers = [0, Number.POSITIVE_INFINITY] }: Stream, { numLayers }: ModelConfig) {
  const [from, to] = [layers[0], Math.min(layers[1], numLayers)];
  return {
    indices: Array.from({ length: to - from }, (_, i) => from + i),
    entersFirst: from === 0,
    leavesLast: to === numLayers,
  };
}

/** The tasks of heads, by transformers' names. */
export const headTaskTypes = [
  'sequence-classification',
  'token-classification',
  'question-answering',
] as const;
export type HeadTaskType = (typeof headTaskTypes)[number];

/** A head in transformers' layout for one family and task: linear layers with tanh between them. */
export interface HeadDesign {
  /** Names of the linear layers, in order. */
  readonly layers: readonly string[];
  readonly bias: boolean;
  /** The labels, if the task fixes them. */
  readonly labels?: readonly string[];
  /** The token that represents a whole text; `mask` is the text's only mask token. */
  readonly pools?: 'first' | 'last' | 'mask';
  /** Layers of the model between that token's hidden state and the head, such as BERT's pooler. */
  readonly pooler?: {
    readonly parameters: readonly string[];
    apply(weights: Weights, hidden: Value): Value;
  };
}

/** The encoder of an encoder-decoder model: it reads the input, the decoder writes the output. */
export interface Encoder {
  /** The token that starts the decoder's text. */
  readonly startTokenId: number;
  /** Runs the encoder on `stream`, which has a mask. Its keys and values are for cross-attention. */
  read(weights: Weights, stream: Stream): StreamOutput;
}

/** A family's forward pass for one configuration: functions that build it in a graph. */
export interface Architecture {
  readonly config: ModelConfig;
  /** Every parameter's name and shape. */
  readonly parameters: ParameterShapes;
  /** Parameters that some files have and others lack. */
  readonly optionalParameters?: ParameterShapes;
  /** The head's parameter, if the configuration ties it to the embeddings. The file decides (tied-head.ts). */
  readonly tiedHead?: string;
  /** Every position sees all others, as in BERT, so the model cannot generate. Default: only earlier positions. */
  readonly bidirectional?: boolean;
  /** The encoder, if there is one, as in T5. `forward` is then the decoder. */
  readonly encoder?: Encoder;
  /** Heads that differ from those of most decoders (see `attach/head.ts`). */
  readonly headDesigns?: Partial<Readonly<Record<HeadTaskType, HeadDesign>>>;
  /** The linear layers inside the model's layers, by name, without embeddings and head. */
  readonly linearLayers: ReadonlyMap<string, LinearLayer>;
  /** Attention and feed-forward of every layer, by name, in order. */
  readonly subLayers: ReadonlyMap<string, SubLayer>;
  /** The parameter that holds the input embeddings [vocab, hidden]. */
  readonly embeddingName: string;
  /** Embeddings [n, hidden] of token ids [n]. */
  embed(weights: Weights, ids: Value): Value;
  forward(weights: Weights, stream: Stream): StreamOutput;
  head(weights: Weights): VocabularyHead;
  /** The optional parameters that the head needs. Default: none. */
  readonly headParameters?: readonly string[];
}

/** An architecture of language models: one file per family, which reads that family's config.json. */
export interface ModelFamily {
  /** `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  /** Prefix of parameter names in some weight files. */
  readonly prefix: string;
  /** @throws FileError naming the field of config.json (at `path`) that is wrong */
  configure(raw: Record<string, unknown>, path: string): Architecture;
}

/**
 * A language model: an architecture, and weights on disk. `bidirectional` marks encoders such as BERT, `encoder`
 * encoder-decoders such as T5. No weight is loaded until a graph runs.
 */
export interface LanguageModel extends Architecture {
  /** The name that the user loaded it by, which adapters store as their base model. */
  readonly name: string;
  readonly source: ModelFolder;
  readonly files: WeightFiles;
  /** Precision of its matrices in memory. */
  readonly dtype: ModelDtype;
  /** The model's parameters as graph values, with a method's changes. */
  weights(changes?: WeightChanges): Weights;
}
