/** @file A weighted sum of LoRAs, whatever their ranks and layers, as one LoRA. */
import type { Combined } from '../../attach/method.js';
import { tensorError } from '../../attach/peft-tensors.js';
import { FileError } from '../../errors.js';
import { type PeftContent, weightsPath } from '../../formats/adapter-content.js';
import { say } from '../../say.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../../tensor.js';
import { shapeError } from './combine-tensors.js';
import { loraFields } from './lora-fields.js';
import { refuseFields } from './stored-config.js';

const aEnding = '.lora_A.weight';
const bEnding = '.lora_B.weight';

/**
 * Σ wᵢ·sᵢ·BᵢAᵢ as one BA with a scale of 1: the rows of all A, and beside each other the columns of all B times
 * wᵢ·sᵢ.
 */
export function sumOfLoras(files: readonly PeftContent[], weights: readonly number[]): Combined {
  const layers = new Map<
    string,
    { a: Tensor<'float32'>; b: Tensor<'float32'>; scale: number; from: PeftContent }[]
  >();
  for (const [i, file] of files.entries()) {
    refuseFields(file, { use_dora: [false] });
    const { scaleOf } = loraFields(file);
    for (const [name, a] of file.tensors) {
      if (name.endsWith(bEnding) && file.tensors.has(name.replace(bEnding, aEnding))) continue;
      if (!name.endsWith(aEnding))
        throw new FileError(weightsPath(file), name, say`it is no part of a LoRA of a linear layer`);
      const layer = name.slice(0, -aEnding.length);
      const b = file.tensors.get(layer + bEnding);
      if (!b || b.shape[1] !== a.shape[0])
        throw tensorError(file, layer + bEnding, [undefined, a.shape[0]], b);
      const scale = weights[i]! * scaleOf(layer.replace('base_model.model.', ''), a.shape[0]!);
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
