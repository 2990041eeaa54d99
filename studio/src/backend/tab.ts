/**
 * @file This tab, without a server: promptune/browser in a worker answers what the views ask for. Runs are in the
 *   browser's storage under their names, which are the ids of their adapters as well.
 */
import type {
  Environment,
  Promptune,
  RemoteAdapter,
  RemoteModel,
  RemoteTextGenerator,
  RemoteTokenizer,
  TokenEvent,
} from 'promptune/browser';
import { dataAnswer } from '../../../src/studio/data-answer.js';
import { type Language, t } from '../messages/messages.svelte.js';
import { stored } from '../shell/stored.js';
import type {
  About,
  Adapter,
  Adapters,
  Attention,
  AttentionText,
  Backend,
  DataCheck,
  DataReport,
  DeletedRun,
  DownloadProgress,
  Generation,
  Job,
  Jobs,
  LabelShare,
  MethodCosts,
  Methods,
  Models,
  NewJob,
  Piece,
  Plan,
  Presets,
  PromptMap,
  Run,
  RunDetails,
  Runs,
  Serving,
  StoredData,
  TabTools,
} from './backend.js';
import { BackendError } from './backend.js';
import { costsFile, methodsFile, presetsFile, startEngine, versionFile } from './tab/engine-files.js';
import { mended, underKey } from './tab/problems.js';
import { type RunningJob, TabJobs } from './tab/tab-jobs.js';
import { openTabStorage, type TabStorage } from './tab/tab-storage.js';
import { told } from './tab/told.js';

const miniName = 'promptune-mini';

const deviceChoice = stored('device');

/** Likely tokens at the place of each. */
const shownAlternatives = 5;

interface Opened {
  readonly model: RemoteModel;
  readonly tokenizer: RemoteTokenizer;
}

/** An adapter that is ready for use, with its model. */
interface Ready extends Opened {
  readonly adapter: RemoteAdapter;
}

export async function openTab(language: Language): Promise<Backend> {
  const [promptune, storage, { version }] = await Promise.all([
    startEngine(deviceChoice.read() === 'cpu' ? 'cpu' : 'auto', language),
    openTabStorage(),
    versionFile(),
  ]);
  const tab = new TabBackend(promptune, storage, version);
  await tab.open();
  return tab;
}

class TabBackend implements Backend {
  readonly kind = 'tab';
  readonly tab: TabTools;
  readonly #promptune: Promptune;
  readonly #storage: TabStorage;
  readonly #version: string;
  #environment: Promise<Environment>;
  readonly #models = new Map<string, Promise<Opened>>();
  readonly #adapters = new Map<string, Promise<Ready>>();
  readonly #generators = new Map<string, Promise<RemoteTextGenerator>>();
  #jobs!: TabJobs;
  #added: readonly string[] = [];

  constructor(promptune: Promptune, storage: TabStorage, version: string) {
    this.#promptune = promptune;
    this.#environment = Promise.resolve(promptune.environment);
    this.#storage = storage;
    this.#version = version;
    this.tab = this.#tools();
  }

  async open(): Promise<void> {
    const isHeld = async (run: string) => (await this.#promptune.readRun(run))?.state === 'running';
    await this.#listAdded();
    this.#jobs = await TabJobs.open({ storage: this.#storage, run: (job) => this.#train(job), isHeld });
  }

  speak(language: Language): void {
    this.#environment = this.#promptune.speak(language);
  }

  async about(): Promise<About> {
    const { model, tokenizer } = await this.#model(miniName);
    const { config, weightBytes, bidirectional } = model;
    return {
      version: this.#version,
      model: {
        id: miniName,
        family: config.modelType,
        parameters: weightBytes / 2, // it is stored in 16 bits
        layers: config.numLayers,
        hiddenSize: config.hiddenSize,
        maxLength: config.maxPositions,
        vocabSize: config.vocabSize,
        hasChatTemplate: tokenizer.chatTemplate !== undefined,
        writes: !bidirectional,
      },
      folder: '',
      device: this.#promptune.environment.device,
      address: '',
      ...{ needsKey: false, hasQueue: false },
    };
  }

  async models(): Promise<Models> {
    const stored = await this.#promptune.listModels();
    const { model } = await this.#model(miniName);
    const mini = { name: miniName, family: model.config.modelType, bytes: model.weightBytes, isServed: true };
    return { models: [mini, ...stored.map(({ name, bytes }) => ({ name, bytes, isServed: false }))] };
  }

  methods = (): Promise<Methods> => methodsFile();
  methodCosts = (): Promise<MethodCosts> => costsFile();
  presets = (): Promise<Presets> => presetsFile();

  async storeData(file: File): Promise<StoredData> {
    return { path: await this.#storage.keep('data', file), bytes: file.size };
  }

  checkData = (check: DataCheck, signal?: AbortSignal): Promise<DataReport> =>
    underKey('config', async () => {
      const config = await this.#withFiles(check.config);
      const opened = await this.#model(check.model ?? miniName);
      const report = await this.#promptune.checkRunData({
        ...config,
        ...opened,
        examples: check.examples ?? 5,
        signal,
      });
      return dataAnswer(report);
    });

  plan = ({ model = miniName, config, run }: NewJob, signal?: AbortSignal): Promise<Plan> =>
    underKey('config', async () => {
      const opened = await this.#model(model);
      const options = { ...(await this.#withFiles(config)), ...opened, output: run, signal };
      const { summary, config: whole } = await this.#promptune.planRun(options);
      const { trainableParameters, initialization, examples, validationExamples } = summary;
      return {
        config: whole,
        ...{ trainableParameters, initialization, examples, validationExamples },
        totalSteps: summary.totalSteps,
        stepsPerEpoch: summary.stepsPerEpoch,
        memoryBytes: summary.estimatedMemoryBytes,
        adapterBytes: 4 * trainableParameters,
        warnings: [...(summary.warnings ?? [])],
      };
    });

  async startJob(request: NewJob): Promise<Job> {
    const { run, overwrite, auto, model = miniName, config } = request;
    if (auto) throw problemAt('auto', t().tab.tuning);
    if (!overwrite && (await this.#promptune.listRuns()).includes(run))
      throw problemAt('run', t().tab.runExists(run));
    await this.plan(request); // what is wrong is said before it waits
    return this.#jobs.start(request, { model, method: String(config.method ?? 'prompt-tuning') });
  }

  jobs = async (): Promise<Jobs> => ({ jobs: this.#jobs.all() });
  job = async (id: string): Promise<Job> => this.#jobs.job(id);
  jobRequest = async (id: string): Promise<NewJob> => this.#jobs.request(id);
  watchJob = (id: string, from: number, signal: AbortSignal) => this.#jobs.watch(id, from, signal);
  stopJob = async (id: string): Promise<Job> => this.#jobs.stop(id);
  resumeJob = async (id: string): Promise<Job> => this.#jobs.resume(id);
  forgetJob = (id: string): Promise<void> => this.#jobs.forget(id);

  async #train({ request, isResumed, signal, tell }: RunningJob): Promise<{ stopped: boolean }> {
    const { model = miniName, config, run, overwrite } = request;
    const opened = await this.#model(model, (progress) =>
      tell({ type: 'download', ...progress, totalBytes: progress.totalBytes ?? 0 }),
    );
    await this.#leave(run);
    const result = await this.#promptune.trainAdapter({
      scoreLabels: true,
      ...(await this.#withFiles({ ...config, ...(isResumed && (await this.#deviceOf(run))) })),
      ...opened,
      output: run,
      ...(isResumed ? { resume: true } : { overwrite }),
      signal,
      onEvent: tell,
    });
    await result.adapter.dispose();
    await this.#leave(run); // what was loaded meanwhile is of an earlier step
    return { stopped: result.stopped };
  }

  /** A run that began on the CPU ends with the same bytes there alone. */
  async #deviceOf(run: string): Promise<{ device?: 'cpu' }> {
    const began = await this.#promptune.readRun(run);
    return began?.config.device === 'cpu' ? { device: 'cpu' } : {};
  }

  async runs(): Promise<Runs> {
    const answer: Runs = { runs: [], unreadable: [] };
    for (const id of (await this.#promptune.listRuns()).sort()) {
      try {
        answer.runs.push(await this.#run(id));
      } catch (error) {
        answer.unreadable.push({ id, problem: (error as Error).message });
      }
    }
    return answer;
  }

  async run(id: string): Promise<RunDetails> {
    const { config, samples, ...curves } = await this.#record(id);
    const columns = (points: readonly { step: number; value: number }[] = []) => ({
      steps: points.map(({ step }) => step),
      values: points.map(({ value }) => value),
    });
    const job = this.#jobs.ofRun(id);
    const data = job && this.#jobs.request(job.id).config.data;
    return {
      ...(await this.#run(id)),
      config,
      ...(typeof data === 'string' && { data }),
      curves: {
        loss: columns(curves.loss),
        validationLoss: columns(curves.validationLoss),
        learningRate: columns(curves.learningRate),
        gradNorm: columns(curves.gradNorm),
        tokensPerSecond: columns(curves.tokensPerSecond),
      },
      samples: samples.map(({ step, samples }) => ({ step, samples: [...samples] })),
    };
  }

  async noteRun(id: string, note: string): Promise<Run> {
    await this.#promptune.noteRun(id, note);
    return this.#run(id);
  }

  async deleteRun(id: string): Promise<DeletedRun> {
    await this.#leave(id);
    await this.#promptune.deleteRun(id);
    return { left: [] };
  }

  async #record(id: string) {
    const record = await this.#promptune.readRun(id);
    if (!record) throw new BackendError(t().tab.noRun(id), { status: 404 });
    return record;
  }

  async #run(id: string): Promise<Run> {
    const { config, state, steps, seconds, loss, validationLoss, note } = await this.#record(id);
    const last = loss.slice(-10);
    const job = this.#jobs.ofRun(id);
    return {
      id,
      model: String(config.model),
      method: String(config.method),
      ...{ state, steps, seconds, note },
      ...(last.length > 0 && { loss: last.reduce((sum, { value }) => sum + value, 0) / last.length }),
      ...(validationLoss.length > 0 && {
        bestValidationLoss: Math.min(...validationLoss.map(({ value }) => value)),
      }),
      isUsable: [...(await this.#promptune.runFiles(id)).keys()].some((path) => path.startsWith('adapter/')),
      ...(job?.state === 'running' && { job: job.id }),
    };
  }

  async adapters(): Promise<Adapters> {
    const answer: Adapters = { adapters: [], refused: [] };
    const { runs } = await this.runs();
    const ids = [...runs.filter(({ isUsable }) => isUsable).map(({ id }) => id), ...this.#added];
    for (const id of ids) {
      try {
        answer.adapters.push(described(id, await this.#ready(id)));
      } catch (error) {
        answer.refused.push({ id, problem: (error as Error).message });
      }
    }
    return answer;
  }

  readonly #tools = (): TabTools => ({
    notes: async () => (await this.#environment).notes,
    device: this.#promptune.environment.device,
    isOnCpuAlone: deviceChoice.read() === 'cpu',
    useCpuAlone: (isAlone) => deviceChoice.write(isAlone ? 'cpu' : undefined),
    addAdapter: (file) =>
      mended(async () => {
        const { model } = await this.#model(miniName);
        await (await this.#promptune.loadAdapter(file, model)).dispose(); // says what is wrong with it
        await this.#storage.keep('adapters', file);
        await this.#listAdded();
      }),
    removeAdapter: async (id) => {
      await this.#leave(id);
      await this.#storage.remove(`adapters/${id}`);
      await this.#listAdded();
    },
    isAdded: (id) => this.#added.includes(id),
    adapterZip: (id) => mended(async () => (await this.#ready(id)).adapter.zip()),
    estimateModel: (name) => mended(() => this.#promptune.estimateModel(name)),
    fetchModel: (name, signal) =>
      told((onProgress) =>
        mended(async () => {
          const opened = await this.#promptune.fromPretrained(name, { signal, onProgress });
          this.#models.set(name, Promise.resolve(opened));
        }),
      ),
    deleteModel: async (name) => {
      this.#models.delete(name);
      await this.#promptune.deleteModel(name);
    },
  });

  async #listAdded(): Promise<void> {
    this.#added = await this.#storage.list('adapters');
  }

  promptMap = (id: string): Promise<PromptMap> =>
    mended(async () => {
      const isRun = (await this.#promptune.listRuns()).includes(id);
      const map = await this.#promptune.promptMap({ ...(await this.#ready(id)), ...(isRun && { run: id }) });
      return structuredClone(map) as unknown as PromptMap;
    });

  attention = (
    id: string,
    { text, usesTemplate = true }: AttentionText,
    _signal?: AbortSignal,
  ): Promise<Attention> =>
    mended(async () => {
      const prompt = usesTemplate ? text : { text, raw: true };
      const found = await this.#promptune.promptAttention({ ...(await this.#ready(id)), prompt });
      const { tokens, numVirtualTokens: virtualTokens, layers } = found;
      return { tokens, virtualTokens, layers } as Attention;
    });

  serving = async (): Promise<Serving> => {
    throw new BackendError(t().tab.servesNothing, { status: 404 });
  };

  async *generate(request: Generation, signal?: AbortSignal): AsyncGenerator<Piece> {
    const { model: id, input, maxTokens, temperature, ...others } = request;
    const left = new AbortController();
    const { tokenizer } = await this.#openedFor(id);
    const { topP, topK, repetitionPenalty, seed, stop } = others;
    const options = { topP, topK, repetitionPenalty, seed, stop };
    const prompt = typeof input === 'string' ? input : { messages: [...input] };
    let finish: Piece['finish'];
    const events = told<TokenEvent>((onToken) =>
      mended(async () => {
        const { finishReason } = await (await this.#generator(id)).generate(prompt, {
          ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
          ...(temperature > 0 ? { temperature } : { doSample: false }),
          maxNewTokens: maxTokens,
          logprobs: shownAlternatives,
          signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal,
          onToken,
        });
        finish = finishReason === 'length' ? 'length' : 'stop';
      }),
    );
    try {
      for await (const { id, text, logprob = 0, alternatives = [] } of events) {
        const [own, ...names] = await tokenizer.tokensOf([id, ...alternatives.map(({ id }) => id)]);
        const named = alternatives.map(({ logprob }, i) => ({ text: names[i]!, logprob }));
        yield { text, tokens: [{ text: own!, logprob, alternatives: named }] };
      }
      yield { text: '', tokens: [], finish };
    } finally {
      left.abort();
    }
  }

  classify = (id: string, text: string): Promise<LabelShare[]> =>
    mended(async () => {
      await using classifier = await this.#promptune.createClassifier(await this.#ready(id));
      const [found] = await classifier.classify([text]);
      return Object.entries(found!.probabilities)
        .map(([label, share]) => ({ label, share }))
        .sort((a, b) => b.share - a.share);
    });

  #model(name: string, onProgress?: (progress: DownloadProgress) => void): Promise<Opened> {
    const known = this.#models.get(name);
    if (known) return known;
    const opening = mended(() => this.#promptune.fromPretrained(name, { onProgress }));
    opening.catch(() => this.#models.delete(name));
    this.#models.set(name, opening);
    return opening;
  }

  #ready(id: string): Promise<Ready> {
    const known = this.#adapters.get(id);
    if (known) return known;
    const opening = this.#load(id);
    opening.catch(() => this.#adapters.delete(id));
    this.#adapters.set(id, opening);
    return opening;
  }

  async #load(id: string): Promise<Ready> {
    const given = this.tab.isAdded(id) ? await this.#storage.file(`adapters/${id}`) : undefined;
    const name = given ? miniName : String((await this.#record(id)).config.model);
    const opened = await this.#model(name);
    return { ...opened, adapter: await this.#promptune.loadAdapter(given ?? id, opened.model) };
  }

  #openedFor = (id: string): Promise<Opened> => (id === miniName ? this.#model(id) : this.#ready(id));

  #generator(id: string): Promise<RemoteTextGenerator> {
    const known = this.#generators.get(id);
    if (known) return known;
    const creating = this.#openedFor(id).then((opened) => this.#promptune.createTextGenerator(opened));
    creating.catch(() => this.#generators.delete(id));
    this.#generators.set(id, creating);
    return creating;
  }

  /** Lets go of what a run's adapter was loaded into. */
  async #leave(id: string): Promise<void> {
    const [generator, ready] = [this.#generators.get(id), this.#adapters.get(id)];
    this.#generators.delete(id);
    this.#adapters.delete(id);
    await (await generator)?.dispose();
    await (await ready)?.adapter.dispose();
  }

  /** The configuration with the files that `data` and `validation` name. */
  async #withFiles(config: Readonly<Record<string, unknown>>): Promise<Training> {
    const fileOf = async (path: unknown) => {
      if (String(path).startsWith('hf:')) throw problemAt('config.data', t().tab.hubData);
      const file = typeof path === 'string' ? await this.#storage.file(path) : undefined;
      if (!file) throw problemAt('config.data', t().tab.fileGone(String(path)));
      return file;
    };
    const { data, validation, ...rest } = config;
    const isNumber = validation === undefined || typeof validation === 'number';
    return {
      ...rest,
      data: await Promise.all([data].flat().map(fileOf)),
      ...(validation !== undefined && {
        validation: isNumber ? validation : await Promise.all([validation].flat().map(fileOf)),
      }),
    } as Training;
  }
}

type Training = Omit<Parameters<Promptune['trainAdapter']>[0], 'model' | 'tokenizer'>;

const problemAt = (param: string, message: string) =>
  new BackendError(message, { problems: [{ param, message }], status: 400 });

function described(id: string, { adapter }: Ready): Adapter {
  const { method, numVirtualTokens, labels, isChat, template, fields, hasVectors, numSoftTokens } = adapter;
  const virtualTokens = numVirtualTokens + numSoftTokens;
  return {
    ...{ id, method, virtualTokens, chat: isChat, template, fields: [...fields], hasVectors },
    ...(labels && { labels: [...labels] }),
    hasAttention: virtualTokens > 0,
    loaded: new Date().toISOString(),
  };
}
