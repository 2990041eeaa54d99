/**
 * @file What a search is asked to do, in one configuration: the options of each method, their defaults, and what is
 * wrong with one.
 */
import { z } from 'zod';
import { optionError, UsageError } from '../errors.js';
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
    .describe(
      'held-out data that texts are compared on: a file, or a share (below 1) or number of the examples',
    ),
  ...dataSchema.shape,
  initText: z
    .string()
    .min(1)
    .optional()
    .describe('the text to begin from (default: tokens drawn at random; opro: no prompt)'),
  seed: z.int().nonnegative().default(42).describe('fixes what is drawn and the order of the data'),
  ...deviceShape,
};

const steps = (byDefault: number) => z.int().positive().default(byDefault).describe('steps; opro: requests');
const numCandidates = (byDefault: number) =>
  z
    .int()
    .positive()
    .default(byDefault)
    .describe(
      'gcg: prompts with one token replaced that a step evaluates; opro: instructions asked for at once',
    );
const length = "the prompt's length; opro: its greatest (default: that of initText, else 10; opro: 64)";

/** Of the methods that follow gradients. */
const byGradients = {
  numTokens: z.int().positive().optional().describe(length),
  characters: z.enum(characterSets).default('printable').describe('tokens that may be put in'),
  batchSize: z.int().positive().default(16).describe('examples that a step looks at'),
};
const evalEvery = (byDefault: number) =>
  z.int().positive().default(byDefault).describe('steps between comparisons on the held-out data');

const gcgSchema = z.strictObject({
  method: z.literal('gcg'),
  ...shared,
  ...byGradients,
  steps: steps(50),
  topK: z.int().positive().default(64).describe('tokens for each position that the gradient proposes'),
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
  endpointModel: z.string().min(1).meta({ description: 'what the service calls its model', format: 'name' }),
  apiKey: z.string().optional().meta({ description: 'for the service (default: none)', format: 'password' }),
  timeoutSeconds: z.number().positive().default(120).describe('for one answer of the service'),
  temperature: z.number().nonnegative().default(1).describe('bolder above 1, safer below'),
  steps: steps(10),
  numCandidates: numCandidates(8),
  numExamples: z.int().positive().default(5).describe('training examples that the service is shown'),
  numTokens: z.int().positive().default(64).describe(length),
});

/** The options of each method. A description ends with the default where that is not a constant. */
export const searchSchemas = { gcg: gcgSchema, pez: pezSchema, opro: oproSchema };
export type SearchMethod = keyof typeof searchSchemas;
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
 * @throws UsageError that names every option that is wrong
 */
export function resolveSearchConfig(config: Readonly<Record<string, unknown>>): ResolvedSearchConfig {
  const { method = defaultSearchMethod } = config;
  const name = searchMethods.find((known) => known === method);
  if (!name)
    throw optionError(
      'method',
      `expected one of ${searchMethods.join(', ')}, got ${JSON.stringify(method)}`,
      {
        code: 'unknown-name',
      },
    );
  const given: Record<string, unknown> = Object.fromEntries(
    Object.entries({ ...config, method: name }).filter(([, value]) => value !== undefined),
  );
  const parsed = optionsSchemas[name].safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(optionsSchemas[name], given, (key) => unknownOption(key, name));
  throw new UsageError(
    problems.map((problem) =>
      problem.path.length === 1 && given[String(problem.path[0])] === undefined
        ? { ...problem, message: `method "${name}" needs it` }
        : problem,
    ),
  );
}

function unknownOption(key: string, method: SearchMethod): string {
  if (searchMethods.some((other) => key in searchSchemas[other].shape))
    return `method "${method}" makes no use of it`;
  return unknownKey(key, Object.keys(searchSchemas[method].shape));
}
