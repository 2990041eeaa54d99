/**
 * @file What a method of prompt learning is: the tensors it trains, what it puts into a model's graph, and its files.
 */
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import type { AdapterContent, AdapterHubContent, PeftContent } from '../formats/adapter-content.js';
import type { Value } from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type { LanguageModel } from '../models/model.js';
import type { WeightChanges, Weights } from '../models/weights.js';
import type { DataRecord } from '../records/records.js';
import type { TrainableTensors } from '../tensor.js';
import type { GivenText } from './given-text.js';
import type { Head } from './head.js';

/**
 * Where a method enters a model's graph: before the text, or in the place of the model's own parameters and linear
 * layers.
 */
export interface Sites extends WeightChanges {
  /**
   * Vectors [virtual tokens, hidden] that stand before every text; with tasks [tasks, virtual tokens, hidden], and
   * [batch, virtual tokens, hidden] where each text has its own.
   */
  readonly prompt?: Value;
  /** The same before the decoder's rows, where the model has an encoder and `prompt` stands before what that reads. */
  readonly decoderPrompt?: Value;
  /** Vectors [soft tokens, hidden] that stand inside the texts, where these have ids from the vocabulary's size on. */
  readonly softTokens?: Value;
  /** Keys and values [1, heads, virtual tokens, headDim] that stand before those of every text, one a layer. */
  readonly past?: readonly KeyValue[];
  /**
   * Of shape [batch], what training adds to the loss of each label token of a text. Elsewhere the loss is that of the
   * tokens alone.
   */
  readonly penalty?: Value;
  /**
   * Tokens that the prompt's vectors are to predict among themselves: in training each text has them as further label
   * tokens.
   */
  readonly promptLabels?: readonly PromptLabel[];
}

/** A token at a position of the prompt, from 1, which the vector before it is to predict. */
export interface PromptLabel {
  readonly position: number;
  readonly id: number;
  /** A factor on its loss. */
  readonly weight: number;
}

/**
 * Tensors apart from the frozen model, and where they enter its graph: what a forward pass with a learned prompt
 * needs.
 */
export interface Adapter {
  /** The method's name. */
  readonly method: string;
  readonly tensors: TrainableTensors;
  /** Positions of the model's context that it takes. */
  readonly numVirtualTokens: number;
  /** Where each text belongs to one of several tasks, which have prompts of their own. */
  readonly tasks?: {
    readonly count: number;
    /** The adapter for the texts of one task, from 0. It shares the tensors. */
    select(task: number): Adapter;
  };
  /** What is asked of the model, where it is not the next token; its tensors are among the adapter's. */
  readonly head?: Head;
  /** Whether it makes a prompt of each text, and so needs the texts where it is attached. */
  readonly readsText?: boolean;
  /**
   * Where its soft tokens stand, if not before the text: a template such as `{soft:9}{text}{soft:3}`, with 12 of
   * them.
   */
  readonly placement?: { readonly template: string; readonly count: number };
  /**
   * @param values the adapter's tensors as graph values, by the same names
   * @param text where `readsText` is set
   */
  attach(values: ReadonlyMap<string, Value>, text?: GivenText): Sites;
  /**
   * The model's parameters that say alone what they and the adapter say together, by name. Adapters that are no
   * change of the model's weights have no such thing.
   * @param values as for `attach`
   * @param weights the model's own
   */
  merge?(values: ReadonlyMap<string, Value>, weights: Weights): ReadonlyMap<string, Value>;
  /**
   * Called after each step of an optimizer: puts the tensors back to where they may be. Default: they may be
   * anywhere.
   */
  constrain?(): void;
  /** The inverse, of the weights that `merge` gave; missing where those do not tell what they were before. */
  unmerge?(values: ReadonlyMap<string, Value>, weights: Weights): ReadonlyMap<string, Value>;
  /**
   * What its files hold. It shares the adapter's tensors as far as these are in it, so `structuredClone` what must
   * stay as it is.
   */
  content?(): AdapterContent | Promise<AdapterContent>;
}

/** An adapter whose tensors are to be trained. */
export interface Learner extends Adapter {
  /** What the tensors start from, for people to read. */
  readonly startsFrom: string;
  /**
   * Factors on the learning rate by tensor, where methods that suit different ones are trained together. Default: 1.
   */
  readonly learningRateFactors?: ReadonlyMap<string, number>;
  /** What was learned, in a form that others read as well: PEFT's, AdapterHub's, or a whole model. */
  content(): AdapterContent | Promise<AdapterContent>;
}

/** What methods need of a tokenizer. */
export interface TokenEncoder {
  encode(text: string): number[];
  /** What begins every text that the model reads. Default: nothing. */
  readonly startIds?: readonly number[];
  /** What training teaches as a text's end. A method that saves a whole model writes it down. */
  readonly eosTokenId?: number;
}

export interface LearnerOptions<Config> {
  readonly model: LanguageModel;
  readonly config: Config;
  readonly tokenizer: TokenEncoder;
  readonly seed: number;
  /** Reads what options name by its path. Default: there is nothing to read with, and paths are refused. */
  readonly files?: OptionFiles;
}

/** Files that a method's options name. Methods read none themselves, so that they run where there are no paths. */
export interface OptionFiles {
  /** An adapter, by its folder. */
  adapter(folder: string): Promise<AdapterContent>;
  /** A text file. */
  text(path: string): Promise<string>;
  /** A data file, record by record. */
  records(path: string): AsyncIterable<DataRecord>;
}

/** A method as its file describes it, with its own type of options. */
export interface MethodDefinition<Schema extends z.ZodObject> {
  readonly name: string;
  /** One line for help and tables. */
  readonly summary: string;
  /** The method's options and their defaults; unknown keys are errors. */
  readonly schema: Schema;
  /** A learning rate that suits most runs with AdamW. */
  readonly defaultLearningRate: number;
  /** Tensors at their starting values. The same options give the same numbers. */
  createLearner(options: LearnerOptions<z.output<Schema>>): Promise<Learner>;
  /** Whether a learner saves a whole model, and no adapter. */
  readonly savesModel?: boolean;
  /** Whether it makes sense with the head of a task alone. */
  readonly needsHead?: boolean;
  /**
   * Whether it suits models with an encoder (T5), or why not. A method that does not say is refused until somebody
   * has made sure of what it means to two stacks of layers.
   */
  readonly suitsEncoders?: boolean | string;
  /** The `peft_type` of the adapters that `load` reads. */
  readonly peftType?: string;
  /** Makes an adapter of PEFT's files. Throws a FileError where they do not fit the model. */
  load?(files: PeftContent, model: LanguageModel): Adapter;
  /** The same of AdapterHub's adapters, whose `architecture` says what they are. */
  readonly adapterHubArchitecture?: string;
  loadAdapterHub?(files: AdapterHubContent, model: LanguageModel): Adapter;
}

/**
 * One method of prompt learning. Each is one file, registered in `registry.ts`. Its options are checked when it is
 * used.
 */
export interface Method extends Omit<MethodDefinition<z.ZodObject>, 'createLearner'> {
  /** @throws UsageError where `config` does not fit the method's schema */
  createLearner(options: LearnerOptions<unknown>): Promise<Learner>;
}

/**
 * Makes a method of its definition. Promptune's own are registered in `methods/registry.ts`; one of yours is given
 * where methods are used: `trainAdapter({ method: mine, … })`, `loadAdapter(folder, model, { methods: [mine] })`.
 */
export function defineMethod<Schema extends z.ZodObject>(definition: MethodDefinition<Schema>): Method {
  const { name, schema, load, loadAdapterHub } = definition;
  /** Files of a method that does not suit the model are refused before they are looked into. */
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
      const parsed = schema.safeParse(options.config);
      if (parsed.success) return definition.createLearner({ ...options, config: parsed.data });
      const problems = parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'options'}: ${message}`,
      );
      throw new UsageError(`${name}: ${problems.join('; ')}`);
    },
  };
}

/** Throws a UsageError for a method that cannot be used with `model`. */
function requireSuited(
  { name, suitsEncoders: suits }: Pick<Method, 'name' | 'suitsEncoders'>,
  { name: of, config, encoder }: LanguageModel,
): void {
  if (!encoder || suits === true) return;
  throw new UsageError(
    `${name} does not suit ${of}, a ${config.modelType} model with an encoder: ` +
      `${suits || 'it was made for one stack of layers'}; take one that does, such as prompt-tuning or lora`,
  );
}
