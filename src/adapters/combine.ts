/**
 * @file One adapter made of several trained ones, by arithmetic on their files: soft prompts, prefixes and (IA)³
 *   averaged, prompts and prefixes put one after the other, LoRAs added up. The result is an adapter of the same
 *   kind, in PEFT's form.
 */
import { hasHead } from '../attach/head-files.js';
import { tensorError } from '../attach/peft-tensors.js';
import { FileError, optionError, UsageError } from '../errors.js';
import {
  type AdapterSource,
  configPath,
  expectPeft,
  nameOf,
  type PeftContent,
  weightsPath,
} from '../formats/adapter-content.js';
import { contentOf, writeAdapter } from '../formats/adapter-folder.js';
import { scaleOf } from '../methods/lora.js';
import { loraFields } from '../methods/parts/lora-fields.js';
import { refuseFields } from '../methods/parts/peft-layers.js';
import { promptName } from '../methods/parts/prompt-vectors.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../tensor.js';

export const combinations = ['average', 'concatenate'] as const;

export interface CombineOptions {
  /** PEFT adapters of one kind, made for one model. */
  adapters: readonly AdapterSource[];
  /**
   * `average`: Σ weight · adapter, number by number; of LoRAs, whose ranks are put side by side, Σ weight · BA.
   * `concatenate`: soft prompts or prefixes one after the other.
   */
  how: (typeof combinations)[number];
  /**
   * For `average`, one for each adapter; they need not sum to 1. Two that do interpolate. Default: all the same, 1 in
   * all.
   */
  weights?: readonly number[];
  /** A folder to write it to. Default: it is returned alone. */
  output?: string;
}

type Change = Pick<PeftContent, 'tensors'> & { readonly config?: Readonly<Record<string, unknown>> };

/** @throws UsageError or FileError if the adapters do not go together */
export async function combineAdapters({
  adapters,
  how,
  weights,
  output,
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
  const { tensors, config } = how === 'average' ? average(files, weights) : concatenate(files, weights);
  const combined: PeftContent = { form: 'peft', config: { ...files[0]!.config, ...config }, tensors };
  if (output !== undefined) await writeAdapter(output, combined);
  return combined;
}

const promptKinds = ['PROMPT_TUNING', 'P_TUNING', 'PREFIX_TUNING'];

function average(files: readonly PeftContent[], given?: readonly number[]): Change {
  const weights = given ?? files.map(() => 1 / files.length);
  const bad = weights.find((weight) => !Number.isFinite(weight));
  if (bad !== undefined) throw optionError('weights', `${bad} is not a number to multiply with`);
  if (weights.length !== files.length)
    throw new UsageError(
      `there are ${files.length} adapters and ${weights.length} weights; give one for each`,
    );
  const kind = checkKinds(files, [...promptKinds, 'IA3', 'LORA']);
  if (kind === 'LORA') return sumOfLoras(files, weights);
  const [first] = files;
  for (const other of files.slice(1)) {
    checkSameNames(first!, other);
    for (const [name, { shape }] of first!.tensors)
      if (`${other.tensors.get(name)!.shape}` !== `${shape}`) throw shapeError(first!, other, name);
    if (`${other.config.feedforward_modules ?? ''}` !== `${first!.config.feedforward_modules ?? ''}`)
      throw new FileError(
        configPath(other),
        'feedforward_modules',
        `it scales other inputs than ${nameOf(first!)}`,
      );
  }
  const tensors: TrainableTensors = new Map();
  for (const [name, { shape }] of first!.tensors) {
    const sum = float32Tensor(shape);
    for (const [i, file] of files.entries()) {
      const { data } = file.tensors.get(name)!;
      for (let at = 0; at < sum.data.length; at++) sum.data[at]! += weights[i]! * data[at]!;
    }
    tensors.set(name, sum);
  }
  return { tensors, ...(kind !== 'IA3' && { config: promptConfig(kind) }) };
}

function concatenate(files: readonly PeftContent[], weights?: readonly number[]): Change {
  if (weights)
    throw new UsageError('weights are for an average; a prompt that stands after another has none');
  const kind = checkKinds(files, promptKinds);
  const parts = files.map((file) => {
    checkSameNames(files[0]!, file);
    const vectors = file.tensors.get(promptName);
    if (vectors?.shape.length !== 2) throw tensorError(file, promptName, [undefined, undefined], vectors);
    return vectors;
  });
  const width = parts[0]!.shape[1]!;
  const other = parts.findIndex(({ shape }) => shape[1] !== width);
  if (other >= 0) throw shapeError(files[0]!, files[other]!, promptName);
  const count = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const joined = float32Tensor([count, width]);
  let at = 0;
  for (const { data } of parts) {
    joined.data.set(data, at);
    at += data.length;
  }
  return {
    tensors: new Map([[promptName, joined]]),
    config: { ...promptConfig(kind), num_virtual_tokens: count },
  };
}

/** What is no longer so of vectors that were learned with an encoder or started from a text. */
function promptConfig(kind: string): Readonly<Record<string, unknown>> {
  if (kind === 'PREFIX_TUNING') return { prefix_projection: false };
  return { peft_type: 'PROMPT_TUNING', prompt_tuning_init: 'RANDOM', prompt_tuning_init_text: null };
}

/**
 * Σ wᵢ·sᵢ·BᵢAᵢ as one BA with a scale of 1: the rows of all A, and beside each other the columns of all B times
 * wᵢ·sᵢ.
 */
function sumOfLoras(files: readonly PeftContent[], weights: readonly number[]): Change {
  const layers = new Map<
    string,
    { a: Tensor<'float32'>; b: Tensor<'float32'>; scale: number; from: PeftContent }[]
  >();
  for (const [i, file] of files.entries()) {
    refuseFields(file, { use_dora: [false] });
    const config = loraFields(file);
    for (const [name, a] of file.tensors) {
      if (name.endsWith(bEnding) && file.tensors.has(name.replace(bEnding, aEnding))) continue;
      if (!name.endsWith(aEnding))
        throw new FileError(weightsPath(file), name, 'it is no part of a LoRA of a linear layer');
      const layer = name.slice(0, -aEnding.length);
      const b = file.tensors.get(layer + bEnding);
      if (!b || b.shape[1] !== a.shape[0])
        throw tensorError(file, layer + bEnding, [undefined, a.shape[0]], b);
      const scale = weights[i]! * scaleOf(config, layer.replace('base_model.model.', ''), a.shape[0]!);
      layers.set(layer, [...(layers.get(layer) ?? []), { a, b, scale, from: file }]);
    }
  }
  const tensors: TrainableTensors = new Map();
  const ranks: Record<string, number> = {};
  for (const [layer, parts] of layers) {
    const [inSize, outSize] = [parts[0]!.a.shape[1]!, parts[0]!.b.shape[0]!];
    const other = parts.find(({ a, b }) => a.shape[1] !== inSize || b.shape[0] !== outSize);
    if (other) throw shapeError(parts[0]!.from, other.from, layer + aEnding);
    const rank = parts.reduce((sum, { a }) => sum + a.shape[0]!, 0);
    const joinedA = float32Tensor([rank, inSize]);
    const joinedB = float32Tensor([outSize, rank]);
    let first = 0;
    for (const { a, b, scale } of parts) {
      const own = a.shape[0]!;
      joinedA.data.set(a.data, first * inSize);
      for (let out = 0; out < outSize; out++)
        for (let r = 0; r < own; r++) joinedB.data[out * rank + first + r] = scale * b.data[out * own + r]!;
      first += own;
    }
    tensors.set(layer + aEnding, joinedA);
    tensors.set(layer + bEnding, joinedB);
    ranks[layer.replace('base_model.model.', '')] = rank;
  }
  const most = Math.max(...Object.values(ranks));
  const others = Object.fromEntries(
    Object.entries(ranks).flatMap(([name, rank]) =>
      rank === most ? [] : [[name.replaceAll('.', '\\.'), rank]],
    ),
  );
  return {
    tensors,
    // alpha is the rank everywhere, so that what is multiplied by alpha / rank stays as it is.
    config: {
      r: most,
      lora_alpha: most,
      rank_pattern: others,
      alpha_pattern: others,
      use_rslora: false,
      // What held of one of them alone: which layers it left out, and how it started.
      exclude_modules: null,
      layers_to_transform: null,
      layers_pattern: null,
      init_lora_weights: true,
      target_modules: Object.keys(ranks),
    },
  };
}

const aEnding = '.lora_A.weight';
const bEnding = '.lora_B.weight';

/** The kind that all adapters have. A trained P-tuning is a soft prompt as any other. */
function checkKinds(files: readonly PeftContent[], possible: readonly string[]): string {
  const kindOf = ({ config }: PeftContent) =>
    config.peft_type === 'P_TUNING' ? 'PROMPT_TUNING' : config.peft_type;
  const [first] = files;
  const kind = kindOf(first!);
  for (const file of files) {
    const { peft_type: peftType } = file.config;
    if (!possible.includes(peftType))
      throw new FileError(
        nameOf(file),
        'peft_type',
        `${peftType} cannot be combined in this way, only ${possible.join(', ')}`,
      );
    if (kindOf(file) !== kind)
      throw new FileError(
        nameOf(file),
        'peft_type',
        `${peftType} does not go with ${first!.config.peft_type} of ${nameOf(first!)}; give adapters of one kind, or use both at once, without combining them`,
      );
  }
  return kind;
}

function checkSameNames(first: PeftContent, other: PeftContent): void {
  const names = [...first.tensors.keys()].sort();
  const found = [...other.tensors.keys()].sort();
  if (names.join() === found.join()) return;
  const missing = names.find((name) => !other.tensors.has(name));
  const foreign = found.find((name) => !first.tensors.has(name));
  const problem =
    missing === undefined
      ? `${nameOf(first)} has no tensor of this name`
      : `${nameOf(first)} has this tensor, and this adapter has not`;
  throw new FileError(weightsPath(other), missing ?? foreign, problem);
}

function shapeError(first: PeftContent, other: PeftContent, name: string): FileError {
  const shape = (file: PeftContent) => `[${file.tensors.get(name)!.shape.join(', ')}]`;
  return new FileError(
    weightsPath(other),
    name,
    `it is ${shape(other)}, and in ${nameOf(first)} it is ${shape(first)}; they must have the same sizes`,
  );
}
