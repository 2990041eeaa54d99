/**
 * @file What the views ask for, whoever answers: the studio's server (`http.ts`) or this tab alone (`tab.ts`). Types of
 *   requests and answers are those of the server's API. A view has the backend by `getBackend()` (`context.ts`).
 *
 *   Every method rejects with a BackendError for what the user can mend, with its place in the request.
 */
import type {
  About,
  Adapters,
  Attention,
  AttentionText,
  DataCheck,
  DataReport,
  DeletedRun,
  Job,
  JobMessage,
  Jobs,
  MethodCosts,
  Methods,
  Metrics,
  Models,
  NewBenchmark,
  NewComparison,
  NewEvaluation,
  NewJob,
  Plan,
  Presets,
  PromptMap,
  Queue,
  Reports,
  Retried,
  Run,
  RunDetails,
  Runs,
  Serving,
  StoredData,
} from '../../../src/studio/api/index.js';
import type { Language } from '../messages/messages.svelte.js';

export type * from '../../../src/studio/api/index.js';

export interface Backend {
  /** `tab`: there is no server, so there are no reports and nothing is served. */
  readonly kind: 'server' | 'tab';

  /** Answers, and their errors, are in this language from now on. */
  speak(language: Language): void;

  about(): Promise<About>;
  models(): Promise<Models>;
  methods(): Promise<Methods>;
  methodCosts(): Promise<MethodCosts>;
  presets(): Promise<Presets>;

  /** Keeps a file, whose path `checkData` and `startJob` then take. */
  storeData(file: File): Promise<StoredData>;
  checkData(check: DataCheck, signal?: AbortSignal): Promise<DataReport>;

  /** What a job would do and cost. */
  plan(job: NewJob, signal?: AbortSignal): Promise<Plan>;
  startJob(job: NewJob): Promise<Job>;
  jobs(): Promise<Jobs>;
  job(id: string): Promise<Job>;
  /** What a job that trains was asked for. */
  jobRequest(id: string): Promise<NewJob>;
  /**
   * Messages of a job from the index `from` on, until it is over: those that were, then those that come. Connects again
   * when the connection is lost, so no message is missing or twice.
   */
  watchJob(id: string, from: number, signal: AbortSignal): AsyncGenerator<JobMessage>;
  /** Progress is saved. */
  stopJob(id: string): Promise<Job>;
  /** From its last checkpoint. */
  resumeJob(id: string): Promise<Job>;
  /** Takes it off the list; its run stays. */
  forgetJob(id: string): Promise<void>;

  runs(): Promise<Runs>;
  run(id: string): Promise<RunDetails>;
  /** '' removes the note. */
  noteRun(id: string, note: string): Promise<Run>;
  deleteRun(id: string): Promise<DeletedRun>;

  adapters(): Promise<Adapters>;
  promptMap(id: string): Promise<PromptMap>;
  attention(id: string, text: AttentionText, signal?: AbortSignal): Promise<Attention>;
  serving(): Promise<Serving>;

  /** Continues a text or answers messages, piece by piece. Whoever stops reading stops the generation. */
  generate(request: Generation, signal?: AbortSignal): AsyncGenerator<Piece>;
  /** The labels of a text by an adapter that has labels, the likeliest first. */
  classify(model: string, text: string, signal?: AbortSignal): Promise<LabelShare[]>;

  /** Told whether the server answers, whenever that changes. */
  onConnection?: (isThere: boolean) => void;

  /** What a server does beside learning. */
  readonly reporting?: Reporting;

  /** What a tab does that keeps everything itself. */
  readonly tab?: TabTools;
}

export interface Reporting {
  reports(): Promise<Reports>;
  metrics(): Promise<Metrics>;
  /** Each starts a job that writes a report. */
  evaluate(request: NewEvaluation): Promise<Job>;
  compare(request: NewComparison): Promise<Job>;
  benchmark(request: NewBenchmark): Promise<Job>;
  /** Where `about` says that there is one. */
  queue(): Promise<Queue>;
  retryQueue(): Promise<Retried>;
}

export interface TabTools {
  /** What is less than it could be, and why, such as threads. */
  notes(): Promise<readonly string[]>;
  /** What it learns on. */
  readonly device: 'cpu' | 'webgpu';
  /** Whether the user asked for the CPU. Without that it is the GPU where there is one. */
  readonly isOnCpuAlone: boolean;
  /** Holds when the page is opened again. */
  useCpuAlone(isAlone: boolean): void;
  /** Keeps an adapter from elsewhere: a zip of PEFT's files. */
  addAdapter(file: File): Promise<void>;
  removeAdapter(id: string): Promise<void>;
  /** Whether it is no run's. */
  isAdded(id: string): boolean;
  /** The adapter's files, for Node.js and for PEFT in Python. */
  adapterZip(id: string): Promise<Blob>;
  /** What a model of the Hub, or at an address, takes. Downloads nothing. */
  estimateModel(name: string): Promise<ModelEstimate>;
  /** Downloads a model into this site's storage. A download that was interrupted goes on. */
  fetchModel(name: string, signal: AbortSignal): AsyncGenerator<DownloadProgress>;
  deleteModel(name: string): Promise<void>;
}

export interface ModelEstimate {
  readonly isStored: boolean;
  /** Each is undefined where nobody says. */
  readonly downloadBytes?: number;
  readonly memoryBytes?: number;
  readonly freeBytes?: number;
}

export interface DownloadProgress {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes?: number;
}

export interface Generation {
  /** The id of an adapter, or of the model itself. */
  readonly model: string;
  /** A text, or messages. */
  readonly input: string | readonly Message[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface Piece {
  /** May be empty. */
  readonly text: string;
  readonly tokens: readonly PieceToken[];
  /** With the last piece: `stop`, or `length` if it could have gone on. */
  readonly finish?: 'stop' | 'length';
}

export interface PieceToken {
  readonly text: string;
  readonly logprob: number;
  /** The likeliest tokens at its place, itself among them if it is one. */
  readonly alternatives: readonly { readonly text: string; readonly logprob: number }[];
}

export interface LabelShare {
  readonly label: string;
  /** From 0 to 1. */
  readonly share: number;
}

export class BackendError extends Error {
  override readonly name = 'BackendError';
  /** Places in the request, such as `config.learningRate`. */
  readonly problems: readonly { readonly param: string; readonly message: string }[];
  /** Of HTTP; undefined for what no server said. */
  readonly status: number | undefined;

  constructor(
    message: string,
    { problems = [], status }: { problems?: BackendError['problems']; status?: number } = {},
  ) {
    super(message);
    this.problems = problems;
    this.status = status;
  }
}

/** There was no answer. */
export class UnreachableError extends BackendError {}
