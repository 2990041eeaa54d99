/** @file The studio's server: its API below /studio/api, and that of OpenAI on the same port. */

import type { Language } from '../messages/messages.svelte.js';
import type {
  About,
  Adapters,
  ApiProblem,
  Attention,
  AttentionText,
  Backend,
  DataCheck,
  DataReport,
  DeletedRun,
  Done,
  Generation,
  Job,
  JobMessage,
  Jobs,
  LabelShare,
  MethodCosts,
  Methods,
  Metrics,
  Models,
  NewBenchmark,
  NewComparison,
  NewData,
  NewEvaluation,
  NewJob,
  Piece,
  Plan,
  Presets,
  PromptMap,
  Queue,
  Reporting,
  Reports,
  Retried,
  Run,
  RunDetails,
  Runs,
  Serving,
  StoredData,
} from './backend.js';
import { BackendError, UnreachableError } from './backend.js';
import { serverEvents } from './server-events.js';

export interface HttpOptions {
  readonly key?: string;
  /** Of what the server says, until `speak` chooses another. */
  readonly language: Language;
  /** Of the server. Default: where the page is from. */
  readonly origin?: string;
}

/** Milliseconds before a lost connection is tried again: at first, and at most. */
const waits = { first: 500, most: 8000 };

/** Ids are paths, but one segment of an address. */
const segment = encodeURIComponent;

export class HttpBackend implements Backend {
  readonly kind = 'server';
  readonly #key: string | undefined;
  #language: Language;
  readonly #origin: string;
  #isThere = true;
  onConnection: ((isThere: boolean) => void) | undefined;

  constructor({ key, language, origin = location.origin }: HttpOptions) {
    this.#key = key;
    this.#language = language;
    this.#origin = origin;
  }

  speak(language: Language): void {
    this.#language = language;
  }

  about = () => this.#get<About>('about');
  models = () => this.#get<Models>('models');
  methodCosts = () => this.#get<MethodCosts>('methods/costs');
  methods = () => this.#get<Methods>('methods');
  presets = () => this.#get<Presets>('presets');

  async storeData(file: File): Promise<StoredData> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return this.#send<StoredData>('POST', 'data', {
      name: file.name,
      content: base64(bytes),
      base64: true,
    } satisfies NewData);
  }

  checkData = (check: DataCheck, signal?: AbortSignal) =>
    this.#send<DataReport>('POST', 'data/check', check, signal);

  plan = (job: NewJob, signal?: AbortSignal) => this.#send<Plan>('POST', 'jobs/plan', job, signal);
  startJob = (job: NewJob) => this.#send<Job>('POST', 'jobs', job);
  jobs = () => this.#get<Jobs>('jobs');
  job = (id: string) => this.#get<Job>(`jobs/${segment(id)}`);
  jobRequest = (id: string) => this.#get<NewJob>(`jobs/${segment(id)}/request`);
  stopJob = (id: string) => this.#send<Job>('POST', `jobs/${segment(id)}/stop`);
  resumeJob = (id: string) => this.#send<Job>('POST', `jobs/${segment(id)}/resume`);
  forgetJob = async (id: string) => void (await this.#send<Done>('DELETE', `jobs/${segment(id)}`));

  async *watchJob(id: string, from: number, signal: AbortSignal): AsyncGenerator<JobMessage> {
    let next = from;
    let wait = waits.first;
    while (!signal.aborted) {
      try {
        const response = await this.#fetch(`studio/api/jobs/${segment(id)}/events?from=${next}`, { signal });
        for await (const data of serverEvents(response.body!)) {
          wait = waits.first;
          if (data === '[DONE]') return;
          const message = JSON.parse(data) as JobMessage;
          next = message.index + 1;
          yield message;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof BackendError && !(error instanceof UnreachableError)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(waits.most, wait * 2);
    }
  }

  runs = () => this.#get<Runs>('runs');
  run = (id: string) => this.#get<RunDetails>(`runs/${segment(id)}`);
  noteRun = (id: string, note: string) => this.#send<Run>('PATCH', `runs/${segment(id)}`, { note });
  deleteRun = (id: string) => this.#send<DeletedRun>('DELETE', `runs/${segment(id)}`);

  readonly reporting: Reporting = {
    reports: () => this.#get<Reports>('reports'),
    metrics: () => this.#get<Metrics>('metrics'),
    evaluate: (request: NewEvaluation) => this.#send<Job>('POST', 'reports/evaluate', request),
    compare: (request: NewComparison) => this.#send<Job>('POST', 'reports/compare', request),
    benchmark: (request: NewBenchmark) => this.#send<Job>('POST', 'reports/benchmark', request),
    queue: () => this.#get<Queue>('queue'),
    retryQueue: () => this.#send<Retried>('POST', 'queue/retry'),
  };

  adapters = () => this.#get<Adapters>('adapters');
  promptMap = (id: string) => this.#get<PromptMap>(`adapters/${segment(id)}/prompt`);
  attention = (id: string, text: AttentionText, signal?: AbortSignal) =>
    this.#send<Attention>('POST', `adapters/${segment(id)}/attention`, text, signal);
  serving = () => this.#get<Serving>('serving');

  async *generate(request: Generation, signal?: AbortSignal): AsyncGenerator<Piece> {
    const { model, input, maxTokens, temperature, topP, topK, repetitionPenalty, seed, stop } = request;
    const isChat = typeof input !== 'string';
    const body = {
      model,
      ...(isChat ? { messages: input } : { prompt: input }),
      max_tokens: maxTokens,
      temperature,
      top_p: topP,
      top_k: topK,
      repetition_penalty: repetitionPenalty,
      seed,
      stop,
      stream: true,
      ...(isChat ? { logprobs: true, top_logprobs: 5 } : { logprobs: 5 }),
    };
    const path = isChat ? 'v1/chat/completions' : 'v1/completions';
    const response = await this.#fetch(path, { method: 'POST', body: JSON.stringify(body), signal });
    for await (const data of serverEvents(response.body!)) {
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data) as Chunk;
      if (chunk.error) throw new BackendError(chunk.error.message);
      const choice = chunk.choices[0];
      if (choice) yield pieceOf(choice);
    }
  }

  async classify(model: string, text: string, signal?: AbortSignal): Promise<LabelShare[]> {
    const body = JSON.stringify({ model, input: text });
    const [response, { adapters }] = await Promise.all([
      this.#fetch('v1/classify', { method: 'POST', body, signal }),
      this.adapters(),
    ]);
    const { data } = (await response.json()) as { data: { probs: number[] }[] };
    // The answer has shares in the order of the adapter's labels, without their names.
    const { labels = [] } = adapters.find(({ id }) => id === model) ?? {};
    return data[0]!.probs
      .map((share, i) => ({ label: labels[i] ?? String(i), share }))
      .sort((a, b) => b.share - a.share);
  }

  #get = async <T>(path: string): Promise<T> =>
    (await this.#fetch(`studio/api/${path}`)).json() as Promise<T>;

  async #send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await this.#fetch(`studio/api/${path}`, {
      method,
      signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return response.json() as Promise<T>;
  }

  #note(isThere: boolean): void {
    if (isThere === this.#isThere) return;
    this.#isThere = isThere;
    this.onConnection?.(isThere);
  }

  /** A good answer. Throws a BackendError for others, an UnreachableError where there is none. */
  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      'accept-language': this.#language,
      ...(init.method !== undefined && { 'content-type': 'application/json' }),
      ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
    };
    let response: Response;
    try {
      response = await fetch(`${this.#origin}/${path}`, { ...init, headers });
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      this.#note(false);
      throw new UnreachableError((error as Error).message);
    }
    this.#note(true);
    if (response.ok && !response.headers.get('content-type')?.startsWith('text/html')) return response;
    const status = response.ok ? 404 : response.status; // a page is no answer
    const problem = (await response.json().catch(() => undefined)) as ApiProblem | undefined;
    const { message = `HTTP ${status}`, param, problems } = problem?.error ?? {};
    throw new BackendError(message, {
      status,
      problems: problems ?? (param != null ? [{ param, message }] : []),
    });
  }
}

interface Chunk {
  readonly choices: readonly Choice[];
  readonly error?: { readonly message: string };
}

interface Choice {
  readonly text?: string;
  readonly delta?: { readonly content?: string | null };
  readonly finish_reason?: string | null;
  readonly logprobs?: {
    readonly tokens?: readonly string[];
    readonly token_logprobs?: readonly (number | null)[];
    readonly top_logprobs?: readonly (Readonly<Record<string, number>> | null)[];
    readonly content?: readonly ChatToken[] | null;
  } | null;
}

interface ChatToken {
  readonly token: string;
  readonly logprob: number;
  readonly top_logprobs?: readonly { readonly token: string; readonly logprob: number }[];
}

function pieceOf({ text, delta, finish_reason: finish, logprobs }: Choice): Piece {
  return {
    text: text ?? delta?.content ?? '',
    tokens: logprobs?.content
      ? logprobs.content.map(({ token, logprob, top_logprobs: top = [] }) => ({
          text: token,
          logprob,
          alternatives: top.map(({ token, logprob }) => ({ text: token, logprob })),
        }))
      : (logprobs?.tokens ?? []).map((text, i) => ({
          text,
          logprob: logprobs?.token_logprobs?.[i] ?? 0,
          alternatives: Object.entries(logprobs?.top_logprobs?.[i] ?? {})
            .map(([text, logprob]) => ({ text, logprob }))
            .sort((a, b) => b.logprob - a.logprob),
        })),
    ...(finish && { finish: finish === 'length' ? 'length' : 'stop' }),
  };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
