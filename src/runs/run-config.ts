/** @file The configuration of a run: its keys, defaults and validation. */
import * as z from 'zod';
import { methodSeparator } from '../attach/compose.js';
import { taskTypes } from '../attach/head.js';
import type { Method } from '../attach/method.js';
import { type Problem, UsageError } from '../errors.js';
import { type PreferenceLoss, preferenceLossNames } from '../loss/preference.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import { methodNamed, methods } from '../methods/registry.js';
import { modelDtypes } from '../models/dtype.js';
import { nearestName, wrongName } from '../nearest-name.js';
import { say } from '../say.js';
import { schemaProblems, unknownKey } from '../schema-problems.js';
import { dataSchema, filesSchema, heldOutSchema, valuesSchema } from '../text/data-config.js';
import {
  defaultOptimizer,
  deviceShape,
  optimizerSchema,
  scheduleSchema,
  trainingSchema,
} from '../training/config.js';
import { leastToSplit } from '../training/plan.js';
import { defaultStatesLimit } from './kept-states.js';
import { statePrecisions } from './state-store.js';

/** The method of configurations that name none. */
export const defaultMethod = promptTuning.name;

const learningRates = methods.map(({ name, defaultLearningRate, learningRateWidth }) => {
  const width = learningRateWidth === undefined ? '' : `·${learningRateWidth}/hiddenSize`;
  return `${defaultLearningRate}${width} for ${name}`;
});

/**
 * The configuration of a run, without model and folder. A description ends with the default if that is not a constant.
 */
export const runSchema = z.strictObject({
  data: filesSchema.meta({
    description: 'training data: .jsonl, .json, .csv, .tsv, .txt (also .gz), .parquet, or hf:owner/name',
    format: 'path',
  }),
  validation: z
    .union([z.string(), z.number().nonnegative()])
    .optional()
    .describe(
      'validation data: a file, or a fraction (below 1) or number of the training examples; 0: none (default: a tenth ' +
        `of ${leastToSplit} examples or more, at most 200)`,
    ),
  ...dataSchema.shape,
  packing: z
    .boolean()
    .default(false)
    .describe('pack texts into rows of maxLength tokens, splitting longer ones'),
  loss: z
    .enum(['cross-entropy', ...preferenceLossNames])
    .optional()
    .describe(
      'what is minimized: the cross-entropy of the completion, or for rows with the answers `chosen` and `rejected` ' +
        'dpo or orpo (default: cross-entropy)',
    ),
  beta: z
    .number()
    .positive()
    .optional()
    .describe(
      'β: with dpo (Rafailov et al. 2023), how close to the frozen model the answers stay; with orpo (Hong et al. 2024), ' +
        'the weight of the odds ratio (default: 0.1)',
    ),
  taskType: z.enum(taskTypes).default('causal-lm').describe('task to train for'),
  labels: z
    .array(z.string().min(1))
    .min(2)
    .optional()
    .describe('labels of a head, in order (default: those of the data)'),
  method: z
    .string()
    .default(defaultMethod)
    .meta({
      description: `method: ${methods.map(({ name }) => name).join(', ')}; join several by + to train them together`,
      format: 'name',
    }),
  methodOptions: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      'options of the method; with several methods, options for all that have them, or for one under its name',
    ),
  ...trainingSchema.shape,
  learningRate: trainingSchema.shape.learningRate
    .optional()
    .describe(
      `peak learning rate (default: ${learningRates.join(', ')}; with several methods the highest, ` +
        'keeping their ratios)',
    ),
  lowMemory: z
    .boolean()
    .optional()
    .describe('compute the layers again in the backward pass: less memory, longer steps (default: do not)'),
  keptStates: z
    .enum(['none', ...statePrecisions])
    .optional()
    .describe(
      "precision of the frozen layers' hidden states that are kept between epochs, where that saves work (default: fp32)",
    ),
  keptStatesLimit: z
    .number()
    .nonnegative()
    .optional()
    .describe(`largest size of the kept states in MB (default: ${defaultStatesLimit})`),
  samplePrompts: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'prompts to continue before the first step, every sampleEvery steps and at the end; ' +
        'a JSON object for a template with several fields (default: none)',
    ),
  sampleEvery: z
    .int()
    .positive()
    .optional()
    .describe('steps between two continuations of samplePrompts (default: as for validations)'),
  traceEvery: z
    .int()
    .positive()
    .optional()
    .describe(
      "steps between two snapshots of a prompt's vectors, which show how they moved (default: none); " +
        'methods without such vectors keep none',
    ),
  tensorboard: z
    .boolean()
    .default(false)
    .describe("also write TensorBoard event files into the run's folder"),
  ...deviceShape,
  // The last two are stored so that a resumed run uses the same model.
  revision: z.string().optional().meta({
    description: "the model's branch, tag or commit on the Hub (default: main)",
    format: 'name',
  }),
  dtype: z
    .enum(modelDtypes)
    .optional()
    .describe("precision of the model's matrices in memory (default: auto, as stored)"),
});
export type RunConfig = z.input<typeof runSchema>;

/** The same with data as values. */
const runOptionsSchema = runSchema.extend({
  data: valuesSchema,
  validation: heldOutSchema.optional(),
});
export type RunOptions = z.input<typeof runOptionsSchema>;
export type ResolvedRunConfig = z.output<typeof runOptionsSchema>;

/**
 * Checks a configuration, including the method's options.
 * @param schema `runSchema`, or one with more keys
 * @param own methods besides those of the registry
 */
export function configProblems(
  config: Readonly<Record<string, unknown>>,
  schema: z.ZodObject = runSchema,
  own: readonly Method[] = [],
): Problem[] {
  const { method = defaultMethod, methodOptions = {} } = config;
  const known = methodOrProblem(method, own);
  const describeUnknown = (key: string, [part]: readonly PropertyKey[]) =>
    part === undefined
      ? unknownTopKey(key, config, schema, known)
      : unknownKey(key, keysIn(part, config, known));
  const problems = schemaProblems(schema, config, describeUnknown);
  if (Number(config.earlyStoppingPatience) > 0 && config.validation === 0)
    problems.push({ path: ['earlyStoppingPatience'], message: say`requires validation data` });
  const hasHead = config.taskType !== undefined && config.taskType !== 'causal-lm';
  if (config.labels !== undefined && !hasHead)
    problems.push({ path: ['labels'], message: say`requires a task with a head; set taskType` });
  if (config.labelField !== undefined && !hasHead && config.verbalizer === undefined)
    problems.push({
      path: ['labelField'],
      message: say`requires a task with a head, or a verbalizer; set taskType or verbalizer`,
    });
  if (config.verbalizer !== undefined && hasHead) {
    if (config.taskType !== 'sequence-classification')
      problems.push({
        path: ['verbalizer'],
        message: say`a head can start from words only for labels of texts (sequence-classification); use
            one of the two`,
      });
    if (config.labels !== undefined)
      problems.push({ path: ['labels'], message: say`the verbalizer has the labels; leave them out` });
  }
  if (config.labels !== undefined && config.taskType === 'question-answering')
    problems.push({ path: ['labels'], message: say`answers are texts and have no labels` });
  problems.push(...preferenceProblems(config));
  if (config.packing === true && hasHead)
    problems.push({ path: ['packing'], message: say`texts with labels cannot be packed into rows` });
  if (config.samplePrompts !== undefined && hasHead)
    problems.push({
      path: ['samplePrompts'],
      message: say`a head labels texts and continues none; leave it out`,
    });
  if (config.sampleEvery !== undefined && config.samplePrompts === undefined)
    problems.push({ path: ['sampleEvery'], message: say`requires samplePrompts` });
  if (typeof known !== 'string' && known.needsHead && !hasHead)
    problems.push({
      path: ['taskType'],
      message: say`${known.name} trains the head of a task; set a task that has one`,
    });
  if (typeof known === 'string')
    return [...problems.filter(({ path }) => path[0] !== 'method'), { path: ['method'], message: known }];
  if (problems.some(({ path }) => path[0] === 'methodOptions')) return problems;
  const ofMethod = schemaProblems(known.schema, methodOptions, (key) =>
    describeUnknown(key, ['methodOptions']),
  );
  return [
    ...problems,
    ...ofMethod.map((problem) => ({ ...problem, path: ['methodOptions', ...problem.path] })),
  ];
}

/** What a loss over pairs of answers cannot be combined with. */
function preferenceProblems(config: Readonly<Record<string, unknown>>): Problem[] {
  const { loss } = config;
  const isPreference = loss !== undefined && loss !== 'cross-entropy';
  if (!isPreference)
    return config.beta === undefined ? [] : [{ path: ['beta'], message: say`requires the loss dpo or orpo` }];
  const wrong = {
    packing: config.packing === true && say`pairs of answers cannot be packed into rows`,
    taskType:
      (config.taskType ?? 'causal-lm') !== 'causal-lm' && say`${loss} is for text, and a head scores labels`,
    trainOn:
      config.trainOn === 'all' &&
      say`${loss} compares answers, and both have the same prompt; use completion`,
    truncation:
      (config.truncation ?? 'prompt') !== 'prompt' &&
      say`${loss} needs both answers of a pair whole; use prompt`,
  };
  return Object.entries(wrong).flatMap(([key, message]) => (message ? [{ path: [key], message }] : []));
}

/** The loss over pairs of answers, if that is what the configuration asks for. */
export function preferenceOf({
  loss,
  beta = 0.1,
}: Pick<RunConfig, 'loss' | 'beta'>): PreferenceLoss | undefined {
  return loss === undefined || loss === 'cross-entropy' ? undefined : { name: loss, beta };
}

function methodOrProblem(name: unknown, own: readonly Method[]): Method | string {
  const known = [...own, ...methods].map((method) => method.name);
  const parts = typeof name === 'string' ? name.split(methodSeparator) : [];
  const wrong = parts.find((part) => !known.includes(part));
  if (wrong !== undefined) return wrongName(wrong, known);
  if (parts.length === 0) return say`expected one of ${known.join(', ')}, got ${JSON.stringify(name)}`;
  try {
    return methodNamed(parts.join(methodSeparator), own);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/**
 * Fills in the defaults of a configuration.
 * @param own methods besides those of the registry
 * @throws UsageError that names every invalid key
 */
export function resolveRunConfig(config: RunOptions, own: readonly Method[] = []): ResolvedRunConfig {
  const problems = configProblems(config, runOptionsSchema, own);
  if (problems.length > 0) throw new UsageError(problems);
  return runOptionsSchema.parse(config);
}

/**
 * Message about an unknown key. Keys of inner parts are often put at the top level, because their flags are.
 * @param method the configured method, or what is wrong with its name
 */
function unknownTopKey(
  key: string,
  config: Readonly<Record<string, unknown>>,
  schema: z.ZodObject,
  method: Method | string,
): string {
  const known = Object.keys(schema.shape);
  const inner = ['methodOptions', 'optimizer', 'schedule'].map(
    (part) => [part, keysIn(part, config, method)] as const,
  );
  const nearest = nearestName(key, [...known, ...inner.flatMap(([, keys]) => keys)]);
  const part = inner.find(([, keys]) => keys.includes(nearest ?? ''))?.[0];
  if (nearest === undefined || known.includes(nearest) || !part) return unknownKey(key, known);
  return say`the key is unknown; did you mean "${nearest}" under "${part}"?`;
}

/** The keys that an inner part of the configuration may have. */
function keysIn(
  part: PropertyKey,
  config: Readonly<Record<string, unknown>>,
  method: Method | string,
): string[] {
  if (part === 'schedule') return Object.keys(scheduleSchema.shape);
  if (part === 'optimizer') {
    const name = (config.optimizer as { name?: unknown } | undefined)?.name ?? defaultOptimizer;
    const schema = optimizerSchema.options.find(({ shape }) => shape.name.value === name);
    return Object.keys(schema?.shape ?? {});
  }
  return typeof method === 'string' ? [] : Object.keys(method.schema.shape);
}
