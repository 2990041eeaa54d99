/** @file The configuration of a comparison: methods × seeds × sizes on one data set, and their metrics. */
import * as z from 'zod';
import { embeddedModel } from '../embedded-model.js';
import { type Problem, UsageError } from '../errors.js';
import { labelMetrics } from '../evaluation/evaluate.js';
import { isLossMetric, metricNamed } from '../evaluation/metrics/registry.js';
import { type GenerationOptions, generationOptionsSchema } from '../generation/options.js';
import { configProblems, type RunConfig, resolveRunConfig } from '../runs/run-config.js';
import { say } from '../say.js';
import { parseOptions } from '../schema-problems.js';

const name = z.string().regex(/^[\w+.-]+$/, 'expected a name of letters, digits and - _ . +');

/** Keys of a comparison besides those of a run, which all methods share. */
const comparisonShape = {
  model: z.string().default(embeddedModel).meta({
    description: 'a folder, or a model of the Hugging Face Hub',
    format: 'path',
  }),
  output: z.string().min(1).meta({
    description: 'folder of all runs and of table.md, results.json and report.html',
    format: 'path',
  }),
  test: z.string().min(1).meta({ description: 'test file', format: 'path' }),
  methods: z
    .array(z.union([name, z.looseObject({ name: name.optional(), method: z.string() })]))
    .min(1)
    .describe('what to compare: names of methods, or objects with name, method and settings'),
  seeds: z.array(z.int().min(0)).min(1).default([0]).describe('such as [1, 2, 3] (default: [0])'),
  sizes: z
    .array(z.union([z.int().positive(), z.literal('all')]))
    .min(1)
    .default(['all'])
    .describe('numbers of training examples, drawn by the seed, such as [50, 200, all] (default: [all])'),
  metrics: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(`such as [rouge-l] (default: for labels ${labelMetrics.join(', ')})`),
  referenceField: z
    .string()
    .min(1)
    .optional()
    .describe('the field of the right answer in the test data (default: the completion)'),
  generation: generationOptionsSchema.optional().describe('how texts are generated'),
  untuned: z.boolean().default(true).describe('also score the untuned model, first'),
};
/** More keys are those of a run (see `runSchema`). */
export const comparisonSchema = z.looseObject(comparisonShape);

export interface ComparisonConfig {
  readonly model: string;
  readonly output: string;
  readonly test: string;
  readonly methods: readonly { readonly name: string; readonly config: RunConfig }[];
  readonly seeds: readonly number[];
  readonly sizes: readonly (number | 'all')[];
  readonly metrics: readonly string[];
  /** Labels to choose from by likelihood. Those of heads are in the runs' configurations. */
  readonly labels?: readonly string[];
  readonly referenceField?: string;
  readonly generation: GenerationOptions;
  readonly untuned: boolean;
}

export type Settings = Readonly<Record<string, unknown>>;

/**
 * A configuration with its defaults.
 * @throws UsageError with every invalid key
 */
export function resolveComparison(settings: Settings): ComparisonConfig {
  const data = parseOptions(comparisonSchema, settings);
  const common = Object.fromEntries(Object.entries(data).filter(([key]) => !(key in comparisonShape)));
  const problems: Problem[] = [];
  if ('seed' in common)
    problems.push({ path: ['seed'], message: say`a comparison has several seeds; use seeds` });
  if (Array.isArray(common.data) && data.sizes.some((size) => size !== 'all'))
    problems.push({ path: ['sizes'], message: say`samples are drawn from one data file; use only one` });
  const hasHead = common.taskType !== undefined && common.taskType !== 'causal-lm';
  // Without a head, labels are for choosing answers, not a setting of the run.
  const labels = hasHead ? undefined : labelsOf(common.labels, problems);
  if (!hasHead) delete common.labels;
  const metrics = data.metrics ?? (hasHead || labels ? labelMetrics : undefined);
  if (!metrics)
    problems.push({
      path: ['metrics'],
      message: say`expected names of metrics for texts, such as [rouge-l]`,
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
      message: say`the name "${names[twice]}" is repeated; use distinct names`,
    });
  if (problems.length > 0)
    throw new UsageError(problems.filter((problem, i) => isFirst(problems, problem, i)));
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

function labelsOf(labels: unknown, problems: Problem[]): string[] | undefined {
  if (labels === undefined) return undefined;
  const { data, error } = z.array(z.string().min(1)).min(2).safeParse(labels);
  if (error) problems.push({ path: ['labels'], message: say`expected a list of at least two names` });
  return data;
}

/** Reports a problem with a shared setting only once. */
const isFirst = (problems: readonly Problem[], { path, message }: Problem, i: number) =>
  problems.findIndex((other) => other.path.join('.') === path.join('.') && other.message === message) === i;

/** A run's configuration of one cell, with its defaults. */
export const cellRunConfig = (config: RunConfig, seed: number) => resolveRunConfig({ ...config, seed });
