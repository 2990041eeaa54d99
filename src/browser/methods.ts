/** @file What a page can call for, by name. Objects stay in the worker; the page has their numbers. */

import { loadAdapter } from '../adapters/load-adapter.js';
import { promptVectors, vectorsIn } from '../adapters/prompt-vectors.js';
import type { SavedAdapter } from '../adapters/saved-adapter.js';
import { embeddedModel } from '../embedded-model.js';
import { PromptuneError, UsageError } from '../errors.js';
import { type Classifier, type ClassifierOptions, createClassifier } from '../evaluation/classifier.js';
import { type EvaluationOptions, evaluate } from '../evaluation/evaluate.js';
import { type PromptAttentionOptions, promptAttention } from '../evaluation/prompt-attention.js';
import { type PromptMapOptions, promptMap } from '../evaluation/prompt-map.js';
import type { Prompt } from '../generation/prompts.js';
import {
  type BatchRequestOptions,
  createTextGenerator,
  type TextGenerator,
  type TextGeneratorOptions,
  type TextRequestOptions,
} from '../generation/text-generator.js';
import { weightBytes } from '../loading/precision.js';
import type { ModelDtype } from '../models/dtype.js';
import type { LanguageModel, ModelConfig } from '../models/model.js';
import { openPretrained } from '../open-pretrained.js';
import { announceWorker, fileSystem, host, join, mount, openStorage, storedFolder } from '../platform/web.js';
import { web } from '../platform/web-apis.js';
import { checkRunData } from '../runs/check-run-data.js';
import { lockFolder } from '../runs/lock.js';
import { noteRun } from '../runs/note-run.js';
import { notedConfig } from '../runs/noted-config.js';
import { prepareRun } from '../runs/prepare-run.js';
import { promptHistory } from '../runs/prompt-history.js';
import { readRun } from '../runs/read-run.js';
import { type RunOptions, resolveRunConfig } from '../runs/run-config.js';
import { type ConfigTrainingOptions, trainFromConfig } from '../runs/train-adapter.js';
import { configureEngine } from '../runtime/web/engine-thread.js';
import { type Catalog, english, type Language, say, speak, spoken } from '../say.js';
import { type CheckOptions, checkData } from '../text/check.js';
import { promptTemplate } from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { BrowserFiles } from './files.js';
import { request } from './model-source.js';
import { keep, letGo } from './objects.js';
import type { MountedFile } from './picked.js';
import { adapterFolder } from './picked-adapter.js';
import { endSessions, type Holder, passing, withSessions } from './sessions.js';
import {
  conversionsOf,
  type DownloadOptions,
  deleteModel,
  estimateModel,
  listModels,
  modelPath,
} from './stored-models.js';
import { browserFiles, useFiles } from './told-files.js';
import { zip } from './zip.js';

export type BrowserDevice = 'cpu' | 'webgpu';

export interface StartOptions {
  readonly files: BrowserFiles;
  readonly device: BrowserDevice | 'auto';
  readonly threads?: number;
  readonly language: Language;
}

/** What a page's library runs on. */
export interface Environment {
  readonly device: BrowserDevice;
  /** Threads of the CPU that a session uses. */
  readonly threads: number;
  /** Whether the page may share memory among threads (COOP and COEP); one thread is all there is without. */
  readonly isIsolated: boolean;
  /** Whether models and runs outlive the page. */
  readonly hasStorage: boolean;
  /** What is less than it could be, and why. */
  readonly notes: readonly string[];
}

/** After a choice of language: what the page itself speaks then, and the environment in words of it. */
export interface Spoken {
  readonly catalog: Catalog;
  readonly environment: Environment;
}

let found: Omit<Environment, 'notes'>;

function spokenNow(): Spoken {
  const notes: string[] = [];
  if (!found.isIsolated)
    notes.push(
      say`one thread: the page is not cross-origin isolated; serve it with
        Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp`,
    );
  if (!found.hasStorage)
    notes.push(say`models and runs are gone when the page is: this browser gives it no storage here`);
  return { catalog: spoken(), environment: { ...found, notes } };
}

/** Fetched by those alone who speak it. */
async function catalogOf(language: Language): Promise<Catalog> {
  if (language === 'en') return english;
  return ((await import(browserFiles().chinese)) as typeof import('../sentences/index.js')).chinese;
}

let device: BrowserDevice = 'cpu';

/** Of a stored run, `run` adds where its vectors started. */
interface PromptMapRequest extends Omit<PromptMapOptions, 'vectors' | 'earlier' | 'step'> {
  readonly adapter: SavedAdapter;
  readonly run?: string;
}

type RunDataRequest = ConfigTrainingOptions & Pick<CheckOptions, 'examples'>;

const runsFolder = join(storedFolder, 'runs');

function runPath(name: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(name)) return join(runsFolder, name);
  throw new UsageError([
    { path: ['output'], message: say`expected a name of letters, digits, spaces and ._-, got "${name}"` },
  ]);
}

/** In memory: the page's assets are cached by the browser as its scripts are. */
async function miniPath(signal?: AbortSignal, onProgress?: DownloadOptions['onProgress']): Promise<string> {
  const folder = join('/models', embeddedModel);
  if (await fileSystem.stat(folder)) return folder;
  const contents = await Promise.all(
    Object.entries(browserFiles().mini).map(async ([name, url]) => {
      const response = await request(url, { signal });
      if (!response.ok)
        throw new PromptuneError(say`${url} answers with ${response.status}: it is a file of the package`, {
          code: 'not-found',
        });
      const blob = await response.blob();
      onProgress?.({ file: name, loadedBytes: blob.size, totalBytes: blob.size });
      return [name, blob] as const;
    }),
  );
  for (const [name, blob] of contents) mount(join(folder, name), blob);
  return folder;
}

/** What asks for any device is not served by a GPU in software, which is slower than the CPU. */
async function gpuIsThere(device: StartOptions['device']): Promise<boolean> {
  const adapter = await web.navigator?.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return false;
  return device === 'webgpu' || !(adapter.isFallbackAdapter ?? adapter.info?.isFallbackAdapter);
}

/** A family's own configuration, which `config` is of, holds functions as well. */
function sizesOf({ config }: LanguageModel): ModelConfig {
  const { modelType, vocabSize, hiddenSize, numLayers } = config;
  const { numAttentionHeads, numKeyValueHeads, headDim, maxPositions } = config;
  return {
    modelType,
    vocabSize,
    hiddenSize,
    numLayers,
    numAttentionHeads,
    numKeyValueHeads,
    headDim,
    maxPositions,
  };
}

async function adapterInfo(adapter: SavedAdapter, { config }: LanguageModel) {
  const { method, numVirtualTokens, head, usage, placement } = adapter;
  const template = placement?.template ?? usage?.promptTemplate;
  const fields = template === undefined ? [] : [...promptTemplate(template).fields];
  return {
    id: keep(adapter),
    method,
    numVirtualTokens,
    labels: head?.labels,
    numSoftTokens: placement?.count ?? 0,
    hasVectors: vectorsIn(await adapter.content(), config.hiddenSize) !== undefined,
    isChat: usage?.chat ?? false,
    ...(template !== undefined && { template }),
    fields,
  };
}
export type AdapterInfo = Awaited<ReturnType<typeof adapterInfo>>;

export const methods = {
  async start(options: StartOptions): Promise<Spoken> {
    const { files } = options;
    useFiles(files);
    speak(await catalogOf(options.language));
    const isIsolated = web.crossOriginIsolated === true;
    const threads = isIsolated ? (options.threads ?? host.threads) : 1;
    const hasGpu = options.device !== 'cpu' && (await gpuIsThere(options.device));
    if (options.device === 'webgpu' && !hasGpu)
      throw new UsageError(say`device "webgpu": this browser gives no GPU to pages; use "cpu"`, {
        code: 'unsupported',
      });
    device = hasGpu ? 'webgpu' : 'cpu';
    const hasStorage = await openStorage();
    announceWorker();
    configureEngine({
      worker: files.engine,
      build: files.runtime[device === 'cpu' ? 'cpu' : web.WebAssembly?.Suspending ? 'jspi' : 'asyncify'],
      threads,
      devices: device === 'cpu' ? ['cpu'] : ['cpu', 'webgpu'],
    });
    found = { device, threads, isIsolated, hasStorage };
    return spokenNow();
  },

  async speak(language: Language): Promise<Spoken> {
    speak(await catalogOf(language));
    return spokenNow();
  },

  async fromPretrained(
    source: string | readonly MountedFile[],
    { dtype, ...options }: DownloadOptions & { dtype?: ModelDtype } = {},
  ) {
    const { signal, onProgress } = options;
    const { name, path } =
      source === embeddedModel
        ? { name: embeddedModel, path: await miniPath(signal, onProgress) }
        : await modelPath(source, options);
    const cacheDir = conversionsOf(name);
    const { model, tokenizer } = await openPretrained(path, name, { dtype, cacheDir, signal, onProgress });
    const { bidirectional = false } = model;
    const { vocabSize, bosTokenId, eosTokenId, padTokenId, chatTemplate } = tokenizer;
    return {
      model: {
        id: keep(model),
        name,
        config: sizesOf(model),
        dtype: model.dtype,
        bidirectional,
        hasEncoder: model.encoder !== undefined,
        weightBytes: weightBytes(model),
      },
      tokenizer: { id: keep(tokenizer), vocabSize, bosTokenId, eosTokenId, padTokenId, chatTemplate },
    };
  },
  listModels,
  deleteModel,
  estimateModel,

  encode: async (tokenizer: Tokenizer, text: string, options?: Parameters<Tokenizer['encode']>[1]) =>
    tokenizer.encode(text, options),
  decode: async (tokenizer: Tokenizer, ids: number[], options?: Parameters<Tokenizer['decode']>[1]) =>
    tokenizer.decode(ids, options),
  tokensOf: async (tokenizer: Tokenizer, ids: number[]) => ids.map((id) => tokenizer.tokenOf(id)),
  checkData: (options: CheckOptions) => checkData(options),

  async trainAdapter({ output, ...options }: ConfigTrainingOptions) {
    const path = output === undefined ? undefined : runPath(output);
    const { adapter, ...result } = await passing(() =>
      trainFromConfig({ device, ...options, ...(path !== undefined && { output: path }) }),
    );
    return { ...result, adapter: await adapterInfo(adapter, options.model) };
  },

  checkRunData: async ({ model, tokenizer, examples, signal, output: _, ...options }: RunDataRequest) =>
    checkRunData(resolveRunConfig({ device, ...options } as RunOptions), {
      model,
      tokenizer,
      examples,
      signal,
    }),

  /** What is known of a run before its first step, with its whole configuration. Writes nothing. */
  async planRun({ model, tokenizer, signal, output: _, ...options }: ConfigTrainingOptions) {
    const config = resolveRunConfig({ device, ...options } as RunOptions);
    await using run = await prepareRun(config, { model, tokenizer, signal });
    const { summary, maxLength } = run;
    return { summary, config: { ...(await notedConfig(model, run.config)), maxLength } };
  },

  async listRuns(): Promise<string[]> {
    return (await fileSystem.stat(runsFolder)) ? fileSystem.list(runsFolder) : [];
  },
  readRun: async (name: string) => readRun(runPath(name)),
  noteRun: async (name: string, note: string) => noteRun(runPath(name), note),
  async deleteRun(name: string): Promise<void> {
    const path = runPath(name);
    if (!(await fileSystem.stat(path))) return;
    const lock = await lockFolder(path); // a run that is at work has it
    await fileSystem.remove(path).finally(lock.release);
  },
  async runFiles(name: string): Promise<Map<string, Uint8Array>> {
    return filesBelow(runPath(name));
  },

  async loadAdapter(source: string | readonly MountedFile[], model: LanguageModel) {
    const folder = typeof source === 'string' ? runPath(source) : await adapterFolder(source);
    return adapterInfo(await loadAdapter(folder, model), model);
  },
  adapterFiles: (adapter: SavedAdapter) => adapter.files(),
  adapterZip: async (adapter: SavedAdapter) => zip(await adapter.files()),

  async promptMap({ adapter, run, ...options }: PromptMapRequest) {
    const { model, tokenizer } = options;
    const vectors = promptVectors(await adapter.content(), model);
    const record = run === undefined ? undefined : await readRun(runPath(run));
    if (run === undefined || !record) return promptMap({ ...options, vectors });
    const { earlier } = await promptHistory(runPath(run), record.steps, { model, tokenizer });
    return promptMap({ ...options, vectors, earlier, step: record.steps });
  },
  promptAttention: (options: PromptAttentionOptions) =>
    passing(() => promptAttention({ device, ...options })),

  createTextGenerator: async (options: TextGeneratorOptions) => ({
    id: keep(createTextGenerator({ device, ...options })),
  }),
  generate: (generator: TextGenerator, prompts: readonly Prompt[], options?: BatchRequestOptions) =>
    withSessions(generator, () => generator.generate(prompts, options)),
  stream: (
    generator: TextGenerator,
    prompt: Prompt,
    { onPiece, ...options }: TextRequestOptions & { onPiece(piece: string): void },
  ) =>
    withSessions(generator, async () => {
      for await (const piece of generator.stream(prompt, options)) onPiece(piece);
    }),

  async createClassifier(options: ClassifierOptions) {
    const classifier = createClassifier({ device, ...options });
    return { id: keep(classifier), labels: classifier.labels };
  },
  classify: (classifier: Classifier, ...texts: Parameters<Classifier['classify']>) =>
    withSessions(classifier, () => classifier.classify(...texts)),
  tag: (classifier: Classifier, ...texts: Parameters<Classifier['tag']>) =>
    withSessions(classifier, () => classifier.tag(...texts)),
  answer: (classifier: Classifier, ...questions: Parameters<Classifier['answer']>) =>
    withSessions(classifier, () => classifier.answer(...questions)),

  evaluate: (options: EvaluationOptions) => passing(() => evaluate({ device, ...options })),

  async dispose(id: number): Promise<void> {
    const object = letGo(id);
    if (object && 'dispose' in object) await endSessions(object as Holder);
  },
};

export type Methods = typeof methods;

async function filesBelow(folder: string, path = ''): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of await fileSystem.list(join(folder, path))) {
    const below = path === '' ? name : `${path}/${name}`;
    if ((await fileSystem.stat(join(folder, below)))?.kind === 'folder')
      for (const [file, bytes] of await filesBelow(folder, below)) files.set(file, bytes);
    else files.set(below, await fileSystem.readBytes(join(folder, below)));
  }
  return files;
}
