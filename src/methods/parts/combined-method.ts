/**
 * @file Several methods trained together as one, such as `prompt-tuning+lora`, each with its own tensors and options.
 */
import * as z from 'zod';
import { composeAdapters, joinTensors, methodSeparator, nameParts } from '../../attach/compose.js';
import {
  defineMethod,
  type Learner,
  type LearnerOptions,
  type Method,
  type OptionFiles,
} from '../../attach/method.js';
import { optionError, UsageError } from '../../errors.js';
import type { AdapterContent, SingleContent } from '../../formats/adapter-content.js';
import { say } from '../../say.js';
import { type EarlierAdapter, earlierContent } from './earlier-adapter.js';

type Options = Readonly<Record<string, unknown>>;

/**
 * Combines methods. An option goes to every part that has it; options under a part's name go to that part only and take
 * precedence. The ratios of the parts' default learning rates are kept.
 *
 * @throws UsageError for parts that cannot be trained together
 */
export function combineMethods(parts: readonly Method[]): Method {
  const repeated = parts.find((part, i) => parts.indexOf(part) !== i);
  if (repeated) throw new UsageError(say`${repeated.name} is repeated; expected each method once`);
  const whole = parts.find(({ savesModel }) => savesModel);
  if (whole)
    throw new UsageError(say`${whole.name} trains a whole model, so it cannot be combined with others`, {
      code: 'unsupported',
    });
  const defaultLearningRate = Math.max(...parts.map(rateOf));
  return defineMethod({
    name: parts.map(({ name }) => name).join(methodSeparator),
    summary: parts.map(({ summary }) => summary).join('; '),
    schema: combinedSchema(parts),
    defaultLearningRate,
    suitsEncoders: true, // each part checks for itself
    createLearner: (options) => createLearner(parts, options as LearnerOptions<Record<string, Options>>),
  });
}

const rateOf = ({ combinedLearningRate, defaultLearningRate }: Method) =>
  combinedLearningRate ?? defaultLearningRate;

/** After parsing, the options of each part are under its name, with defaults. */
function combinedSchema(parts: readonly Method[]) {
  const shared = parts.flatMap(({ schema }) => Object.keys(schema.shape));
  const shape = {
    ...Object.fromEntries(shared.map((key) => [key, z.unknown().optional()])),
    ...Object.fromEntries(parts.map(({ name }) => [name, z.record(z.string(), z.unknown()).optional()])),
  };
  return z
    .strictObject(shape)
    .superRefine((config: Options, context) => {
      for (const part of parts) {
        const own = config[part.name] as Options | undefined;
        const { error } = part.schema.safeParse(optionsOf(part, config), { reportInput: true });
        for (const { path, message, input } of error?.issues ?? []) {
          const isOwn = own && (path.length === 0 || path[0]! in own);
          context.addIssue({ code: 'custom', path: isOwn ? [part.name, ...path] : path, message, input });
        }
      }
    })
    .overwrite((config) =>
      Object.fromEntries(
        parts.map((part) => [part.name, part.schema.safeParse(optionsOf(part, config)).data]),
      ),
    );
}

function optionsOf({ name, schema }: Method, config: Options): Options {
  const shared = Object.entries(config).filter(([key, value]) => key in schema.shape && value !== undefined);
  return { ...Object.fromEntries(shared), ...(config[name] as Options | undefined) };
}

async function createLearner(
  parts: readonly Method[],
  { config, ...options }: LearnerOptions<Record<string, Options>>,
): Promise<Learner> {
  const configs = await withEarlierParts(parts, config, options.files);
  const learners: Learner[] = [];
  for (const part of parts)
    learners.push(await part.createLearner({ ...options, config: configs[part.name] }));
  const highest = Math.max(...parts.map(rateOf));
  const factors = nameParts(learners).flatMap((named, i) => {
    const { tensors, learningRateFactors: own } = learners[i]!;
    const joined = [...joinTensors([named]).keys()];
    const rate = rateOf(parts[i]!) / highest;
    return [...tensors.keys()].map((name, at) => [joined[at]!, rate * (own?.get(name) ?? 1)] as const);
  });
  return {
    ...composeAdapters(learners),
    initialization: learners.map(({ method, initialization }) => `${initialization} (${method})`).join(', '),
    learningRateFactors: new Map(factors),
    content: async () => ({
      form: 'parts',
      parts: await Promise.all(
        learners.map(async ({ method, content }) => ({
          name: method,
          content: (await content()) as SingleContent, // no part saves a whole model
        })),
      ),
    }),
  };
}

/**
 * `initAdapter` may be one or several adapters. Each part continues from the one for its method; parts without one
 * start
 *
 * from scratch.
 */
async function withEarlierParts(
  parts: readonly Method[],
  config: Readonly<Record<string, Options>>,
  files: OptionFiles | undefined,
): Promise<Record<string, Options>> {
  const taken = new Set<unknown>();
  const configs: Record<string, Options> = {};
  for (const part of parts) {
    const { initAdapter, ...others } = config[part.name]!;
    const given = initAdapter as EarlierAdapter | undefined;
    const content = await earlierContent({ config: { initAdapter: given }, files });
    const own = content && partFor(content, part);
    configs[part.name] = { ...others, ...(own && { initAdapter: own }) };
    if (own) taken.add(given);
  }
  const unused = parts
    .map(({ name }) => config[name]!.initAdapter as EarlierAdapter | undefined)
    .find((given) => given !== undefined && !taken.has(given));
  if (unused !== undefined)
    throw optionError(
      'initAdapter',
      say`${typeof unused === 'string' ? unused : say`the adapter`} has nothing that
        ${parts.map(({ name }) => name).join(' or ')} can continue from`,
    );
  return configs;
}

function partFor(content: AdapterContent, part: Method): AdapterContent | undefined {
  if (content.form === 'parts') return content.parts.find(({ name }) => name === part.name)?.content;
  return content.form === 'peft' && content.config.peft_type === part.peftType ? content : undefined;
}
