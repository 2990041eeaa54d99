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
import { say } from '../say.js';

/** How adapters become one: their average (of LoRAs, the weighted sum), or one prompt or prefix after the other. */
export const combinations = ['average', 'concatenate'] as const;

type Combination = (typeof combinations)[number];

export interface CombineOptions {
  /** PEFT adapters of one kind, for one model. */
  adapters: readonly AdapterSource[];
  /**
   * `average`: Σ weight · adapter, elementwise; for LoRAs, whose ranks are concatenated, Σ weight · BA.
   * `concatenate`: soft prompts or prefixes, one after another.
   */
  how: Combination;
  /** Weights for `average`, one per adapter, with any sum. Two interpolate. Default: equal weights that add up to 1. */
  weights?: readonly number[];
  /** A folder to write it to. Default: not written. */
  output?: string;
  /** Your own methods, whose adapters may be combined too. */
  methods?: readonly Method[];
  /** Ends reading and writing between two tensors. */
  signal?: AbortSignal;
}

/**
 * One adapter made of several of the same kind.
 * @throws UsageError or FileError if the adapters do not match; the signal's reason
 */
export async function combineAdapters({
  adapters,
  how,
  weights,
  output,
  methods: own = [],
  signal,
}: CombineOptions): Promise<PeftContent> {
  if (adapters.length < 2)
    throw new UsageError(say`expected at least two adapters to combine, got ${adapters.length}`);
  const files: PeftContent[] = [];
  for (const adapter of adapters) files.push(expectPeft(await contentOf(adapter, signal)));
  signal?.throwIfAborted();
  const headed = files.find(hasHead);
  if (headed)
    throw new FileError(
      configPath(headed),
      'task_type',
      say`${headed.config.task_type} has a head, which was trained for that adapter; only adapters
        without a head can be combined`,
    );
  const factors = how === 'average' ? weightsFor(files, weights) : noWeights(weights);
  const { tensors, config } = combiningOf(files, how, [...own, ...methods])[how]!(files, factors);
  const combined: PeftContent = { form: 'peft', config: { ...files[0]!.config, ...config }, tensors };
  if (output !== undefined) await writeAdapter(output, combined, signal);
  return combined;
}

function weightsFor(files: readonly PeftContent[], given?: readonly number[]): readonly number[] {
  const weights = given ?? files.map(() => 1 / files.length);
  const bad = weights.find((weight) => !Number.isFinite(weight));
  if (bad !== undefined) throw optionError('weights', say`${bad} is not a finite number`);
  if (weights.length !== files.length)
    throw new UsageError(say`expected ${files.length} weights, one per adapter, got ${weights.length}`);
  return weights;
}

function noWeights(given?: readonly number[]): readonly number[] {
  if (given) throw new UsageError(say`weights are for an average only; leave them out`);
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
    const problem = say`${peftType} cannot be combined in this way, only ${types}`;
    throw new FileError(nameOf(file), 'peft_type', problem, { code: 'unsupported' });
  });
  const [first] = combinings;
  const other = files.find((_, i) => combinings[i] !== first);
  if (!other) return first!;
  throw new FileError(
    nameOf(other),
    'peft_type',
    say`${other.config.peft_type} cannot be combined with ${files[0]!.config.peft_type} of
      ${nameOf(files[0]!)}; use adapters of one kind, or use both together without combining them`,
  );
}
