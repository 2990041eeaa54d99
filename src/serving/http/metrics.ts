/**
 * @file Metrics for Prometheus at `/metrics`: vLLM's names where the meaning is the same, `promptune:` otherwise.
 *   Labels are ids of models that are served, never arbitrary strings from requests.
 */
import type { Engine, EngineStats } from '../engine/engine.js';
import type { RequestObserver, RequestRecord, TextTimes } from './request-record.js';

/** vLLM's bounds, so that its dashboards can be used. In seconds, except for tokens. */
const buckets = {
  firstToken: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  ],
  betweenTokens: [
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  ],
  request: [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920],
  tokens: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
};

export class Metrics implements RequestObserver {
  readonly #engine: Engine;
  readonly #promptTokens = new Counter('vllm:prompt_tokens_total', 'Tokens of prompts.');
  readonly #newTokens = new Counter('vllm:generation_tokens_total', 'Tokens that were generated.');
  readonly #successes = new Counter('vllm:request_success_total', 'Texts that came to their end.');
  readonly #requests = new Counter(
    'promptune:http_requests_total',
    'Requests by the status of their answers.',
  );
  readonly #firstToken = new Histogram(
    'vllm:time_to_first_token_seconds',
    'Until the first token.',
    buckets.firstToken,
  );
  readonly #betweenTokens = new Histogram(
    'vllm:inter_token_latency_seconds',
    'Between two tokens of a text.',
    buckets.betweenTokens,
  );
  readonly #latency = new Histogram(
    'vllm:e2e_request_latency_seconds',
    'Until the end of a request.',
    buckets.request,
  );
  readonly #queued = new Histogram(
    'vllm:request_queue_time_seconds',
    'Until a text gets a row of the batch.',
    buckets.request,
  );
  readonly #prefilled = new Histogram(
    'vllm:request_prefill_time_seconds',
    'From then until its first token.',
    buckets.request,
  );
  readonly #decoded = new Histogram(
    'vllm:request_decode_time_seconds',
    'From its first token until its last.',
    buckets.request,
  );
  readonly #inferred = new Histogram(
    'vllm:request_inference_time_seconds',
    'From getting a row until its last token.',
    buckets.request,
  );
  readonly #promptLength = new Histogram(
    'vllm:request_prompt_tokens',
    'Tokens of the prompts of a request.',
    buckets.tokens,
  );
  readonly #newLength = new Histogram(
    'vllm:request_generation_tokens',
    'Tokens that a request generated.',
    buckets.tokens,
  );

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  token({ model }: RequestRecord, sincePrevious: number | undefined): void {
    const labels = { model_name: model! };
    this.#newTokens.add(labels);
    if (sincePrevious !== undefined) this.#betweenTokens.observe(labels, sincePrevious);
  }

  finished({ model }: RequestRecord, { submitted, admitted = submitted, first, last }: TextTimes): void {
    const labels = { model_name: model! };
    const seconds = (from: number, to: number) => (to - from) / 1000;
    this.#queued.observe(labels, seconds(submitted, admitted));
    this.#prefilled.observe(labels, seconds(admitted, first));
    this.#decoded.observe(labels, seconds(first, last));
    this.#inferred.observe(labels, seconds(admitted, last));
  }

  ended({ model, status, finishes, promptTokens, newTokens, firstTokenMs, ms }: RequestRecord): void {
    this.#requests.add({ status: String(status) });
    if (model === undefined) return;
    const labels = { model_name: model };
    this.#promptTokens.add(labels, promptTokens);
    for (const reason of finishes) this.#successes.add({ ...labels, finished_reason: reason });
    if (firstTokenMs !== undefined) this.#firstToken.observe(labels, firstTokenMs / 1000);
    if (status !== 200) return;
    this.#latency.observe(labels, ms / 1000);
    this.#promptLength.observe(labels, promptTokens);
    this.#newLength.observe(labels, newTokens);
  }

  /** In Prometheus' text format. */
  response(): Response {
    return new Response(this.text(), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
  }

  text(): string {
    const stats = this.#engine.stats();
    const { running, waiting, cancelled, failed, rejected, keptPrompts, keptPromptBytes } = stats;
    const lora = { max_lora: String(stats.maxLoras), ...slotNames(stats) };
    const gauge = (name: string, help: string, value: number) =>
      lines(name, 'gauge', help, [`${name} ${value}`]);
    const counter = (name: string, help: string, value: number) =>
      lines(name, 'counter', help, [`${name} ${value}`]);
    return [
      gauge('vllm:num_requests_running', 'Texts at work.', running),
      gauge('vllm:num_requests_waiting', 'Texts that wait for a row.', waiting),
      gauge('vllm:kv_cache_usage_perc', 'Share of the cache that running texts may take.', stats.cacheUse),
      lines('vllm:lora_requests_info', 'gauge', 'Adapters of running and waiting texts, at a time.', [
        `vllm:lora_requests_info{${written(lora)}} ${Date.now() / 1000}`,
      ]),
      gauge('promptune:models', 'Models that can be named.', this.#engine.models.size),
      gauge('promptune:kept_prompts', 'Learned prompts whose keys and values are ready.', keptPrompts),
      gauge('promptune:kept_prompt_bytes', 'Bytes of those keys and values.', keptPromptBytes),
      gauge('promptune:open_classifiers', 'Classifiers whose sessions are open.', stats.openClassifiers),
      counter('promptune:cancelled_total', 'Texts that their clients left.', cancelled),
      counter('promptune:failed_total', 'Texts that ended with an error.', failed),
      counter('promptune:rejected_total', 'Texts that were refused because too many waited.', rejected),
      ...[this.#promptTokens, this.#newTokens, this.#successes, this.#requests],
      ...[this.#firstToken, this.#betweenTokens, this.#latency],
      ...[this.#queued, this.#prefilled, this.#decoded, this.#inferred, this.#promptLength, this.#newLength],
    ]
      .map(String)
      .join('');
  }
}

const slotNames = ({ runningAdapters, waitingAdapters }: EngineStats) => ({
  running_lora_adapters: runningAdapters.join(),
  waiting_lora_adapters: waitingAdapters.join(),
});

type Labels = Readonly<Record<string, string>>;

class Counter {
  readonly #values = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  add(labels: Labels, amount = 1): void {
    const key = written(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  toString(): string {
    const values = [...this.#values].map(([labels, value]) => `${this.name}{${labels}} ${value}`);
    return lines(this.name, 'counter', this.help, values);
  }
}

class Histogram {
  /** For each set of labels: the counts per bucket (the last has no bound), and the sum of all values. */
  readonly #values = new Map<string, { counts: number[]; sum: number }>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly bounds: readonly number[],
  ) {}

  observe(labels: Labels, value: number): void {
    const key = written(labels);
    const own = this.#values.get(key) ?? { counts: new Array(this.bounds.length + 1).fill(0), sum: 0 };
    this.#values.set(key, own);
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    own.counts[bucket === -1 ? this.bounds.length : bucket]!++;
    own.sum += value;
  }

  toString(): string {
    const values = [...this.#values].flatMap(([labels, { counts, sum }]) => {
      let total = 0;
      const cumulative = counts.map((count, i) => {
        total += count;
        return `${this.name}_bucket{${labels},le="${this.bounds[i] ?? '+Inf'}"} ${total}`;
      });
      return [...cumulative, `${this.name}_sum{${labels}} ${sum}`, `${this.name}_count{${labels}} ${total}`];
    });
    return lines(this.name, 'histogram', this.help, values);
  }
}

const lines = (name: string, type: string, help: string, values: readonly string[]) =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values, ''].join('\n');

const written = (labels: Labels) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`)
    .join(',');
