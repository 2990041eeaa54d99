/** @file What a run is asked to do, in one configuration: its keys, their defaults, and what is wrong with one. */
import { z } from 'zod';
import { methodSeparator } from '../attach/compose.js';
import { taskTypes } from '../attach/head.js';
import type { Method } from '../attach/method.js';
import { UsageError } from '../errors.js';
import { methodNamed, methods } from '../methods/registry.js';
import { modelDtypes } from '../models/dtype.js';
import { nearestName } from '../nearest-name.js';
import { deviceNames } from '../runtime/index.js';
import { dataSchema, filesSchema } from '../text/data-config.js';
import { optimizerSchema, scheduleSchema, trainingSchema } from '../training/config.js';

/** All that a run is asked to do, apart from the model and where its folder is. */
export const runSchema = z.strictObject({
  /** Training data. */
  data: filesSchema,
  /** Validation data: a file, or a share (below 1) or number of the training examples. Default: none. */
  validation: z.union([z.string(), z.number().positive()]).optional(),
  ...dataSchema.shape,
  /** Puts examples together into rows of `maxLength` tokens, cutting those that are longer: for texts, as in pretraining. */
  packing: z.boolean().default(false),
  /** What is learned: to write texts, or with a head to label them, in PEFT's words. */
  taskType: z.enum(taskTypes).default('causal-lm'),
  /** The labels in the order of their numbers. Default: those of the training data. */
  labels: z.array(z.string().min(1)).min(2).optional(),
  /** One method, or several to train together, joined by "+". */
  method: z.string().default('prompt-tuning'),
  /** The method's own options. Of several methods: options of all that have them, or below a method's name of that one. */
  methodOptions: z.record(z.string(), z.unknown()).default({}),
  ...trainingSchema.shape,
  /** Default: what suits the method. */
  learningRate: trainingSchema.shape.learningRate.optional(),
  /** Writes TensorBoard's event files into the run's folder as well. */
  tensorboard: z.boolean().default(false),
  device: z.enum(deviceNames).default('cpu'),
  threads: z.int().positive().optional(),
  /** The model's revision on the Hub, kept so that a resumed run has the same model. */
  revision: z.string().optional(),
  /** In how many bits the model's matrices were kept, for the same reason. */
  dtype: z.enum(modelDtypes).optional(),
});
export type RunConfig = z.input<typeof runSchema>;
export type ResolvedRunConfig = z.output<typeof runSchema> & { learningRate: number };

/** Something wrong with a configuration. */
export interface ConfigProblem {
  /** The key that is wrong, from the outside in; empty for the configuration as a whole. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Checks a configuration, the method's options included.
 * @param schema `runSchema`, or one with further keys
 */
export function configProblems(
  config: Readonly<Record<string, unknown>>,
  schema: z.ZodObject = runSchema,
): ConfigProblem[] {
  const problemsIn = (part: z.ZodObject, value: unknown, place: string[]) => {
    const { error } = part.safeParse(value, { reportInput: true });
    return (error?.issues ?? []).flatMap((issue) => problemsOf(issue, place, config, schema));
  };
  const problems = problemsIn(schema, config, []);
  if (config.earlyStoppingPatience !== undefined && config.validation === undefined) {
    const message = 'it needs validation data, to tell when to stop';
    problems.push({ path: ['earlyStoppingPatience'], message });
  }
  const hasHead = config.taskType !== undefined && config.taskType !== 'causal-lm';
  if (config.labels !== undefined && !hasHead)
    problems.push({ path: ['labels'], message: 'only a task with a head has labels; set taskType' });
  if (config.labelField !== undefined && !hasHead && config.verbalizer === undefined)
    problems.push({
      path: ['labelField'],
      message: 'only a task with a head or a verbalizer has labels; set taskType or verbalizer',
    });
  if (config.verbalizer !== undefined && hasHead) {
    if (config.taskType !== 'sequence-classification')
      problems.push({
        path: ['verbalizer'],
        message:
          'a head starts from words where texts have labels (sequence-classification); take one of the two',
      });
    if (config.labels !== undefined)
      problems.push({ path: ['labels'], message: 'the verbalizer says which there are; leave them out' });
  }
  if (config.labels !== undefined && config.taskType === 'question-answering')
    problems.push({ path: ['labels'], message: 'answers are texts, and have no labels' });
  if (config.packing === true && hasHead)
    problems.push({ path: ['packing'], message: 'texts with labels cannot be put together into rows' });
  if (config.method === 'head-alone' && !hasHead)
    problems.push({
      path: ['taskType'],
      message: 'head-alone trains the head of a task; set one that has a head',
    });
  const { method = 'prompt-tuning', methodOptions = {} } = config;
  const known = methodOrProblem(method);
  if (typeof known === 'string')
    return [...problems.filter(({ path }) => path[0] !== 'method'), { path: ['method'], message: known }];
  if (problems.some(({ path }) => path[0] === 'methodOptions')) return problems;
  return [...problems, ...problemsIn(known.schema, methodOptions, ['methodOptions'])];
}

function methodOrProblem(name: unknown): Method | string {
  const parts = typeof name === 'string' ? name.split(methodSeparator) : [];
  const isKnown = parts.length > 0 && parts.every((part) => methods.some((method) => method.name === part));
  if (!isKnown)
    return `expected one of ${methods.map((method) => method.name).join(', ')}, got ${JSON.stringify(name)}`;
  try {
    return methodNamed(parts.join(methodSeparator));
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** Fills in the defaults. Throws a UsageError that names every key that is wrong. */
export function resolveRunConfig(config: RunConfig): ResolvedRunConfig {
  const problems = configProblems(config);
  if (problems.length > 0) {
    throw new UsageError(
      problems
        .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
        .join('; '),
    );
  }
  const { method = 'prompt-tuning' } = config;
  const learningRate = config.learningRate ?? methodNamed(method).defaultLearningRate;
  return { ...runSchema.parse({ ...config, learningRate }), learningRate };
}

/** @param place the path of the part that the issue is about */
function problemsOf(
  issue: z.core.$ZodIssue,
  place: readonly string[],
  config: Readonly<Record<string, unknown>>,
  schema: z.ZodObject,
): ConfigProblem[] {
  const path = [...place, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const message =
        path[0] === undefined ? unknownTopKey(key, config, schema) : unknownKey(key, keysIn(path[0], config));
      return { path: [...path, key], message };
    });
  }
  const message = issue.message.replace(/^[\w ]+: (?=expected)/, '').replace(/, received \w+$/, '');
  const isPlain = issue.input !== undefined && (issue.input === null || typeof issue.input !== 'object');
  return [{ path, message: isPlain ? `${message}, got ${JSON.stringify(issue.input)}` : message }];
}

/** A key of an inner part is often looked for at the top, since its flag stands beside the others. */
function unknownTopKey(key: string, config: Readonly<Record<string, unknown>>, schema: z.ZodObject): string {
  const known = Object.keys(schema.shape);
  const inner = ['methodOptions', 'optimizer', 'schedule'].map(
    (part) => [part, keysIn(part, config)] as const,
  );
  const nearest = nearestName(key, [...known, ...inner.flatMap(([, keys]) => keys)]);
  const part = inner.find(([, keys]) => keys.includes(nearest ?? ''))?.[0];
  if (nearest === undefined || known.includes(nearest) || !part) return unknownKey(key, known);
  return `the key is unknown; did you mean "${nearest}" below "${part}"?`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return `the key is unknown; did you mean "${nearest}"?`;
  return `the key is unknown; ${known.length > 0 ? `known are ${known.join(', ')}` : 'none is known here'}`;
}

/** The keys that an inner part of the configuration may have. */
function keysIn(part: PropertyKey, config: Readonly<Record<string, unknown>>): string[] {
  if (part === 'schedule') return Object.keys(scheduleSchema.shape);
  if (part === 'optimizer') {
    const name = (config.optimizer as { name?: unknown } | undefined)?.name ?? 'adamw';
    const schema = optimizerSchema.options.find(({ shape }) => shape.name.value === name);
    return Object.keys(schema?.shape ?? {});
  }
  const method = methodOrProblem(config.method ?? 'prompt-tuning');
  return typeof method === 'string' ? [] : Object.keys(method.schema.shape);
}
