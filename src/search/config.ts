/** @file What a search is asked to do, in one configuration: the options of each method, their defaults, and what is wrong with one. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import { deviceNames } from '../runtime/index.js';
import { dataSchema, filesSchema } from '../text/data-config.js';
import { characterSets } from './prompt-texts.js';

const shared = {
  data: filesSchema,
  /** Held data, by whose loss texts are compared: a file, or a share (below 1) or number of the examples. */
  validation: z.union([z.string(), z.number().positive()]).default(0.2),
  ...dataSchema.shape,
  /** The text that the search begins from. */
  initText: z.string().min(1).optional(),
  /** Fixes what is drawn at random, and the order of the data. */
  seed: z.int().nonnegative().default(42),
  device: z.enum(deviceNames).default('cpu'),
  threads: z.int().positive().optional(),
};

/** Of the methods that follow gradients. */
const byGradients = {
  /** Length of the prompt. Default: that of `initText`, else 10. */
  numTokens: z.int().positive().optional(),
  /** Which tokens the search may put in. */
  characters: z.enum(characterSets).default('printable'),
  /** Training examples that a step looks at. */
  batchSize: z.int().positive().default(16),
};

const gcgSchema = z.strictObject({
  method: z.literal('gcg'),
  ...shared,
  ...byGradients,
  steps: z.int().positive().default(50),
  /** Tokens for each position that the gradient proposes. */
  topK: z.int().positive().default(64),
  /** Prompts with one token replaced that each step evaluates. */
  numCandidates: z.int().positive().default(64),
  /** Steps from one comparison on held-out data to the next. */
  evalEvery: z.int().positive().default(1),
});

const pezSchema = z.strictObject({
  method: z.literal('pez'),
  ...shared,
  ...byGradients,
  steps: z.int().positive().default(500),
  learningRate: z.number().positive().default(0.1),
  weightDecay: z.number().nonnegative().default(0.1),
  evalEvery: z.int().positive().default(10),
});

const oproSchema = z.strictObject({
  method: z.literal('opro'),
  ...shared,
  /** Address of an OpenAI-compatible service, such as http://localhost:11434/v1. */
  endpoint: z.string(),
  /** What the service calls its model. */
  endpointModel: z.string().min(1),
  apiKey: z.string().optional(),
  /** Seconds that the service may take for one answer. */
  timeoutSeconds: z.number().positive().default(120),
  temperature: z.number().nonnegative().default(1),
  /** Requests, each for `numCandidates` instructions. */
  steps: z.int().positive().default(10),
  numCandidates: z.int().positive().default(8),
  /** Training examples that the service is shown. */
  numExamples: z.int().positive().default(5),
  /** The most tokens that an instruction may have. */
  numTokens: z.int().positive().default(64),
});

const schemas = { gcg: gcgSchema, pez: pezSchema, opro: oproSchema };
export type SearchMethod = keyof typeof schemas;
export const searchMethods = Object.keys(schemas) as SearchMethod[];

export type GcgConfig = z.output<typeof gcgSchema>;
export type PezConfig = z.output<typeof pezSchema>;
export type OproConfig = z.output<typeof oproSchema>;
export type ResolvedSearchConfig = GcgConfig | PezConfig | OproConfig;

/** Without a method: gcg. */
export type SearchConfig =
  | (Omit<z.input<typeof gcgSchema>, 'method'> & { method?: 'gcg' })
  | z.input<typeof pezSchema>
  | z.input<typeof oproSchema>;

/**
 * Fills in the defaults.
 * @param nameOf what the user calls an option, for errors
 * @throws UsageError that names every option that is wrong
 */
export function resolveSearchConfig(
  config: Readonly<Record<string, unknown>>,
  nameOf = (option: string) => option,
): ResolvedSearchConfig {
  const { method = 'gcg' } = config;
  const name = searchMethods.find((known) => known === method);
  if (!name) {
    const expected = `expected one of ${searchMethods.join(', ')}, got ${JSON.stringify(method)}`;
    throw new UsageError(`${nameOf('method')}: ${expected}`);
  }
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const parsed = schemas[name].safeParse({ ...given, method: name });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${nameOf(key)}: ${unknownOption(key, name, nameOf)}`);
    const option = String(issue.path[0]);
    const isMissing = given[option] === undefined;
    return [`${nameOf(option)}: ${isMissing ? `method "${name}" needs it` : issue.message}`];
  });
  throw new UsageError(problems.join('; '));
}

function unknownOption(key: string, method: SearchMethod, nameOf: (option: string) => string): string {
  if (searchMethods.some((other) => key in schemas[other].shape))
    return `method "${method}" makes no use of it`;
  const nearest = nearestName(key, Object.keys(schemas[method].shape));
  return `the option is unknown${nearest === undefined ? '' : `; did you mean ${nameOf(nearest)}?`}`;
}
