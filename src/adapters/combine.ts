/**
 * @file One adapter made of several trained ones, by arithmetic on their files, where their method says how
 *   (`combining`). The result is an adapter of the same kind, in PEFT's form.
 */
import { hasHead } from '../attach/head-files.js';
import type { Combining, Method } from '../attach/method.js';
import { FileError, optionError, UsageError } from '../errors.js';
import {
  type AdapterSource,
  configPath,
  expectPeft,
  nameOf,
  type PeftContent,
} from '../formats/adapter-content.js';
import { contentOf, writeAdapter } from '../formats/adapter-folder.js';
import { methods } from '../methods/registry.js';

export const combinations = ['average', 'concatenate'] as const;

type Combination = (typeof combinations)[number];

export interface CombineOptions {
  /** PEFT adapters of one kind, made for one model. */
  adapters: readonly AdapterSource[];
  /**
   * `average`: Σ weight · adapter, number by number; of LoRAs, whose ranks are put side by side, Σ weight · BA.
   * `concatenate`: soft prompts or prefixes one after the other.
   */
  how: Combination;
  /**
   * For `average`, one for each adapter; they need not sum to 1. Two that do interpolate. Default: all the same, 1 in
   * all.
   */
  weights?: readonly number[];
  /** A folder to write it to. Default: it is returned alone. */
  output?: string;
  /** Methods of your own, whose adapters are to be combined as well. */
  methods?: readonly Method[];
}

/** @throws UsageError or FileError where the adapters do not go together */
export async function combineAdapters({
  adapters,
  how,
  weights,
  output,
  methods: own = [],
}: CombineOptions): Promise<PeftContent> {
  if (adapters.length < 2)
    throw new UsageError(`give at least two adapters to combine, got ${adapters.length}`);
  const files: PeftContent[] = [];
  for (const adapter of adapters) files.push(expectPeft(await contentOf(adapter)));
  const headed = files.find(hasHead);
  if (headed)
    throw new FileError(
      configPath(headed),
      'task_type',
      `${headed.config.task_type} has a head, which belongs to what it was learned with; only adapters without one can be combined`,
    );
  const factors = how === 'average' ? weightsFor(files, weights) : noWeights(weights);
  const { tensors, config } = combiningOf(files, how, [...own, ...methods])[how]!(files, factors);
  const combined: PeftContent = { form: 'peft', config: { ...files[0]!.config, ...config }, tensors };
  if (output !== undefined) await writeAdapter(output, combined);
  return combined;
}

function weightsFor(files: readonly PeftContent[], given?: readonly number[]): readonly number[] {
  const weights = given ?? files.map(() => 1 / files.length);
  const bad = weights.find((weight) => !Number.isFinite(weight));
  if (bad !== undefined) throw optionError('weights', `${bad} is not a number to multiply with`);
  if (weights.length !== files.length)
    throw new UsageError(
      `there are ${files.length} adapters and ${weights.length} weights; give one for each`,
    );
  return weights;
}

function noWeights(given?: readonly number[]): readonly number[] {
  if (given) throw new UsageError('weights are for an average; a prompt that stands after another has none');
  return [];
}

/** What the methods of all the files have in common. */
function combiningOf(files: readonly PeftContent[], how: Combination, known: readonly Method[]): Combining {
  const possible = known.filter(({ combining }) => combining?.[how]);
  const combinings = files.map((file) => {
    const { peft_type: peftType } = file.config;
    const combining = possible.find((method) => method.peftType === peftType)?.combining;
    if (combining) return combining;
    const types = possible.flatMap((method) => method.peftType ?? []).join(', ');
    const problem = `${peftType} cannot be combined in this way, only ${types}`;
    throw new FileError(nameOf(file), 'peft_type', problem, { code: 'unsupported' });
  });
  const [first] = combinings;
  const other = files.find((_, i) => combinings[i] !== first);
  if (!other) return first!;
  throw new FileError(
    nameOf(other),
    'peft_type',
    `${other.config.peft_type} does not go with ${files[0]!.config.peft_type} of ${nameOf(files[0]!)}; ` +
      'give adapters of one kind, or use both at once, without combining them',
  );
}
