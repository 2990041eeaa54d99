/** @file The named parts of a decoder's layers and their use, for families whose linear layers are PyTorch's. */
import { layerNorm, linear, rmsNorm, slice, type Value } from '../graph/index.js';
import type { LinearLayer, SubLayer, SubLayerUse, Weights } from './weights.js';

/** A linear layer [out, in] of every layer, and whether it has a bias. */
export interface LinearPart {
  readonly inSize: number;
  readonly outSize: number;
  readonly bias: boolean;
}

/** A normalization of every layer over this many numbers, and whether it has a bias. */
export interface NormPart {
  readonly size: number;
  readonly bias: boolean;
}

/** The parts of a layer, by their names within it. */
export interface LayerParts {
  readonly linear: Readonly<Record<string, LinearPart>>;
  readonly norms: Readonly<Record<string, NormPart>>;
  /** The modules of its sub-layers. */
  readonly attention: string;
  readonly crossAttention?: string;
  readonly feedForward: string;
}

/** `LinearLayer`s, sub-layers and parameters of a model with such layers at these paths, numbered from `first`. */
export function describeLayers(paths: readonly string[], parts: LayerParts, first = 0) {
  const { linear, norms, attention, crossAttention, feedForward } = parts;
  const linearLayers = new Map<string, LinearLayer>();
  const subLayers = new Map<string, SubLayer>();
  const parameters = new Map<string, readonly number[]>();
  const add = (name: string, weight: readonly number[], outSize: number, bias: boolean) => {
    parameters.set(`${name}.weight`, weight);
    if (bias) parameters.set(`${name}.bias`, [outSize]);
  };
  for (const [i, path] of paths.entries()) {
    for (const [part, { inSize, outSize, bias }] of Object.entries(linear)) {
      linearLayers.set(`${path}.${part}`, { inSize, outSize, layout: 'out-in' });
      add(`${path}.${part}`, [outSize, inSize], outSize, bias);
    }
    for (const [part, { size, bias }] of Object.entries(norms)) add(`${path}.${part}`, [size], size, bias);
    const layer = first + i;
    subLayers.set(`${path}.${attention}`, { kind: 'attention', layer });
    if (crossAttention) subLayers.set(`${path}.${crossAttention}`, { kind: 'cross-attention', layer });
    subLayers.set(`${path}.${feedForward}`, { kind: 'feed-forward', layer });
  }
  return { linearLayers, subLayers, parameters };
}

/** One layer's parts in the graph. */
export class LayerInGraph {
  constructor(
    private readonly weights: Weights,
    private readonly path: string,
    private readonly parts: LayerParts,
  ) {}

  /** Rows [n, in] through a linear layer, or only through its outputs `from` to `to`. */
  linear(part: string, rows: Value, columns?: readonly [from: number, to: number]): Value {
    const name = `${this.path}.${part}`;
    const cut = (value: Value) => (columns ? slice(value, 0, ...columns) : value);
    const weight = cut(this.weights.get(`${name}.weight`));
    const bias = this.parts.linear[part]!.bias ? cut(this.weights.get(`${name}.bias`)) : undefined;
    const compute = (x: Value) => linear(x, weight, bias, { transposeWeight: true });
    return this.weights.applyLinear(name, { input: rows, compute, columns });
  }

  layerNorm(part: string, x: Value, epsilon: number): Value {
    const [weight, bias] = ['weight', 'bias'].map((own) => this.weights.get(`${this.path}.${part}.${own}`));
    return layerNorm(x, weight!, bias!, epsilon);
  }

  /** @param scaleOf the scale that the weight stands for, such as 1 + w */
  rmsNorm(part: string, x: Value, epsilon: number, scaleOf: (weight: Value) => Value): Value {
    return rmsNorm(x, scaleOf(this.weights.get(`${this.path}.${part}.weight`)), epsilon);
  }

  addSubLayer(part: string, use: SubLayerUse): Value {
    return this.weights.addSubLayer(`${this.path}.${part}`, use);
  }
}
