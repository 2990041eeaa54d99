/** @file The configuration of a search: the options of each method, their defaults and validation. */
import * as z from 'zod';
import { optionError, UsageError } from '../errors.js';
import { wrongName } from '../nearest-name.js';
import { say } from '../say.js';
import { schemaProblems, unknownKey } from '../schema-problems.js';
import { dataSchema, filesSchema, heldOutSchema, valuesSchema } from '../text/data-config.js';
import { deviceShape } from '../training/config.js';
import { characterSets } from './prompt-texts.js';

const shared = {
  data: filesSchema.meta({
    description: 'examples: .jsonl, .json, .csv, .tsv or .txt',
    format: 'path',
  }),
  validation: z
    .union([z.string(), z.number().positive()])
    .default(0.2)
    .describe('held-out data to compare texts on: a file, or a fraction (below 1) or number of the examples'),
  ...dataSchema.shape,
  initText: z
    .string()
    .min(1)
    .optional()
    .describe('the text to start from (default: random tokens; opro: no prompt)'),
  seed: z.int().nonnegative().default(42).describe('seed of random choices and of the data order'),
  ...deviceShape,
};

const steps = (byDefault: number) => z.int().positive().default(byDefault).describe('steps; opro: requests');
const numCandidates = (byDefault: number) =>
  z
    .int()
    .positive()
    .default(byDefault)
    .describe('gcg: prompts with one replaced token to evaluate per step; opro: instructions per request');
const length = 'length of the prompt; opro: maximum length (default: that of initText, else 10; opro: 64)';

/** Options of the methods that use gradients. */
const byGradients = {
  numTokens: z.int().positive().optional().describe(length),
  characters: z.enum(characterSets).default('printable').describe('tokens that may be used'),
  batchSize: z.int().positive().default(16).describe('examples per step'),
};
const evalEvery = (byDefault: number) =>
  z.int().positive().default(byDefault).describe('steps between comparisons on the held-out data');

const gcgSchema = z.strictObject({
  method: z.literal('gcg'),
  ...shared,
  ...byGradients,
  steps: steps(50),
  topK: z.int().positive().default(64).describe('tokens per position that the gradient proposes'),
  numCandidates: numCandidates(64),
  evalEvery: evalEvery(1),
});

const pezSchema = z.strictObject({
  method: z.literal('pez'),
  ...shared,
  ...byGradients,
  steps: steps(500),
  learningRate: z.number().positive().default(0.1).describe('of AdamW'),
  weightDecay: z.number().nonnegative().default(0.1).describe('of AdamW'),
  evalEvery: evalEvery(10),
});

const oproSchema = z.strictObject({
  method: z.literal('opro'),
  ...shared,
  endpoint: z.string().meta({
    description: 'an OpenAI-compatible service, such as http://localhost:11434/v1',
    format: 'uri',
  }),
  endpointModel: z.string().min(1).meta({ description: 'name of the model at the service', format: 'name' }),
  apiKey: z
    .string()
    .optional()
    .meta({ description: 'key for the service (default: none)', format: 'password' }),
  timeoutSeconds: z.number().positive().default(120).describe('timeout of one answer of the service'),
  temperature: z.number().nonnegative().default(1).describe('more random above 1, less below'),
  steps: steps(10),
  numCandidates: numCandidates(8),
  numExamples: z.int().positive().default(5).describe('training examples to show the service'),
  numTokens: z.int().positive().default(64).describe(length),
});

/** The options of each method. A description ends with the default if that is not a constant. */
export const searchSchemas = { gcg: gcgSchema, pez: pezSchema, opro: oproSchema };
export type SearchMethod = keyof typeof searchSchemas;
/** The names of the methods. */
export const searchMethods = Object.keys(searchSchemas) as SearchMethod[];
const defaultSearchMethod = 'gcg';

/** The same with data as values. */
const values = { data: valuesSchema, validation: heldOutSchema.default(0.2) };
const gcgOptions = gcgSchema.extend(values);
const pezOptions = pezSchema.extend(values);
const oproOptions = oproSchema.extend(values);
const optionsSchemas = { gcg: gcgOptions, pez: pezOptions, opro: oproOptions };

export type GcgConfig = z.output<typeof gcgOptions>;
export type PezConfig = z.output<typeof pezOptions>;
export type OproConfig = z.output<typeof oproOptions>;
export type ResolvedSearchConfig = GcgConfig | PezConfig | OproConfig;

/** Without a method: gcg. */
export type SearchConfig =
  | (Omit<z.input<typeof gcgOptions>, 'method'> & { method?: 'gcg' })
  | z.input<typeof pezOptions>
  | z.input<typeof oproOptions>;

/**
 * Fills in the defaults.
 * @throws UsageError that names every invalid option
 */
export function resolveSearchConfig(config: Readonly<Record<string, unknown>>): ResolvedSearchConfig {
  const { method = defaultSearchMethod } = config;
  const name = searchMethods.find((known) => known === method);
  if (!name) throw optionError('method', wrongName(String(method), searchMethods), { code: 'unknown-name' });
  const given: Record<string, unknown> = Object.fromEntries(
    Object.entries({ ...config, method: name }).filter(([, value]) => value !== undefined),
  );
  const parsed = optionsSchemas[name].safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(optionsSchemas[name], given, (key) => unknownOption(key, name));
  throw new UsageError(
    problems.map((problem) =>
      problem.path.length === 1 && given[String(problem.path[0])] === undefined
        ? { ...problem, message: say`required by method "${name}"` }
        : problem,
    ),
  );
}

function unknownOption(key: string, method: SearchMethod): string {
  if (searchMethods.some((other) => key in searchSchemas[other].shape))
    return say`not used by method "${method}"`;
  return unknownKey(key, Object.keys(searchSchemas[method].shape));
}
