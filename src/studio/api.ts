/**
 * @file The studio's API below `/studio/api`: a schema for every request and answer, from which the types follow. The
 *   page imports the types alone.
 *
 * - Ids are paths in the studio's folder, with `/`. In an address they are one segment: `encodeURIComponent(id)`.
 * - Every request but GET has the content type `application/json`, also without a body.
 * - With keys, every request has `Authorization: Bearer <key>`, of a key with `"studio": true`.
 * - Errors have the body `{error: {message, param, code}}`, as those of the API of OpenAI on the same port. `param` is
 *   the place of the problem in the body, such as `config.learningRate`; `problems` lists all of them.
 *
 * | route | request | answer |
 * |---|---|---|
 * | `GET about` | | `About` |
 * | `GET models` | | `Models` |
 * | `GET methods` | | `Methods` |
 * | `GET methods/costs` | | `MethodCosts` |
 * | `GET presets` | | `Presets` |
 * | `POST data` | `NewData` | `StoredData` |
 * | `POST data/check` | `DataCheck` | `DataReport` |
 * | `GET metrics` | | `Metrics` |
 * | `GET jobs` | | `Jobs` |
 * | `POST jobs` | `NewJob` | `Job` |
 * | `POST jobs/plan` | `NewJob` | `Plan` |
 * | `GET jobs/{id}` | | `Job` |
 * | `GET jobs/{id}/request` | | `NewJob`, as training was asked for |
 * | `GET jobs/{id}/events?from=N` | | a stream of `JobMessage` |
 * | `POST jobs/{id}/stop`, `POST jobs/{id}/resume` | | `Job` |
 * | `DELETE jobs/{id}` | | `Done` |
 * | `GET runs` | | `Runs` |
 * | `GET runs/{id}` | | `RunDetails` |
 * | `PATCH runs/{id}` | `RunChange` | `Run` |
 * | `DELETE runs/{id}` | | `DeletedRun` |
 * | `GET reports` | | `Reports` |
 * | `POST reports/evaluate` | `NewEvaluation` | `Job` |
 * | `POST reports/compare` | `NewComparison` | `Job` |
 * | `POST reports/benchmark` | `NewBenchmark` | `Job` |
 * | `GET adapters` | | `Adapters` |
 * | `GET adapters/{id}/prompt` | | `PromptMap` |
 * | `POST adapters/{id}/attention` | `AttentionText` | `Attention` |
 * | `GET serving` | | `Serving` |
 * | `GET queue` | | `Queue` |
 * | `POST queue/retry` | | `Retried` |
 */
import * as z from 'zod';
import type { JobEvent } from '../workspace/index.js';

/** Where the API is, on the server's port. */
export const apiPath = '/studio/api';

const jsonValues = z.record(z.string(), z.unknown());
/** A JSON Schema, for a form. */
const jsonSchema = z.record(z.string(), z.unknown());
/** A time as ISO 8601. */
const time = z.string();
const count = z.int().nonnegative();

// About

export const aboutSchema = z.object({
  version: z.string(),
  /** The model that is served, and that is learned on unless a job names another. */
  model: z.object({
    id: z.string(),
    family: z.string(),
    parameters: count,
    layers: count,
    hiddenSize: count,
    /** Positions of its context. */
    maxLength: count,
    vocabSize: count,
    hasChatTemplate: z.boolean(),
    /** Whether it writes texts. If not, it labels them with a head. */
    writes: z.boolean(),
  }),
  /** The studio's folder, whose runs and adapters it shows, as it was given. */
  folder: z.string(),
  device: z.string(),
  /** Where the API of OpenAI is, such as `http://127.0.0.1:8080/v1`. */
  address: z.string(),
  /** Whether requests need a key. */
  needsKey: z.boolean(),
  /** Whether there is a queue of works to show. */
  hasQueue: z.boolean(),
});
export type About = z.output<typeof aboutSchema>;

// Models, methods, presets

/** The models on this machine: the embedded one, and those of the Hugging Face cache. */
export const modelsSchema = z.object({
  models: z.array(
    z.object({
      /** What a job calls it. */
      name: z.string(),
      family: z.string().optional(),
      /** The type of most of its weights, such as `float16`. */
      dtype: z.string().optional(),
      bytes: count,
      /** Whether it is the one that is served. */
      isServed: z.boolean(),
      /** Why it cannot be used. */
      problem: z.string().optional(),
    }),
  ),
});
export type Models = z.output<typeof modelsSchema>;

export const methodsSchema = z.object({
  methods: z.array(
    z.object({
      /** The value of `config.method`, such as `prompt-tuning`. */
      name: z.string(),
      /** One line about it. */
      summary: z.string(),
      /** JSON Schema of `config.methodOptions`, with defaults and descriptions. */
      options: jsonSchema,
      /** For the served model. */
      defaultLearningRate: z.number(),
      /** Whether PEFT loads its adapters. */
      isInPeft: z.boolean(),
      /** Whether it needs a task with a head. */
      needsHead: z.boolean(),
      /** Whether it saves a whole model, which is not served beside the present one. */
      savesModel: z.boolean(),
      /** Why the served model does not support it. */
      problem: z.string().optional(),
    }),
  ),
  /** JSON Schema of the other keys of `config`: how data is read and how it is trained. */
  settings: jsonSchema,
});
export type Methods = z.output<typeof methodsSchema>;
export type Method = Methods['methods'][number];

/**
 * How many parameters a method trains on the served model with its defaults, by its name. Missing are those that need
 * options, a head or all weights.
 */
export const methodCostsSchema = z.record(z.string(), count);
export type MethodCosts = z.output<typeof methodCostsSchema>;

/** Configurations with rows to start from: one per use, in English and Chinese. */
export const presetsSchema = z.object({
  presets: z.array(
    z.object({
      /** Such as `translate-en`. */
      name: z.string(),
      /** What it is for, and which fields its rows have, in its own language. */
      description: z.string(),
      language: z.enum(['en', 'zh']),
      /** Keys of `config`, without `data`. */
      config: jsonValues,
      /** Its rows, as a file of JSON lines. */
      rows: z.string(),
    }),
  ),
});
export type Presets = z.output<typeof presetsSchema>;
export type Preset = Presets['presets'][number];

// Data

/** A file's content, dropped or pasted, to be kept in the studio's folder. */
export const newDataSchema = z.strictObject({
  /** The file's name, whose ending says its format, such as `cats.csv`; pasted JSON lines are `pasted.jsonl`. */
  name: z.string().min(1).max(200),
  /** Its text; or with `base64`, its bytes. */
  content: z.string(),
  base64: z.boolean().optional(),
});
export type NewData = z.input<typeof newDataSchema>;

export const storedDataSchema = z.object({
  /** What `config.data` calls it: a path in the studio's folder. The same content has the same path. */
  path: z.string(),
  bytes: count,
});
export type StoredData = z.output<typeof storedDataSchema>;

export const dataCheckSchema = z.strictObject({
  /** Default: the served model. */
  model: z.string().optional(),
  /** As in `NewJob`: `data`, and whatever else is set. What matters is how data is read, the method and the task. */
  config: jsonValues,
  /** How many examples to show, from the whole file. */
  examples: z.int().min(0).max(50).default(5),
});
export type DataCheck = z.input<typeof dataCheckSchema>;

const lengthsSchema = z.object({
  min: count,
  median: count,
  p90: count,
  p99: count,
  max: count,
  /** Examples by their number of tokens: each bar up to and including `upTo`. */
  histogram: z.array(z.object({ upTo: count, count })),
});

export const tokenSchema = z.object({
  /** Undefined for a learned vector within the text. */
  id: count.optional(),
  /** Its part of the text. Empty where a character has several tokens, except at the last of them. */
  text: z.string(),
  /** Whether it is trained on. */
  isTarget: z.boolean(),
  /** What is learned at it, where that is not itself: the word at a mask. */
  target: z.string().optional(),
});

export const dataReportSchema = z.object({
  rows: count,
  /** The layout of the records, if it was recognized by their fields. */
  recognized: z.string().optional(),
  /** What is ignored in the records, such as fields that no template reads, in words. */
  notes: z.array(z.string()),
  /** The names of the fields of the first row, for a template. */
  fields: z.array(z.string()),
  /** Numbers of tokens, before truncation. Missing without an example. */
  lengths: lengthsSchema.optional(),
  /** Tokens that are trained on, in all. */
  targetTokens: count,
  /** Most tokens of an example. */
  maxLength: count,
  truncated: count,
  /** Too long and skipped. */
  dropped: count,
  duplicates: count,
  /** How often each label occurs, most frequent first. */
  labels: z.array(z.object({ label: z.string(), count })).optional(),
  /** Fields that are empty in some rows, with the number of those rows. */
  emptyFields: z.array(z.object({ field: z.string(), count })),
  /** Rows that training would refuse: how many, and what is wrong with the first of them. */
  faults: z.object({ count, messages: z.array(z.string()) }),
  examples: z.array(
    z.object({
      /** From 1. */
      row: count,
      tokens: z.array(tokenSchema),
      /** Its tokens before truncation. */
      length: count,
      isTruncated: z.boolean(),
      /** What a user would give the adapter to get what the row has: a text, or a JSON object of fields. */
      input: z.string().optional(),
    }),
  ),
});
export type DataReport = z.output<typeof dataReportSchema>;
export type Token = z.output<typeof tokenSchema>;

// Jobs

/** A run to start. */
export const newJobSchema = z.strictObject({
  /** The run's name: a new folder in the studio's. It is the id of the run and of its adapter as well. */
  run: z.string().min(1).max(200),
  /** Default: the served model, the only one whose adapters can be tried here at once. */
  model: z.string().optional(),
  /** As in a configuration file: `data`, `method`, `methodOptions`, `learningRate`, `samplePrompts` … */
  config: jsonValues,
  /** First choose learning rate, length and start by short runs. */
  auto: z.boolean().optional(),
  /** Delete the run that has this name. */
  overwrite: z.boolean().optional(),
});
export type NewJob = z.input<typeof newJobSchema>;

/**
 * `waiting`: for the job before it. `running`. `done`. `stopped`: by `stop`. `failed`: see `error`. `interrupted`: the
 * server or the machine ended while it ran. What stopped, failed or was interrupted can be resumed: training from its
 * last checkpoint, a comparison from its last cell, others from their beginning.
 */
export const jobStateSchema = z.enum(['waiting', 'running', 'done', 'stopped', 'failed', 'interrupted']);
export type JobState = z.output<typeof jobStateSchema>;

export const jobTypes = ['train', 'evaluate', 'compare', 'benchmark'] as const;
export type JobType = (typeof jobTypes)[number];

export const jobSchema = z.object({
  id: z.string(),
  type: z.enum(jobTypes),
  /** Of the run that it trains, or of its report. */
  name: z.string(),
  model: z.string(),
  /** What is trained. */
  method: z.string().optional(),
  /** The id of the report that it writes. */
  report: z.string().optional(),
  state: jobStateSchema,
  created: time,
  /** When it came to its present state. */
  changed: time,
  /** Steps that it has trained; of a comparison or a benchmark, parts that are done; of an evaluation, rows. */
  step: count,
  /** 0 until it is known. */
  totalSteps: count,
  /** What happened, in words, where it failed or was interrupted. */
  error: z.string().optional(),
  /** How many messages it has so far. */
  messages: count,
});
export type Job = z.output<typeof jobSchema>;

export const jobsSchema = z.object({
  /** The newest first. */
  jobs: z.array(jobSchema),
});
export type Jobs = z.output<typeof jobsSchema>;

/**
 * An event of `jobs/{id}/events`, as JSON in `data:`. A page that was reloaded continues at the index after the last
 * that it has. The stream ends (`data: [DONE]`) when the job is over. Steps after that of a `resumed` event are void.
 */
export const jobMessageSchema = z.object({
  index: count,
  time,
  event: z.custom<JobEvent | { type: 'state'; state: JobState; error?: string }>(),
});
export type JobMessage = z.output<typeof jobMessageSchema>;

/** What a job would do and cost, without starting it. */
export const planSchema = z.object({
  /** The complete configuration, with what follows from model and data. */
  config: jsonValues,
  trainableParameters: count,
  /** What it starts from, in words. */
  initialization: z.string(),
  examples: count,
  validationExamples: count,
  totalSteps: count,
  stepsPerEpoch: count,
  /** Memory of a step besides the model's weights. */
  memoryBytes: count,
  /** Size of the adapter's file. */
  adapterBytes: count,
  warnings: z.array(z.string()),
});
export type Plan = z.output<typeof planSchema>;

export const doneSchema = z.object({ done: z.literal(true) });
export type Done = z.output<typeof doneSchema>;

// Runs

export const runSchema = z.object({
  id: z.string(),
  model: z.string(),
  method: z.string(),
  /** `running`: a process works on it. `stopped`: it can be resumed. */
  state: z.enum(['running', 'done', 'stopped early', 'stopped']),
  steps: count,
  /** Mean over the last ten steps. */
  loss: z.number().optional(),
  bestValidationLoss: z.number().optional(),
  /** Time of its steps, without validation and loading. */
  seconds: z.number().optional(),
  note: z.string().optional(),
  /** Whether it has an adapter or model to use. */
  isUsable: z.boolean(),
  /** The job that works on it, if there is one. */
  job: z.string().optional(),
});
export type Run = z.output<typeof runSchema>;

/** A run that cannot be read, with the reason. */
export const runsSchema = z.object({
  runs: z.array(runSchema),
  unreadable: z.array(z.object({ id: z.string(), problem: z.string() })),
});
export type Runs = z.output<typeof runsSchema>;

/** One column per metric, and the steps at which it has values. */
const curveSchema = z.object({ steps: z.array(count), values: z.array(z.number().nullable()) });

export const runDetailsSchema = runSchema.extend({
  /** Its rows, as `config.data` of a job takes them. Missing where they are not in the studio's folder. */
  data: z.string().optional(),
  /** As in its config.yaml. */
  config: jsonValues,
  curves: z.object({
    loss: curveSchema,
    validationLoss: curveSchema,
    learningRate: curveSchema,
    gradNorm: curveSchema,
    tokensPerSecond: curveSchema,
  }),
  /** What it wrote in training, for each of `samplePrompts`. At step 0, before it learned. */
  samples: z.array(
    z.object({ step: count, samples: z.array(z.object({ prompt: z.string(), text: z.string() })) }),
  ),
});
export type RunDetails = z.output<typeof runDetailsSchema>;

export const runChangeSchema = z.strictObject({
  /** '' removes it. */
  note: z.string().max(10_000),
});
export type RunChange = z.input<typeof runChangeSchema>;

export const deletedRunSchema = z.object({
  /** Names of files in its folder that are not the run's, and stay. */
  left: z.array(z.string()),
});
export type DeletedRun = z.output<typeof deletedRunSchema>;

/** Pages that `eval`, `compare` and `benchmark` wrote into the studio's folder. */
export const reportsSchema = z.object({
  reports: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      changed: time,
      /** Where to show it: the address of a frame, which needs no key, valid as long as the server runs. */
      address: z.string(),
    }),
  ),
});
export type Reports = z.output<typeof reportsSchema>;

/** What answers can be scored by. */
export const metricsSchema = z.object({
  metrics: z.array(
    z.object({
      name: z.string(),
      /** What it compares: generated texts, labels, the probabilities of labels, or the data itself. */
      needs: z.enum(['texts', 'labels', 'probabilities', 'data']),
      better: z.enum(['higher', 'lower']),
    }),
  ),
});
export type Metrics = z.output<typeof metricsSchema>;

/** The name of a report to write, which is new. */
const reportName = z.string().min(1).max(200);

/** Answers of adapters to rows, scored beside those of the model alone. */
export const newEvaluationSchema = z.strictObject({
  name: reportName,
  /** Default: the served model. */
  model: z.string().optional(),
  /** Their ids. Several are combined; none: the model alone. */
  adapters: z.array(z.string()).max(16),
  /** As `config.data` of a job. */
  data: z.string(),
  /** How the rows are read, as keys of a run. Default: as the adapter notes. */
  reading: jsonValues.optional(),
  answers: z.strictObject({
    /** Default: those of labels, for a head or with `labels`. */
    metrics: z.array(z.string()).optional(),
    /** Choose the most likely of these instead of generating. */
    labels: z.array(z.string()).optional(),
    /** The field of the right answer. Default: the completion. */
    referenceField: z.string().optional(),
    generation: jsonValues.optional(),
  }),
});
export type NewEvaluation = z.input<typeof newEvaluationSchema>;

/** Methods × seeds × sizes on the same rows; its runs are in the folder of its name. */
export const newComparisonSchema = z.strictObject({
  name: reportName,
  /** Default: the served model. */
  model: z.string().optional(),
  /** As in a configuration of `promptune compare`, without `model` and `output`. */
  config: jsonValues,
});
export type NewComparison = z.input<typeof newComparisonSchema>;

/** Prompts of text and learned ones on the same rows. */
export const newBenchmarkSchema = z.strictObject({
  name: reportName,
  /** Default: the served model. */
  model: z.string().optional(),
  /** As the options of `promptune benchmark`: `data`, `test`, `labelField`, `metrics`, `methods` … */
  config: jsonValues,
});
export type NewBenchmark = z.input<typeof newBenchmarkSchema>;

// Adapters

export const adaptersSchema = z.object({
  adapters: z.array(
    z.object({
      /** What `model` of a request to `/v1` calls it. */
      id: z.string(),
      method: z.string(),
      virtualTokens: count,
      /** The labels of one that classifies, by `/v1/classify`. */
      labels: z.array(z.string()).optional(),
      /** Whether it answers a user's message, by `/v1/chat/completions`. */
      chat: z.boolean(),
      /** What a text is put into before it is continued, with fields in braces or in Jinja. */
      template: z.string().optional(),
      /** The fields of `template`. */
      fields: z.array(z.string()),
      /** Whether `adapters/{id}/prompt` and `…/attention` can show it. */
      hasVectors: z.boolean(),
      hasAttention: z.boolean(),
      /** Data and progress, if its files say them. */
      training: z
        .object({
          steps: count,
          examples: count,
          data: z.array(z.string()),
          validationLoss: z.number().optional(),
        })
        .optional(),
      loaded: time,
      /** Such as that it was trained on another model. */
      note: z.string().optional(),
    }),
  ),
  /** Adapters in the folder that cannot be served with this model. */
  refused: z.array(z.object({ id: z.string(), problem: z.string() })),
});
export type Adapters = z.output<typeof adaptersSchema>;
export type Adapter = Adapters['adapters'][number];

const pointSchema = z.tuple([z.number(), z.number()]);
const neighborSchema = z.object({
  id: count,
  token: z.string(),
  similarity: z.number(),
  /** Euclidean. */
  distance: z.number(),
});

/** The vectors of a learned prompt, in the space of the model's embeddings. */
export const promptMapSchema = z.object({
  vectors: z.array(
    z.object({
      norm: z.number(),
      /** The tokens with the highest cosine similarity, nearest first. */
      nearest: z.array(neighborSchema),
      point: pointSchema,
      /** Where it was at steps of its training, the first at the start, the last at the end. */
      path: z.array(z.object({ step: count, point: pointSchema, distance: z.number() })),
    }),
  ),
  /** Euclidean distances between the vectors, n × n. */
  distances: z.array(z.array(z.number())),
  /** Cosine similarities of the vectors, n × n. */
  similarities: z.array(z.array(z.number())),
  /** Tokens on the same map: the nearest ones, and a sample of the vocabulary. */
  vocabulary: z.array(z.object({ id: count, token: z.string(), point: pointSchema, isNear: z.boolean() })),
  /** The share of the variance that each axis of the map has. */
  explained: pointSchema,
  /** Norms of the vocabulary's embeddings, to compare with: minimum, quartiles, maximum. */
  vocabularyNorms: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]),
  /** Why there is no path. */
  note: z.string().optional(),
});
export type PromptMap = z.output<typeof promptMapSchema>;

export const attentionTextSchema = z.strictObject({
  text: z.string().min(1).max(20_000),
  /** Put the text into the adapter's template or chat format, as in generation. Default true. */
  usesTemplate: z.boolean().default(true),
});
export type AttentionText = z.input<typeof attentionTextSchema>;

/** How much each token of a text attends to each virtual token, as mean over the heads of a layer. */
export const attentionSchema = z.object({
  tokens: z.array(z.object({ id: count, text: z.string() })),
  virtualTokens: count,
  /** By layer, then token, then virtual token: shares of 1 that the token divides among all that it sees. */
  layers: z.array(z.array(z.array(z.number()))),
});
export type Attention = z.output<typeof attentionSchema>;

// Serving

export const servingSchema = z.object({
  /** When the server started. */
  since: time,
  running: count,
  waiting: count,
  /** Share of the cache that running texts may take, from 0 to 1. */
  cacheUse: z.number(),
  /** Counts since the start. */
  totals: z.object({
    requests: count,
    promptTokens: count,
    newTokens: count,
    finished: count,
    cancelled: count,
    failed: count,
    rejected: count,
  }),
  /** The last five minutes, the oldest first. */
  history: z.array(
    z.object({
      time,
      /** Length of the interval. */
      seconds: z.number(),
      requests: count,
      newTokens: count,
      promptTokens: count,
      /** Medians of the interval's requests; missing without one. */
      firstTokenMs: z.number().optional(),
      ms: z.number().optional(),
    }),
  ),
  /** By model that was asked for since the start. */
  models: z.array(
    z.object({
      id: z.string(),
      isRunning: z.boolean(),
      isWaiting: z.boolean(),
      requests: count,
      newTokens: count,
    }),
  ),
});
export type Serving = z.output<typeof servingSchema>;

// A queue of works

/** Milliseconds since 1970. */
const moment = z.number();

export const queueSchema = z.object({
  queues: z.array(
    z.object({
      name: z.string(),
      waiting: count,
      running: count,
      /** By the workers that are there now. */
      done: count,
      /** Of works whose process died, which wait to be begun again. */
      lost: count,
      failed: count,
      workers: count,
      /** Estimated seconds until nothing waits or runs, if a worker has done something. */
      secondsLeft: z.number().optional(),
    }),
  ),
  /** Those that gave a sign of life in the last seconds. */
  workers: z.array(
    z.object({
      id: z.string(),
      host: z.string(),
      pid: count,
      /** The id of what its results' bits depend on: those of a class are the same. */
      machineClass: z.string(),
      /** When it started. */
      since: moment,
      done: count,
      /** What it has at hand, and how far that was some seconds ago. */
      job: z
        .object({
          label: z.string(),
          since: moment,
          stage: z.string().optional(),
          done: count.optional(),
          total: count.optional(),
          loss: z.number().optional(),
        })
        .optional(),
    }),
  ),
  failed: z.array(
    z.object({
      queue: z.string(),
      key: z.string(),
      label: z.string(),
      message: z.string(),
      at: moment.optional(),
    }),
  ),
});
export type Queue = z.output<typeof queueSchema>;

export const retriedSchema = z.object({ retried: count });
export type Retried = z.output<typeof retriedSchema>;

/** The body of an error. */
export const problemSchema = z.object({
  error: z.object({
    message: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
    /** All that is wrong with the request, by place. */
    problems: z.array(z.object({ param: z.string(), message: z.string() })).optional(),
  }),
});
export type ApiProblem = z.output<typeof problemSchema>;
