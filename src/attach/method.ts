/** @file What a method of prompt learning is: the tensors it trains, what it puts into a model's graph, its files. */
import type * as z from 'zod';
import { UsageError } from '../errors.js';
import type {
  AdapterContent,
  AdapterHubContent,
  AdapterUsage,
  PeftContent,
} from '../formats/adapter-content.js';
import type { JsonObject } from '../formats/json.js';
import type { Value } from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type { LanguageModel } from '../models/model.js';
import type { WeightChanges, Weights } from '../models/weights.js';
import type { DataRecord } from '../records/records.js';
import { said, say } from '../say.js';
import { parseOptions } from '../schema-problems.js';
import type { TrainableTensors } from '../tensor.js';
import type { Head } from './head.js';
import type { InputText } from './input-text.js';
import type { RowChanges } from './row-changes.js';

/** Where a method enters a model's graph: before the text, or in place of the model's parameters and linear layers. */
export interface Sites extends WeightChanges {
  /**
   * Vectors [virtual tokens, hidden] before every text; [tasks, virtual tokens, hidden] with tasks, or
   * [batch, virtual tokens, hidden] if each text has its own.
   */
  readonly prompt?: Value;
  /** What stands before every text from a later layer on, in a decoder. */
  readonly latePrompt?: LatePrompt;
  /** The same as `prompt` for the decoder's rows, if the model has an encoder. `prompt` is then the encoder's. */
  readonly decoderPrompt?: Value;
  /** Vectors [soft tokens, hidden] inside the texts, where their ids follow those of the vocabulary. */
  readonly softTokens?: Value;
  /** Keys and values [1, heads, virtual tokens, headDim] before those of every text, per layer. */
  readonly past?: readonly KeyValue[];
  /** An auxiliary loss [batch], which training adds to the loss of each label token of a text. */
  readonly penalty?: Value;
  /** Tokens that the prompt's own vectors should predict. Training adds them to each text's label tokens. */
  readonly promptLabels?: readonly PromptLabel[];
}

/** A prompt that texts see from a layer on, from 1. */
export interface LatePrompt {
  readonly layer: number;
  /**
   * Hidden states [virtual tokens, hidden], or [batch, virtual tokens, hidden] if each text has its own, that enter the
   * layer like those of a text before the text's own; or keys and values of the layer and of each above it, as `past`.
   */
  readonly entering: Value | readonly KeyValue[];
}

/** A token at a position of the prompt, from 1, which the vector before it should predict. */
export interface PromptLabel {
  readonly position: number;
  readonly id: number;
  /** Factor of its loss. */
  readonly weight: number;
}

/** Trained tensors and where they enter the frozen model's graph: all that a forward pass with an adapter needs. */
export interface Adapter {
  /** The method's name. */
  readonly method: string;
  readonly tensors: TrainableTensors;
  /** Number of positions that it takes in the model's context. */
  readonly numVirtualTokens: number;
  /** Set if it has a prompt per task, and each text belongs to one task. */
  readonly tasks?: {
    readonly count: number;
    /** The adapter of one task, from 0. It shares the tensors. */
    adapterFor(task: number): Adapter;
  };
  /** How it is used, if that is noted in its files (see AdapterUsage). */
  readonly usage?: AdapterUsage;
  /** Its head, if it labels texts instead of predicting tokens. The adapter's tensors include the head's. */
  readonly head?: Head;
  /** Whether it makes a prompt from each text, so that `attach` needs the texts. */
  readonly readsText?: boolean;
  /** Where its soft tokens go if not before the text: a template such as `{soft:9}{text}{soft:3}`, with `count` 12. */
  readonly placement?: { readonly template: string; readonly count: number };
  /**
   * Builds the adapter's part of the graph.
   * @param values the adapter's tensors as graph values, by name
   * @param text the input texts, if `readsText` is set
   */
  attach(values: ReadonlyMap<string, Value>, text?: InputText): Sites;
  /**
   * The parameters that replace the model's and the adapter together, by name. Missing if the adapter does not change
   * weights.
   * @param values as for `attach`
   * @param weights the model's own
   */
  merge?(values: ReadonlyMap<string, Value>, weights: Weights): ReadonlyMap<string, Value>;
  /**
   * The adapter's changes of layers as numbers that can differ between the rows of a batch. Missing if it changes no
   * layers, or changes them in another form.
   * @throws UsageError for a composition whose parts cannot be expressed together
   */
  rowChanges?(): Promise<RowChanges>;
  /**
   * Further tensors that follow from the adapter's, for graphs that only use it: with them among its values, `attach`
   * does not compute them in every run (see `withDerived`). Missing if there are none.
   */
  derived?(): Promise<TrainableTensors>;
  /** Called after each optimizer step: projects the tensors to their allowed values. Default: no constraint. */
  constrain?(): void;
  /** The inverse of `merge`, given the merged weights. Missing if merging cannot be undone. */
  unmerge?(values: ReadonlyMap<string, Value>, weights: Weights): ReadonlyMap<string, Value>;
  /**
   * The content of its files. It may share the adapter's tensors, so `structuredClone` it to keep it unchanged.
   */
  content?(): AdapterContent | Promise<AdapterContent>;
}

/** An adapter whose tensors are trained. */
export interface Learner extends Adapter {
  /** How the tensors were initialized, in words. */
  readonly initialization: string;
  /** Factors of the learning rate by tensor, where tensors of one run need different rates. Default: 1. */
  readonly learningRateFactors?: ReadonlyMap<string, number>;
  /** The result in a format that other libraries read: PEFT's, AdapterHub's, or a whole model. */
  content(): AdapterContent | Promise<AdapterContent>;
}

/** The part of a tokenizer that methods need. */
export interface TokenEncoder {
  encode(text: string): number[];
  /** Tokens that start every text. Default: none. */
  readonly startIds?: readonly number[];
  /** The token that training teaches as a text's end. A method that saves a whole model stores it in the files. */
  readonly eosTokenId?: number;
}

export interface LearnerOptions<Config> {
  readonly model: LanguageModel;
  /** The method's options, with their defaults. */
  readonly config: Config;
  readonly tokenizer: TokenEncoder;
  /** Of random initial values. */
  readonly seed: number;
  /** Reads files that options name. Default: options with paths are refused. */
  readonly files?: OptionFiles;
}

/** Reads files that a method's options name, so that methods also run where there is no file system. */
export interface OptionFiles {
  /** Reads an adapter's folder. */
  adapter(folder: string): Promise<AdapterContent>;
  /** Reads a text file. */
  text(path: string): Promise<string>;
  /** Reads a data file record by record. */
  records(path: string): AsyncIterable<DataRecord>;
}

/** The combination of several adapters: tensors, and the changes in the first one's configuration. */
export interface Combined {
  readonly tensors: TrainableTensors;
  readonly config?: Readonly<JsonObject>;
}

/** How trained adapters are combined. Methods with the same value can be combined with each other. */
export interface Combining {
  /** Σ weight · adapter. Throws a FileError if the tensors do not match. */
  average(files: readonly PeftContent[], weights: readonly number[]): Combined;
  /** Concatenation. Throws as `average`. */
  concatenate?(files: readonly PeftContent[]): Combined;
}

/** The definition of a method, with its own type of options. */
export interface MethodDefinition<Schema extends z.ZodObject> {
  readonly name: string;
  /** One line for help and tables. */
  readonly summary: string;
  /** The method's options and their defaults; unknown keys are errors. */
  readonly schema: Schema;
  /** Default learning rate, for AdamW. */
  readonly defaultLearningRate: number;
  /**
   * The hidden size for which the default rate was chosen, if other widths need another: AdamW's rate for matrices
   * within the layers goes with 1/width (Yang et al. 2022, arXiv 2203.03466). Default: one rate for all models.
   */
  readonly learningRateWidth?: number;
  /** The same where it is trained together with other methods. Default: `defaultLearningRate`. */
  readonly combinedLearningRate?: number;
  /** Creates the learner with tensors at their initial values. Equal options give equal values. */
  createLearner(options: LearnerOptions<z.output<Schema>>): Promise<Learner>;
  /** Whether a learner saves a whole model instead of an adapter. Default: false. */
  readonly savesModel?: boolean;
  /** Whether it requires a head. Default: false. */
  readonly needsHead?: boolean;
  /**
   * Whether it supports models with an encoder (T5), or why it does not. Default: it does not, since a method made for
   * one stack of layers may mean nothing for two.
   */
  readonly suitsEncoders?: boolean | string;
  /** `peft_type` of the adapters that `load` reads. */
  readonly peftType?: string;
  /** Whether PEFT has the method too and loads its adapters. Default: false. */
  readonly isInPeft?: boolean;
  /** How its adapters can be combined. Default: they cannot. */
  readonly combining?: Combining;
  /** Creates an adapter from PEFT's files. Throws a FileError if they do not fit the model. */
  load?(files: PeftContent, model: LanguageModel): Adapter;
  /** `architecture` of the AdapterHub adapters that `loadAdapterHub` reads. */
  readonly adapterHubArchitecture?: string;
  loadAdapterHub?(files: AdapterHubContent, model: LanguageModel): Adapter;
}

/** One method of prompt learning: one file, registered in `registry.ts`. Its options are checked when it is used. */
export interface Method<Name extends string = string, Schema extends z.ZodObject = z.ZodObject>
  extends Omit<MethodDefinition<Schema>, 'createLearner'> {
  readonly name: Name;
  /** @throws UsageError if `config` does not fit the method's schema */
  createLearner(options: LearnerOptions<unknown>): Promise<Learner>;
}

/**
 * Defines a method. Promptune's own are registered in `methods/registry.ts`. Pass yours as a value where a method's
 * name would go: `trainAdapter({ method: mine, … })`, `loadAdapter(folder, model, { methods: [mine] })`.
 */
export function defineMethod<const Name extends string, Schema extends z.ZodObject>(
  definition: MethodDefinition<Schema> & { readonly name: Name },
): Method<Name, Schema> {
  const { name, schema, load, loadAdapterHub } = definition;
  /** If the method does not support the model, refuses files before looking into them. */
  const suited = <Files>(read: (files: Files, model: LanguageModel) => Adapter) => {
    return (files: Files, model: LanguageModel): Adapter => {
      requireSuited(definition, model);
      return read(files, model);
    };
  };
  return {
    ...definition,
    ...(load && { load: suited(load) }),
    ...(loadAdapterHub && { loadAdapterHub: suited(loadAdapterHub) }),
    createLearner: async (options) => {
      requireSuited(definition, options.model);
      return definition.createLearner({ ...options, config: parseOptions(schema, options.config, name) });
    },
  };
}

/** How much higher than the default the rate of a narrow model is at most. */
const mostForNarrow = 4;

/** The method's default learning rate for a model, in two digits. */
export const defaultRate = (
  { defaultLearningRate, learningRateWidth }: Pick<Method, 'defaultLearningRate' | 'learningRateWidth'>,
  { config: { hiddenSize } }: LanguageModel,
): number =>
  learningRateWidth === undefined
    ? defaultLearningRate
    : Number((defaultLearningRate * Math.min(mostForNarrow, learningRateWidth / hiddenSize)).toPrecision(2));

/** Throws a UsageError if the method does not support `model`. */
export function requireSuited(
  { name, suitsEncoders: suits }: Pick<Method, 'name' | 'suitsEncoders'>,
  { name: of, config, encoder }: LanguageModel,
): void {
  if (!encoder || suits === true) return;
  throw new UsageError(
    say`${name} does not support ${of}, a ${config.modelType} model with an encoder:
      ${suits ? said(suits) : say`it was made for one stack of layers`}; use one that does, such as prompt-tuning
      or lora`,
    { code: 'unsupported' },
  );
}
