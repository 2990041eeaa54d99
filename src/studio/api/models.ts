/** @file Models, methods with forms of their options, and presets. */
import * as z from 'zod';
import { count, jsonSchema, jsonValues } from './values.js';

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
