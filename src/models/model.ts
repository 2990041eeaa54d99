/** @file What a model family is, and a model: its configuration and where its weights lie. */
import type { ModelFolder } from '../formats/model-folder.js';
import type { Dim, Value } from '../graph/index.js';
import type { KeyValue, LayerCache } from './attention.js';
import type { ModelDtype } from './dtype.js';
import type { VocabularyHead } from './head.js';
import type {
  LinearLayer,
  ParameterShapes,
  SubLayer,
  WeightChanges,
  WeightFiles,
  Weights,
} from './weights.js';

/** The sizes that methods, graphs and caches need, whatever the family calls them. */
export interface ModelConfig {
  readonly modelType: string;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  /** Positions that the model has, virtual tokens included. */
  readonly maxPositions: number;
}

/** Which positions go on after the last layer's keys and values: those whose hidden state somebody wants. */
export interface Selection {
  /** int64 [batch, queries]: positions in each row, counted from its own first one; padded with any. */
  readonly queryPositions: Value;
  /** int64 [n]: the wanted ones among the batch·queries, flattened. */
  readonly rows: Value;
}

/** What an encoder made of the given texts, for a decoder's rows to attend to. */
export interface Given {
  /** For the cross-attention of each of the decoder's layers: [batch, heads, given length, headDim]. */
  readonly keyValues: readonly KeyValue[];
  /** Additive mask [batch, 1, 1, given length] that hides padding. */
  readonly mask: Value;
}

/** Rows of vectors on their way through the layers. */
export interface Stream {
  /** Of shape [batch·length, hidden], embeddings of tokens or virtual tokens, before any position is added. */
  readonly embeddings: Value;
  readonly batch: Dim;
  readonly length: Dim;
  /** int64 [1 or batch, length]: positions in the model's own count, which goes on from the past's. */
  readonly positions: Value;
  /** Keys and values of earlier positions, one a layer, which every row sees: [1, …], or [batch, …] for its own. */
  readonly past?: readonly KeyValue[];
  /** A cache instead of a past, and its additive mask [batch, 1, 1, capacity]. */
  readonly cache?: { readonly layers: readonly LayerCache[]; readonly mask: Value };
  /** What the rows attend to besides those before them, where the model has an encoder. */
  readonly given?: Given;
  readonly select?: Selection;
  /**
   * Additive mask [batch, 1, 1, length] that hides padding, for models that see both ways; causal ones never see it.
   */
  readonly mask?: Value;
}

export interface StreamOutput {
  /** After the last normalization: [batch·length, hidden], or [n, hidden] with a selection. */
  readonly hidden: Value;
  /** The stream's own keys and values, one a layer. */
  readonly keyValues: readonly KeyValue[];
}

/** What a model can be asked for with a head of its own, in transformers' words. */
export const headTasks = ['sequence-classification', 'token-classification', 'question-answering'] as const;
export type HeadTask = (typeof headTasks)[number];

/** The layers that transformers puts on a family's hidden states for a task: linear ones, with tanh between them. */
export interface HeadDesign {
  /** Their names, in the order in which they come. */
  readonly layers: readonly string[];
  readonly bias: boolean;
  /** What is scored, where the task leaves no choice. */
  readonly labels?: readonly string[];
  /** For a whole text: the token that stands for it, of which a mask is the text's only one. */
  readonly pools?: 'first' | 'last' | 'mask';
  /** Layers of the model itself between that token's hidden state and the head, such as BERT's pooler. */
  readonly pooler?: {
    readonly parameters: readonly string[];
    apply(weights: Weights, hidden: Value): Value;
  };
}

/** The layers that read what is given, apart from those of the decoder, which write what is asked for. */
export interface Encoder {
  /** The token that the decoder's texts begin with. */
  readonly startTokenId: number;
  /**
   * The rows of `stream`, which has a mask. Their keys and values are those that the decoder's layers see (see
   * Given).
   */
  read(weights: Weights, stream: Stream): StreamOutput;
}

/** A family's forward pass for one configuration, as functions that put it into a graph. */
export interface Architecture {
  readonly config: ModelConfig;
  /** Every parameter's name and shape. */
  readonly parameters: ParameterShapes;
  /** Those that some files have, and others lack. */
  readonly optionalParameters?: ParameterShapes;
  /** The head's parameter, where the configuration ties it to the input embeddings. The file decides (tied-head.ts). */
  readonly tiedHead?: string;
  /**
   * Every position sees all others, as in BERT, which therefore generates no text. Default: each sees those before
   * it.
   */
  readonly bidirectional?: boolean;
  /** Where what is given goes through layers of its own, as in T5. `forward` is then the decoder. */
  readonly encoder?: Encoder;
  /** Heads that differ from those of most decoders (see `attach/head.ts`). */
  readonly headDesigns?: Partial<Readonly<Record<HeadTask, HeadDesign>>>;
  /** The linear layers inside the model's layers, by name; embeddings and head are not among them. */
  readonly linearLayers: ReadonlyMap<string, LinearLayer>;
  /** Attention and feed-forward of every layer, by name, in the order in which they come. */
  readonly subLayers: ReadonlyMap<string, SubLayer>;
  /** The parameter that holds the input embeddings [vocab, hidden]. */
  readonly embeddingName: string;
  /** Vectors [n, hidden] of token ids [n]. */
  embed(weights: Weights, ids: Value): Value;
  forward(weights: Weights, stream: Stream): StreamOutput;
  head(weights: Weights): VocabularyHead;
  /** The optional parameters without which there is no such head. Default: none. */
  readonly headParameters?: readonly string[];
}

/** One kind of language model. Each is one file, which reads its own kind of config.json. */
export interface ModelFamily {
  /** `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  /** What some weight files put before every parameter's name, and others do not. */
  readonly prefix: string;
  /** @throws FileError naming the field of config.json (at `path`) that is wrong */
  configure(raw: Record<string, unknown>, path: string): Architecture;
}

/**
 * A language model (`bidirectional` tells BERT's kind, `encoder` T5's): an architecture, and weights on disk. Nothing
 * is loaded until a graph runs.
 */
export interface LanguageModel extends Architecture {
  /** As the user calls it; adapters name it as their base model. */
  readonly name: string;
  readonly source: ModelFolder;
  readonly files: WeightFiles;
  /** In how many bits its matrices are kept. */
  readonly dtype: ModelDtype;
  /** The model's parameters as graph values, with what a method changes. */
  weights(changes?: WeightChanges): Weights;
}
