/**
 * @file Compares one golden case (numbers from PyTorch, transformers and PEFT) with what this project computes. A
 *   case is a folder: model/, adapter/ (unless the case is of the bare model), expected.safetensors and
 *   expected.json.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { loadAdapter } from '../../src/adapters/load-adapter.js';
import { findsSpans, ownHead, withHead } from '../../src/attach/head.js';
import type { Adapter } from '../../src/attach/method.js';
import { computeLogits } from '../../src/evaluation/logits.js';
import { readSafetensorsHeader, readTensor } from '../../src/formats/safetensors.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createLossEvaluator } from '../../src/loss/evaluator.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { scoresByExample } from '../../src/loss/spans.js';
import { fullFineTuning } from '../../src/methods/full-fine-tuning.js';
import { nothing } from '../../src/methods/head-alone.js';
import { methodNamed } from '../../src/methods/registry.js';
import type { LanguageModel } from '../../src/models/model.js';
import type { Device } from '../../src/runtime/index.js';
import type { Tensor } from '../../src/tensor.js';
import { type EncodedExample, noLabel } from '../../src/text/encode.js';
import { createOptimizer } from '../../src/training/optimizers.js';

/** Largest differences that count as agreement. */
export const tolerances = { logits: 1e-4, loss: 1e-5, gradient: 1e-4, adamw: 1e-4, greedy: 0, beam: 0 };

/** What was compared → the largest difference found; for generated ids, how many differ. */
export type Differences = Partial<Record<keyof typeof tolerances, number>>;

export function disagreements(differences: Differences): string[] {
  return Object.entries(differences)
    .filter(([what, difference]) => !(difference <= tolerances[what as keyof typeof tolerances]))
    .map(([what]) => what);
}

interface Expected {
  readonly loss: number;
  readonly adamwLosses?: readonly number[];
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Computes everything that the case has numbers for. Throws if nothing here can load the model or the adapter. */
export async function checkCase(folder: string, device: Device = 'cpu'): Promise<Differences> {
  const expected = await readExpected(folder);
  const model = await loadModel(modelFolder(folder));
  const adapterFolder = join(folder, 'adapter');
  const head = await ownHead(model);
  const adapter = existsSync(adapterFolder)
    ? await loadAdapter(adapterFolder, model)
    : head && withHead(nothing(), head);
  const texts = textsOf(expected.tensors, model, adapter);
  // Training comes last: it changes the adapter's numbers.
  return {
    logits: await logitsDifference(model, adapter, expected, texts, device),
    ...(await generationDifferences(model, adapter, expected, texts[0]!, device)),
    ...(await trainingDifferences(
      model,
      await trainedAdapter(model, adapterFolder, adapter, expected),
      expected,
      texts,
      device,
    )),
  };
}

/** Cases of one model may share the folder of its bare case. */
function modelFolder(folder: string): string {
  const own = join(folder, 'model');
  const base = `${basename(folder).split('__')[0]}__base`;
  return existsSync(own) ? own : join(dirname(folder), base, 'model');
}

/**
 * What is trained here under PyTorch's name: PEFT and AdapterHub put the adapter's name into it, and files rename
 * some.
 */
function trainedName(name: string, adapter: Adapter): string {
  const plain = name
    .replace('.default', '')
    .replace(/^prompt_encoder\./, '')
    .replace('lora_magnitude_vector.weight', 'lora_magnitude_vector')
    .replace(/\.adapters\.\w+\./, '.');
  const inHead = plain.replace('modules_to_save.', '').replace(/^base_model\.(model\.)?/, '');
  if (adapter.head?.tensors.has(inHead)) return inHead;
  if (plain === 'lm_head.weight' && adapter.tensors.has('embed_out.weight')) return 'embed_out.weight';
  return plain === 'embedding.weight' && adapter.tensors.has('prompt_embeddings')
    ? 'prompt_embeddings'
    : plain;
}

/**
 * What the case trains: every weight, the tensors of the adapter's files, or, where those hold what came of the
 * training, the encoder behind them, whose tensors are among the expected ones.
 */
async function trainedAdapter(
  model: LanguageModel,
  folder: string,
  loaded: Adapter | undefined,
  { tensors }: Expected,
): Promise<Adapter> {
  if (!existsSync(folder)) {
    const every = await everyWeight(model);
    return loaded?.head ? withHead(every, loaded.head) : every;
  }
  if (!loaded) throw new Error(`${folder} cannot be loaded`);
  const names = [...tensors.keys()].filter((name) => name.startsWith('param.')).map((name) => name.slice(6));
  if (names.every((name) => loaded.tensors.has(trainedName(name, loaded)))) return loaded;
  const method = methodNamed(loaded.method);
  const raw: Record<string, unknown> = JSON.parse(
    await readFile(join(folder, 'adapter_config.json'), 'utf8'),
  );
  const options = Object.keys(method.schema.shape).map((key) => {
    return [key, raw[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]] as const;
  });
  const config = Object.fromEntries(options.filter(([, value]) => value !== undefined));
  const plain = await method.createLearner({ model, config, tokenizer: { encode: () => [] }, seed: 0 });
  const learner = loaded.head ? withHead(plain, loaded.head) : plain;
  for (const name of names) {
    const { data } = tensors.get(`param.${name}`) as Tensor<'float32'>;
    const own = learner.tensors.get(trainedName(name, learner))!.data;
    own.set(data.subarray(0, model.encoder ? own.length : undefined));
  }
  return learner;
}

async function readExpected(folder: string): Promise<Expected> {
  const json = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
  const file = await readSafetensorsHeader(join(folder, 'expected.safetensors'));
  const tensors = new Map<string, Tensor>();
  for (const name of file.tensors.keys()) tensors.set(name, await readTensor(file, name));
  return { loss: json.loss, adamwLosses: json['adamw_lr0.01_wd0.01_losses'], tensors };
}

function everyWeight(model: LanguageModel): Promise<Adapter> {
  return fullFineTuning.createLearner({ model, config: {}, tokenizer: { encode: () => [] }, seed: 0 });
}

/**
 * The rows of `input_ids` without their padding, which of their tokens have labels, and their tasks. With an encoder
 * these are the input, and the labels the answer.
 */
function textsOf(
  tensors: ReadonlyMap<string, Tensor>,
  model: LanguageModel,
  adapter: Adapter | undefined,
): EncodedExample[] {
  const taskIds = tensors.get('task_ids');
  const [ids, mask, labels] = ['input_ids', 'attention_mask', 'labels'].map((name) => tensors.get(name)!);
  const [starts, ends] = ['start_positions', 'end_positions'].map((name) => tensors.get(name));
  const [rows, columns] = ids!.shape as [number, number];
  return Array.from({ length: rows }, (_, row) => {
    const real = Array.from({ length: columns }, (_, i) => row * columns + i).filter((at) => mask!.data[at]);
    const pooled = adapter?.head?.design.pools === 'first' ? 0 : real.length - 1;
    const labelOf = (at: number, i: number) => {
      if (starts) return i === Number(starts.data[row]) ? Number(ends!.data[row]) : noLabel;
      if (labels!.shape.length === 2) return Number(labels!.data[at]);
      return i === pooled ? Number(labels!.data[row]) : noLabel;
    };
    const task = taskIds && { taskId: Number(taskIds.data[row]) };
    if (model.encoder) {
      const width = labels!.shape[1]!;
      const asked = Array.from({ length: width }, (_, i) => Number(labels!.data[row * width + i]));
      const targets = asked.filter((label) => label !== noLabel);
      return {
        inputIds: Int32Array.of(...real.map((at) => Number(ids!.data[at])), ...targets),
        lossMask: Uint8Array.of(...real.map(() => 0), ...targets.map(() => 1)),
        ...task,
      };
    }
    const own = Int32Array.from(real, labelOf);
    return {
      inputIds: Int32Array.from(real, (at) => Number(ids!.data[at])),
      lossMask: Uint8Array.from(own, (label) => (label === noLabel ? 0 : 1)),
      ...((adapter?.head || model.bidirectional) && { labels: own }),
      ...task,
    };
  });
}

/**
 * A text as `computeLogits` takes it: with an encoder in two parts, of which the decoder's begins with a start token.
 */
function partsOf(text: EncodedExample, { encoder }: LanguageModel): { encoderIds?: number[]; ids: number[] } {
  const ids = [...text.inputIds];
  if (!encoder) return { ids };
  const count = text.lossMask.indexOf(1);
  return { encoderIds: ids.slice(0, count), ids: [encoder.startTokenId, ...ids.slice(count, -1)] };
}

async function logitsDifference(
  model: LanguageModel,
  adapter: Adapter | undefined,
  { tensors }: Expected,
  texts: EncodedExample[],
  device: Device,
) {
  const reference = tensors.get('logits') as Tensor<'float32'>;
  if (adapter?.head) {
    const evaluator = await createLossEvaluator(model, adapter, { device });
    const { scores } = await evaluator.evaluate(texts);
    await evaluator.dispose();
    return findsSpans(adapter.head)
      ? spanScoresDifference(reference, scores!, texts)
      : scoresDifference(reference, scores!, texts);
  }
  const [, width, vocab] = reference.shape as [number, number, number];
  // PEFT's logits of prompt methods begin with the virtual tokens' positions.
  const parts = texts.map((text) => partsOf(text, model));
  const skipped = width - Math.max(...parts.map(({ ids }) => ids.length));
  let largest = 0;
  for (const rows of adapter?.tasks ? texts.map((_, row) => [row]) : [[...texts.keys()]]) {
    const computed = await computeLogits({
      model,
      adapter: forRow(adapter, texts[rows[0]!]!),
      device,
      texts: rows.map((row) => parts[row]!.ids),
      ...(model.encoder && { encoderIds: rows.map((row) => parts[row]!.encoderIds!) }),
    });
    const length = computed.shape[1]!;
    for (const [i, row] of rows.entries()) {
      for (let at = 0; at < parts[row]!.ids.length * vocab; at++) {
        const ours = computed.data[i * length * vocab + at]!;
        const theirs = reference.data[(row * width + skipped) * vocab + at]!;
        largest = worse(largest, Math.abs(ours - theirs));
      }
    }
  }
  return largest;
}

/** Scores of each text, or of those of its tokens that have labels. */
function scoresDifference(
  { shape, data }: Tensor<'float32'>,
  scores: Float32Array,
  texts: readonly EncodedExample[],
): number {
  const classes = shape.at(-1)!;
  const width = shape.length === 3 ? shape[1]! : 1;
  const places = texts.flatMap(({ lossMask }, row) =>
    [...lossMask].flatMap((isLabel, at) => (isLabel ? row * width + (width === 1 ? 0 : at) : [])),
  );
  return places.reduce((largest, place, row) => {
    const differences = Array.from({ length: classes }, (_, i) =>
      Math.abs(data[place * classes + i]! - scores[row * classes + i]!),
    );
    return differences.reduce(worse, largest);
  }, 0);
}

/** Scores of every token of each text. */
function spanScoresDifference(
  { data }: Tensor<'float32'>,
  scores: Float32Array,
  texts: readonly EncodedExample[],
): number {
  const own = scoresByExample(texts, scores);
  const reference = scoresByExample(texts, data);
  return own
    .flatMap((row, i) => [...row].map((score, at) => Math.abs(score - reference[i]![at]!)))
    .reduce(worse, 0);
}

/** The adapter of the row's task, where there are tasks. */
function forRow(adapter: Adapter | undefined, { taskId }: EncodedExample): Adapter | undefined {
  return adapter?.tasks?.adapterFor(taskId!) ?? adapter;
}

async function trainingDifferences(
  model: LanguageModel,
  adapter: Adapter,
  expected: Expected,
  texts: EncodedExample[],
  device: Device,
): Promise<Differences> {
  const step = await createModelStep(model, adapter, { device });
  const ofTexts = texts.reduce((sum, { lossMask }) => sum + lossMask.reduce((a, b) => a + b, 0), 0);
  const scale = 1 / (ofTexts + texts.length * (step.promptLabels ?? 0));
  try {
    const { lossSum, gradients } = await step.run(texts, scale);
    const differences: Differences = { loss: Math.abs(lossSum * scale - expected.loss) };
    const references = [...expected.tensors].filter(([name]) => name.startsWith('grad.'));
    const largest = references.reduce(
      (most, [, { data }]) => (data as Float32Array).reduce((m, value) => Math.max(m, Math.abs(value)), most),
      0,
    );
    for (const [name, reference] of references) {
      const theirName = name.slice('grad.'.length);
      const gradient = gradients.get(trainedName(theirName, adapter));
      if (!gradient) throw new Error(`there is no gradient for ${theirName}`);
      differences.gradient = worse(
        differences.gradient ?? 0,
        relativeDifference(gradient, readRows(reference as Tensor<'float32'>, gradient, model), largest),
      );
    }
    if (!expected.adamwLosses) return differences;
    const adamw = { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 } as const;
    const optimizer = createOptimizer(adamw, adapter.tensors);
    differences.adamw = 0;
    for (const reference of expected.adamwLosses) {
      const result = await step.run(texts, scale);
      differences.adamw = worse(differences.adamw, Math.abs(result.lossSum * scale - reference));
      await optimizer.update(result.gradients, 0.01);
      step.constrain?.();
    }
    return differences;
  } finally {
    await step.dispose();
  }
}

/** A gradient of PEFT's without the rows of a prompt that a model with an encoder makes no use of. */
function readRows({ data }: Tensor<'float32'>, own: Float32Array, { encoder }: LanguageModel): Float32Array {
  const unread = data.subarray(own.length);
  return encoder && unread.every((value) => value === 0) ? data.subarray(0, own.length) : data;
}

async function generationDifferences(
  model: LanguageModel,
  adapter: Adapter | undefined,
  { tensors }: Expected,
  text: EncodedExample,
  device: Device,
) {
  const { encoderIds, ids } = partsOf(text, model);
  const prompt = encoderIds ?? ids;
  const differences: Differences = {};
  for (const [what, name, numBeams] of [
    ['greedy', 'greedy_row0', 1],
    ['beam', 'beam4_row0', 4],
  ] as const) {
    const reference = tensors.get(name);
    if (!reference) continue;
    const newIds = Array.from(reference.data as BigInt64Array, Number).slice(encoderIds ? 1 : ids.length);
    const options = { maxNewTokens: newIds.length, numBeams };
    const decoder = await createModelDecoder({ model, adapter: forRow(adapter, text), device });
    try {
      const [row] = await generate(decoder, [prompt], options);
      differences[what] = newIds.filter((id, i) => id !== row!.ids[i]).length;
    } finally {
      await decoder.dispose();
    }
  }
  return differences;
}

/**
 * Largest difference over the reference's own largest value. Where that is zero but for rounding, as the gradient of
 * a key's bias is (softmax takes no notice of what is added to every score), over a share of the largest of all
 * gradients.
 */
function relativeDifference(ours: Float32Array, reference: Float32Array, ofAll: number): number {
  if (ours.length !== reference.length) return Number.NaN;
  let largest = 0;
  let difference = 0;
  for (const [i, value] of reference.entries()) {
    largest = Math.max(largest, Math.abs(value));
    difference = worse(difference, Math.abs(ours[i]! - value));
  }
  return difference / (largest < 1e-6 * ofAll ? 1e-3 * ofAll : largest);
}

/** The larger of two, where NaN is the worst of all. */
function worse(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b);
}
