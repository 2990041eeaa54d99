/** @file What a comparison is asked to do: methods × seeds × sizes on one data set, and what each is scored by. */
import { z } from 'zod';
import { embeddedModel } from '../embedded-model.js';
import { UsageError } from '../errors.js';
import { labelMetrics } from '../evaluation/evaluate.js';
import { isLossMetric, metricNamed } from '../evaluation/metrics/registry.js';
import { type GenerationOptions, generationOptionsSchema } from '../generation/options.js';
import { type ConfigProblem, configProblems, type RunConfig, resolveRunConfig } from '../runs/run-config.js';

const name = z.string().regex(/^[\w+.-]+$/, 'expected a name of letters, digits and - _ . +');

/** The keys that a comparison has beside those of a run, which all methods share. */
const comparisonShape = {
  model: z.string().default(embeddedModel),
  /** The folder of the comparison: a run's folder for each cell, and the results. */
  output: z.string().min(1),
  /** The file that all are scored on. */
  test: z.string().min(1),
  /** What is compared: a method's name, or its name and settings of a run that are its own. */
  methods: z.array(z.union([name, z.looseObject({ name: name.optional(), method: z.string() })])).min(1),
  seeds: z.array(z.int().min(0)).min(1).default([0]),
  /** How many of the training examples, drawn by the seed. */
  sizes: z
    .array(z.union([z.int().positive(), z.literal('all')]))
    .min(1)
    .default(['all']),
  /** Names of metrics; for labels `accuracy`, `macro-f1`, `mcc` and `ece` by default. */
  metrics: z.array(z.string()).min(1).optional(),
  /** The field of the right answer in the test data. Default: the completion. */
  referenceField: z.string().min(1).optional(),
  generation: generationOptionsSchema.optional(),
  /** Whether the model as it is is scored as well. */
  untuned: z.boolean().default(true),
};
const comparisonSchema = z.looseObject(comparisonShape);

export interface ComparisonConfig {
  readonly model: string;
  readonly output: string;
  readonly test: string;
  readonly methods: readonly { readonly name: string; readonly config: RunConfig }[];
  readonly seeds: readonly number[];
  readonly sizes: readonly (number | 'all')[];
  readonly metrics: readonly string[];
  /** Labels to choose from by likelihood; a head's own are in the runs' configurations. */
  readonly labels?: readonly string[];
  readonly referenceField?: string;
  readonly generation: GenerationOptions;
  readonly untuned: boolean;
}

type Settings = Readonly<Record<string, unknown>>;

/** Checks a comparison's settings. Gives the problems instead, each with the path of the key that causes it. */
export function readComparison(settings: Settings): ComparisonConfig | ConfigProblem[] {
  const { data, error } = comparisonSchema.safeParse(settings);
  if (!data)
    return error.issues.map(({ path, message }) => ({
      path,
      message: message.replace(/^[\w ]+: (?=expected)/, ''),
    }));
  const common = Object.fromEntries(Object.entries(data).filter(([key]) => !(key in comparisonShape)));
  const problems: ConfigProblem[] = [];
  if ('seed' in common) problems.push({ path: ['seed'], message: 'a comparison has several; call it seeds' });
  if (Array.isArray(common.data) && data.sizes.some((size) => size !== 'all'))
    problems.push({ path: ['sizes'], message: 'parts are drawn from one data file; give one' });
  const hasHead = common.taskType !== undefined && common.taskType !== 'causal-lm';
  // Of a run without a head these labels are what the answer is chosen from, and no setting of the run.
  const labels = hasHead ? undefined : labelsOf(common.labels, problems);
  if (!hasHead) delete common.labels;
  const metrics = data.metrics ?? (hasHead || labels ? labelMetrics : undefined);
  if (!metrics)
    problems.push({
      path: ['metrics'],
      message: 'there are none to score texts by; name them, such as [rouge-l]',
    });
  for (const [i, metric] of (metrics ?? []).entries()) {
    try {
      if (!isLossMetric(metric)) metricNamed(metric);
    } catch (cause) {
      problems.push({ path: ['metrics', i], message: (cause as Error).message });
    }
  }
  const methods = data.methods.map((entry, i) => {
    const { name: own, ...overrides } = typeof entry === 'string' ? { method: entry } : entry;
    const config: Settings = { ...common, ...overrides };
    for (const problem of configProblems(config)) {
      const isOwn = typeof entry === 'object' && String(problem.path[0]) in overrides;
      problems.push({
        ...problem,
        path: isOwn || problem.path[0] === 'method' ? ['methods', i, ...problem.path] : problem.path,
      });
    }
    return { name: own ?? String(config.method), config: config as RunConfig };
  });
  const names = methods.map((method) => method.name);
  const twice = names.findIndex((one, i) => names.indexOf(one) < i);
  if (twice >= 0)
    problems.push({
      path: ['methods', twice],
      message: `there are two of the name "${names[twice]}"; give each a name of its own`,
    });
  if (problems.length > 0) return problems.filter((problem, i) => isFirst(problems, problem, i));
  const { model, output, test, seeds, sizes, referenceField, generation = {}, untuned } = data;
  return {
    model,
    output,
    test,
    methods,
    seeds,
    sizes,
    metrics: metrics!,
    labels,
    referenceField,
    generation,
    untuned,
  };
}

/** Throws a UsageError that names every key that is wrong. */
export function resolveComparison(settings: Settings): ComparisonConfig {
  const config = readComparison(settings);
  if (!Array.isArray(config)) return config as ComparisonConfig;
  throw new UsageError(config.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function labelsOf(labels: unknown, problems: ConfigProblem[]): string[] | undefined {
  if (labels === undefined) return undefined;
  const { data, error } = z.array(z.string().min(1)).min(2).safeParse(labels);
  if (error) problems.push({ path: ['labels'], message: 'expected a list of two names or more' });
  return data;
}

/** What is wrong with a setting that all methods share is told once. */
const isFirst = (problems: readonly ConfigProblem[], { path, message }: ConfigProblem, i: number) =>
  problems.findIndex((other) => other.path.join('.') === path.join('.') && other.message === message) === i;

/** A run's configuration of one cell, with its defaults. */
export const cellRunConfig = (config: RunConfig, seed: number) => resolveRunConfig({ ...config, seed });
