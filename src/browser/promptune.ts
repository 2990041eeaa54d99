/**
 * @file The library in a page: its functions, with the same options, behind a worker. Models, adapters and generators
 *   are in the worker; the page holds what stands for them.
 */

import { embeddedModel } from '../embedded-model.js';
import type { Answer, Classification, ClassifierOptions, Question } from '../evaluation/classifier.js';
import type { Evaluation, EvaluationOptions } from '../evaluation/evaluate.js';
import type { PromptAttention, PromptAttentionOptions } from '../evaluation/prompt-attention.js';
import type { PromptMap, PromptMapOptions } from '../evaluation/prompt-map.js';
import type { GeneratedRow } from '../generation/generate.js';
import type { Prompt } from '../generation/prompts.js';
import type {
  BatchRequestOptions,
  TextGeneratorOptions,
  TextRequestOptions,
} from '../generation/text-generator.js';
import type { ModelDtype } from '../models/dtype.js';
import type { ModelConfig } from '../models/model.js';
import type { Fields } from '../records/record-formats.js';
import type { RunDataReport } from '../runs/check-run-data.js';
import type { RunRecord } from '../runs/read-run.js';
import type { ConfigTrainingOptions } from '../runs/train-adapter.js';
import { type Language, speak } from '../say.js';
import type { CheckOptions, DataReport } from '../text/check.js';
import type { PromptText } from '../text/prompt-text.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { RunSummary } from '../training/events.js';
import type { TrainResult } from '../training/train.js';
import { Connection } from './connection.js';
import { type BrowserFiles, defaultFiles } from './files.js';
import { remoteId } from './messages.js';
import type { AdapterInfo, BrowserDevice, Environment, Methods, Spoken } from './methods.js';
import type { SourceOptions } from './model-source.js';
import { filesOf, type Picked } from './picked.js';
import type { DownloadOptions, ModelEstimate, StoredModel } from './stored-models.js';

export interface PromptuneOptions {
  /**
   * `cpu` (the default) is WebAssembly; `webgpu` the GPU, or an error where the browser gives none; `auto` the GPU
   * where there is one.
   */
  device?: BrowserDevice | 'auto';
  /** Threads of a session on the CPU. Default: one per core; one where the page is not cross-origin isolated. */
  threads?: number;
  /** Of messages, notes and reports. Default: English. */
  language?: Language;
  /** Where files are that are elsewhere than the package has them. */
  files?: Partial<BrowserFiles>;
}

/** What stands for an object of the worker. */
export interface Remote {
  readonly [remoteId]: number;
}

/** An object that holds memory in the worker. */
export interface RemoteResource extends Remote, AsyncDisposable {
  dispose(): Promise<void>;
}

/** A language model; weights are not in memory until something runs. */
export interface RemoteModel extends RemoteResource {
  readonly name: string;
  readonly config: ModelConfig;
  readonly dtype: ModelDtype;
  /** Sees in both directions, as BERT does, and so generates nothing. */
  readonly bidirectional: boolean;
  readonly hasEncoder: boolean;
  /** Size of the weights as they are kept. */
  readonly weightBytes: number;
}

export interface RemoteTokenizer extends RemoteResource {
  readonly vocabSize: number;
  readonly bosTokenId?: number;
  readonly eosTokenId?: number;
  readonly padTokenId?: number;
  readonly chatTemplate?: string;
  encode(...args: Parameters<Tokenizer['encode']>): Promise<number[]>;
  decode(ids: Iterable<number>, options?: Parameters<Tokenizer['decode']>[1]): Promise<string>;
  /** Each token as readable text. */
  tokensOf(ids: Iterable<number>): Promise<string[]>;
}

export interface RemoteAdapter extends RemoteResource {
  readonly method: string;
  readonly numVirtualTokens: number;
  /** The labels of its head, if it has one. */
  readonly labels?: readonly string[];
  /** Number of virtual tokens inside its template, which are not among `numVirtualTokens`. */
  readonly numSoftTokens: number;
  /** Whether `promptMap` can show it. */
  readonly hasVectors: boolean;
  /** Whether a text is a user's message to it. */
  readonly isChat: boolean;
  /** What a text is put into, and the fields of that. */
  readonly template?: string;
  readonly fields: readonly string[];
  /** Its files by their paths in its folder, such as `adapter_config.json` and `adapter_model.safetensors`. */
  files(): Promise<Map<string, Uint8Array>>;
  /** The files as a zip. */
  zip(): Promise<Blob>;
}

export interface RemoteTextGenerator extends RemoteResource {
  /** As `TextGenerator.generate` of Node.js: one row for a prompt, a row each for a list. */
  generate(prompt: Prompt, options?: BatchRequestOptions): Promise<GeneratedRow>;
  generate(prompts: readonly Prompt[], options?: BatchRequestOptions): Promise<GeneratedRow[]>;
  /** Streams the continuation of one prompt. No piece ends within a character. */
  stream(prompt: Prompt, options?: TextRequestOptions): AsyncGenerator<string>;
}

export interface RemoteClassifier extends RemoteResource {
  readonly labels: readonly string[];
  classify(texts: readonly PromptText[]): Promise<Classification[]>;
  tag(texts: readonly (readonly string[])[]): Promise<(Classification | undefined)[][]>;
  answer(questions: readonly Question[]): Promise<Answer[]>;
}

/** The options of Node.js, with what stands for a model, a tokenizer and adapters, and files in the place of paths. */
type InBrowser<Options> = Omit<
  Options,
  | 'model'
  | 'tokenizer'
  | 'adapter'
  | 'adapters'
  | 'data'
  | 'validation'
  | 'against'
  | 'methods'
  | 'method'
  | 'device'
> & {
  model: RemoteModel;
  tokenizer: RemoteTokenizer;
};

/** Rows, a file that was picked, or several of these. */
export type BrowserData = readonly Fields[] | File | readonly (readonly Fields[] | File)[];

export interface BrowserTrainingOptions
  extends Omit<InBrowser<ConfigTrainingOptions>, 'output' | 'methodOptions'> {
  data: BrowserData;
  /** A fraction or number of rows, or rows of their own. */
  validation?: number | BrowserData;
  /** The name of a method, or several joined by "+". Default: prompt-tuning. */
  method?: string;
  /** `initAdapter` takes an adapter that was trained or loaded here. */
  methodOptions?: Readonly<Record<string, unknown>>;
  /**
   * The name of a run that is stored with its checkpoints, so that it can be resumed after the page was closed.
   * Default: the run is in memory only.
   */
  output?: string;
}

/** What is known of a run before its first step. */
export interface BrowserRunPlan {
  readonly summary: RunSummary;
  /** As a run's config.yaml has it, with `maxLength`. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface BrowserTrainingResult extends TrainResult {
  readonly adapter: RemoteAdapter;
}

export interface BrowserGeneratorOptions extends InBrowser<TextGeneratorOptions> {
  adapter?: RemoteAdapter;
  adapters?: Readonly<Record<string, RemoteAdapter>>;
}

export interface BrowserClassifierOptions extends InBrowser<ClassifierOptions> {
  adapter: RemoteAdapter;
}

export interface BrowserEvaluationOptions extends Omit<InBrowser<EvaluationOptions>, 'metrics'> {
  adapter?: RemoteAdapter;
  data: BrowserData;
  metrics: readonly string[];
}

export interface BrowserPromptMapOptions
  extends InBrowser<Omit<PromptMapOptions, 'vectors' | 'earlier' | 'step'>> {
  adapter: RemoteAdapter;
  /** The stored run of the adapter, from which follows where the vectors started. Default: that is not told. */
  run?: string;
}

export interface BrowserPromptAttentionOptions extends InBrowser<PromptAttentionOptions> {
  adapter: RemoteAdapter;
}

export interface BrowserCheckOptions
  extends Omit<CheckOptions, 'tokenizer' | 'data' | 'against' | 'transform'> {
  tokenizer: RemoteTokenizer;
  data: BrowserData;
  against?: BrowserData;
}

/**
 * - `promptune-mini` (the default), which comes with the package
 * - a model of the Hub, `owner/name`
 * - the address of a folder in Hugging Face's layout, or of a GGUF file
 * - the name of a stored model
 * - a folder in that layout that was picked or dropped, its files, or a GGUF file
 */
export type ModelSource = string | URL | Picked;

/** The library in its worker. */
export interface Promptune {
  readonly environment: Environment;
  /** Chooses the language of what is said from now on. Resolves to the environment, whose notes are in it. */
  speak(language: Language): Promise<Environment>;
  /**
   * A model with its tokenizer. A model that is not stored yet is downloaded into this site's storage, where it stays;
   * a download that was interrupted goes on where it ended.
   */
  fromPretrained(
    source?: ModelSource,
    options?: DownloadOptions & { dtype?: ModelDtype },
  ): Promise<{ model: RemoteModel; tokenizer: RemoteTokenizer }>;
  /** What a model takes in storage and memory. Downloads nothing. */
  estimateModel(
    source: ModelSource,
    options?: SourceOptions & { dtype?: ModelDtype },
  ): Promise<ModelEstimate>;
  listModels(): Promise<StoredModel[]>;
  deleteModel(name: string): Promise<void>;

  /** As `trainAdapter` of Node.js. */
  trainAdapter(options: BrowserTrainingOptions): Promise<BrowserTrainingResult>;
  /** As `checkData`, for the data of a run as the run would read it, with the names of the first row's fields. */
  checkRunData(options: BrowserTrainingOptions & Pick<CheckOptions, 'examples'>): Promise<RunDataReport>;
  /** What a run would do. Reads model and data, and writes nothing. */
  planRun(options: BrowserTrainingOptions): Promise<BrowserRunPlan>;
  /** Names of stored runs. */
  listRuns(): Promise<string[]>;
  /** A stored run's configuration, progress and curves; undefined where there is none of that name. */
  readRun(name: string): Promise<Omit<RunRecord, 'folder'> | undefined>;
  /** Keeps a note with a run; '' removes it. */
  noteRun(name: string, note: string): Promise<void>;
  /** All files of a run, by their paths in its folder. */
  runFiles(name: string): Promise<Map<string, Uint8Array>>;
  /** @throws UsageError for a run that this page or another tab is working on */
  deleteRun(name: string): Promise<void>;
  /** The adapter in a folder's files, in a zip of them, or of the stored run of that name. */
  loadAdapter(source: Picked | string, model: RemoteModel): Promise<RemoteAdapter>;

  /** As `promptMap` of Node.js. */
  promptMap(options: BrowserPromptMapOptions): Promise<PromptMap>;
  /** As `promptAttention` of Node.js. */
  promptAttention(options: BrowserPromptAttentionOptions): Promise<PromptAttention>;

  createTextGenerator(options: BrowserGeneratorOptions): Promise<RemoteTextGenerator>;
  createClassifier(options: BrowserClassifierOptions): Promise<RemoteClassifier>;
  evaluate(options: BrowserEvaluationOptions): Promise<Evaluation>;
  checkData(options: BrowserCheckOptions): Promise<DataReport>;

  /** Ends the worker, and with it whatever it was doing. */
  close(): void;
}

/**
 * Starts the library in a worker of the page.
 * @throws UsageError for a device that is not there; PromptuneError where the worker cannot be started
 */
export async function startPromptune({
  device = 'cpu',
  threads,
  language = 'en',
  files,
}: PromptuneOptions = {}): Promise<Promptune> {
  const all = { ...defaultFiles(), ...files };
  const connection = new Connection(all.worker);
  const call = connection.call.bind(connection);
  const speaking = ({ catalog, environment }: Spoken): Environment => {
    speak(catalog); // the page's end says something as well
    return environment;
  };
  const started = await call('start', { files: all, device, threads, language }).catch((error) => {
    connection.close();
    throw error;
  });
  const remote = (id: number): RemoteResource => {
    const dispose = () => call('dispose', id);
    return { [remoteId]: id, dispose, [Symbol.asyncDispose]: dispose };
  };
  const sourceOf = async (source: ModelSource) =>
    typeof source === 'string' || source instanceof URL ? String(source) : filesOf(source);
  const adapterOf = ({ id, ...info }: AdapterInfo): RemoteAdapter => {
    const adapter = remote(id);
    return {
      ...adapter,
      ...info,
      files: () => call('adapterFiles', adapter),
      zip: async () => new Blob([await call('adapterZip', adapter)], { type: 'application/zip' }),
    };
  };

  return {
    environment: speaking(started),
    speak: async (language) => speaking(await call('speak', language)),

    async fromPretrained(source = embeddedModel, options = {}) {
      const { model, tokenizer } = await call('fromPretrained', await sourceOf(source), options);
      return { model: { ...remote(model.id), ...withoutId(model) }, tokenizer: tokenizerOf(tokenizer) };
    },
    estimateModel: async (source, options = {}) => call('estimateModel', await sourceOf(source), options),
    listModels: () => call('listModels'),
    deleteModel: (name) => call('deleteModel', name),

    async trainAdapter(options) {
      const { adapter, ...result } = await call('trainAdapter', options);
      return { ...result, adapter: adapterOf(adapter) };
    },
    checkRunData: (options) => call('checkRunData', options),
    planRun: (options) => call('planRun', options),
    listRuns: () => call('listRuns'),
    readRun: (name) => call('readRun', name),
    noteRun: (name, note) => call('noteRun', name, note),
    runFiles: (name) => call('runFiles', name),
    deleteRun: (name) => call('deleteRun', name),
    loadAdapter: async (source, model) =>
      adapterOf(
        await call('loadAdapter', typeof source === 'string' ? source : await filesOf(source), model),
      ),

    promptMap: (options) => call('promptMap', options),
    promptAttention: (options) => call('promptAttention', options),

    async createTextGenerator(options) {
      const generator = remote((await call('createTextGenerator', options)).id);
      const generate = async (prompts: Prompt | readonly Prompt[], request?: BatchRequestOptions) =>
        isList(prompts)
          ? call('generate', generator, prompts, request)
          : (await call('generate', generator, [prompts], request))[0]!;
      return {
        ...generator,
        generate: generate as RemoteTextGenerator['generate'],
        stream: (prompt, request) =>
          streamed((options) => call('stream', generator, prompt, options), request),
      };
    },

    async createClassifier(options) {
      const { id, labels } = await call('createClassifier', options);
      const classifier = remote(id);
      return {
        ...classifier,
        labels,
        classify: (texts) => call('classify', classifier, texts),
        tag: (texts) => call('tag', classifier, texts),
        answer: (questions) => call('answer', classifier, questions),
      };
    },

    evaluate: (options) => call('evaluate', options),
    checkData: (options) => call('checkData', options),
    close: () => connection.close(),
  };

  function tokenizerOf({
    id,
    ...info
  }: Awaited<ReturnType<Methods['fromPretrained']>>['tokenizer']): RemoteTokenizer {
    const tokenizer = remote(id);
    return {
      ...tokenizer,
      ...info,
      encode: (...args) => call('encode', tokenizer, ...args),
      decode: (ids, options) => call('decode', tokenizer, [...ids], options),
      tokensOf: (ids) => call('tokensOf', tokenizer, [...ids]),
    };
  }
}

const withoutId = <Info extends { id: number }>({ id: _, ...info }: Info): Omit<Info, 'id'> => info;
const isList = (prompts: Prompt | readonly Prompt[]): prompts is readonly Prompt[] => Array.isArray(prompts);

/** What a call gives piece by piece. Whoever stops reading stops the call. */
async function* streamed(
  start: (options: TextRequestOptions & { onPiece(piece: string): void }) => Promise<void>,
  { signal, ...options }: TextRequestOptions = {},
): AsyncGenerator<string> {
  const left = new AbortController();
  const pieces: string[] = [];
  let wake = () => {};
  let isDone = false;
  const done = start({
    ...options,
    signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal,
    onPiece(piece) {
      pieces.push(piece);
      wake();
    },
  }).finally(() => {
    isDone = true;
    wake();
  });
  done.catch(() => {}); // is thrown below
  try {
    for (;;) {
      if (pieces.length > 0) yield pieces.shift()!;
      else if (isDone) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    await done;
  } finally {
    left.abort();
  }
}
