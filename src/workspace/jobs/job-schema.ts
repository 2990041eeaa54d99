/** @file The schema of jobs as JSON, and its problems by place. */
import * as z from 'zod';
import { resolveComparison } from '../../comparison/config.js';
import { embeddedModel } from '../../embedded-model.js';
import { type Problem, UsageError } from '../../errors.js';
import { isJsonObject } from '../../formats/json.js';
import { generationOptionsSchema } from '../../generation/options.js';
import { wrongName } from '../../nearest-name.js';
import { configProblems, resolveRunConfig, runSchema } from '../../runs/run-config.js';
import { say } from '../../say.js';
import { schemaProblems } from '../../schema-problems.js';
import { dataSchema } from '../../text/data-config.js';
import { deviceShape } from '../../training/config.js';
import { newModelSchema } from '../pretraining.js';
import { trainRequestSchema } from '../train-request.js';
import { benchmarkJobSchema } from './benchmark-job.js';
import { compareJobSchema } from './compare-job.js';
import { evaluateJobSchema } from './evaluate-job.js';
import type { Job } from './job.js';

const rows = z.array(z.record(z.string(), z.unknown()));
const source = z.union([z.string(), rows]);
/** A run's configuration, whose data may be rows as well as paths. */
const configSchema = runSchema.extend({
  data: z.union([source, z.array(source).min(1)]).meta(runSchema.shape.data.meta()!),
  validation: z
    .union([source, z.array(source).min(1), z.number().nonnegative()])
    .optional()
    .meta(runSchema.shape.validation.meta()!),
});

const offline = z.boolean().optional().describe('use only local files');

export const trainJobSchema = z
  .strictObject({
    type: z.literal('train'),
    model: trainRequestSchema.shape.model,
    output: z.string().min(1).meta(trainRequestSchema.shape.output.meta()!),
    config: configSchema.describe("the run's configuration"),
    newModel: newModelSchema.optional().describe('creates a GPT-2 for the run, in place of model'),
    offline,
    resume: z.boolean().optional().describe('resume the run in output'),
    overwrite: z.boolean().optional().describe('delete the run in output first'),
    auto: z
      .boolean()
      .optional()
      .describe('choose learning rate, length and start by short runs first, in output-tuning'),
    allowChangedInputs: z
      .boolean()
      .optional()
      .describe('resume although the data, the weights or the tokenizer changed since the run began'),
  })
  .superRefine(({ config }, context) => {
    for (const { path, message } of configProblems(config, configSchema))
      context.addIssue({ code: 'custom', path: ['config', ...path], message });
  });

/** One cell of a comparison, as returned by `planCells`. */
export const cellJobSchema = z.strictObject({
  type: z.literal('cell'),
  cell: z
    .strictObject({
      id: z.string().min(1).describe("its folder's name"),
      folder: z.string().min(1).meta({ description: 'the folder of its run and its scores', format: 'path' }),
      method: z.string().describe('the name of its method in the comparison'),
      size: z.union([z.int().positive(), z.literal('all')]).describe('number of training examples'),
      seed: z.int().describe('seed of the examples and of the run'),
      settings: z.strictObject({
        model: z.string().min(1).meta({ description: 'a folder, or a model of the Hub', format: 'path' }),
        run: configSchema.optional().describe('how it is trained (default: the model alone)'),
        reading: dataSchema.partial().extend(deviceShape).describe('how the test data is read, and computed'),
        test: z.string().min(1).meta({ description: 'test file', format: 'path' }),
        metrics: z.array(z.string()).describe('metrics'),
        labels: z.array(z.string()).optional().describe('the labels to choose from by likelihood'),
        referenceField: z.string().optional().describe('the field of the right answer in the test data'),
        generation: generationOptionsSchema.describe('how texts are generated'),
      }),
    })
    .describe('what is trained and scored, and where'),
  offline,
  weights: z.string().optional().describe('SHA-256 that the weights must have (default: any)'),
});

/** A job, by its `type`. */
export const jobSchema = z.discriminatedUnion('type', [
  trainJobSchema,
  evaluateJobSchema,
  compareJobSchema,
  benchmarkJobSchema,
  cellJobSchema,
]);

/**
 * Checks a job from parsed JSON. Missing keys of a run's configuration get their defaults.
 * @throws UsageError with all problems by place, such as `config.optimizer.weightDecay`
 */
export function parseJob(value: unknown): Job {
  const problems = jobProblems(value);
  if (problems.length > 0) throw new UsageError(problems);
  const job = value as Job;
  if (job.type !== 'train') return job;
  return { ...job, model: job.model ?? embeddedModel, config: resolveRunConfig(job.config) };
}

function jobProblems(value: unknown): Problem[] {
  if (!isJsonObject(value)) return [{ path: [], message: say`expected a job, an object with a type` }];
  const schema = jobSchema.options.find(({ shape }) => shape.type.value === value.type);
  if (!schema) {
    const types = jobSchema.options.map(({ shape }) => shape.type.value);
    const message =
      value.type === undefined
        ? say`expected one of ${types.join(', ')}, got nothing`
        : wrongName(String(value.type), types);
    return [{ path: ['type'], message }];
  }
  const problems = schemaProblems(schema, value);
  if (!isJsonObject(value.config)) return problems;
  if (schema === compareJobSchema) return [...problems, ...underConfig(comparisonProblems(value.config))];
  if (schema !== trainJobSchema) return problems;
  // configProblems has better messages for keys in the wrong part of a configuration.
  const ofConfig = configProblems(value.config, configSchema);
  return [...problems.filter(({ path }) => path[0] !== 'config'), ...underConfig(ofConfig)];
}

const underConfig = (problems: readonly Problem[]): Problem[] =>
  problems.map((problem) => ({ ...problem, path: ['config', ...problem.path] }));

function comparisonProblems(config: Readonly<Record<string, unknown>>): readonly Problem[] {
  try {
    resolveComparison(config);
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
}
