/** @file A model's parameters as graph values: frozen ones are read from their files in place, trained ones are fed. */

import { dirname, relative, sep } from '#platform';
import { FileError, PromptuneError } from '../errors.js';
import type { ModelFolder, TensorLocation } from '../formats/model-folder.js';
import { dtypes } from '../formats/safetensors.js';
import { add, cast, type FileRange, packedWeight, scope, type Value, weight } from '../graph/index.js';
import { say } from '../say.js';

/** Parameter name → shape, as a family's configuration implies it. */
export type ParameterShapes = ReadonlyMap<string, readonly number[]>;

/** The supported types of weights in files. */
const weightTypes = ['F64', 'F32', 'F16', 'BF16'];

/** The place of each parameter. Locations are relative to `folder`. */
export interface WeightFiles {
  readonly folder: string;
  /** The files, all of them below the folder. */
  readonly paths: readonly string[];
  readonly locations: ReadonlyMap<string, TensorLocation>;
  /** Matrices that are read in packed form instead (see precision.ts), by name. */
  readonly packed?: ReadonlyMap<string, PackedWeight>;
}

/** A packed matrix in a file: in 16 bits, or in blocks of 8 or 4 bits. */
export interface PackedWeight {
  readonly values: TensorLocation;
  readonly blocks?: {
    readonly bits: 4 | 8;
    readonly scales: TensorLocation;
    readonly zeros: TensorLocation;
    /** Whether the parameter is [in, out]. Its blocks are those of the transpose. */
    readonly isInOut: boolean;
  };
}

/**
 * Finds every parameter of `shapes` in the model's files and checks its shape and type.
 * @param prefix what some files put before every name ("transformer."); names are found with or without it
 * @throws FileError for a parameter that is missing, or whose shape is not the one that config.json implies
 */
export function locateWeights(source: ModelFolder, shapes: ParameterShapes, prefix: string): WeightFiles {
  const locations = new Map<string, TensorLocation>();
  for (const [name, shape] of shapes) {
    const location = findTensor(source, name, prefix);
    if (!location) {
      throw new FileError(
        source.folder,
        name,
        say`the weights do not have this tensor, which config.json implies`,
      );
    }
    if (location.shape.join() !== shape.join()) {
      throw new FileError(
        location.path,
        location.name,
        say`the tensor is [${location.shape.join(', ')}], but config.json implies
          [${shape.join(', ')}]; the configuration and the weights belong to different models`,
      );
    }
    if (!weightTypes.includes(location.dtype)) {
      throw new FileError(
        location.path,
        location.name,
        say`weights of type ${location.dtype} are not supported; use F64, F32, F16 or BF16`,
      );
    }
    locations.set(name, location);
  }
  return filesOf(locations);
}

/** The files that hold parameters. */
export function filesOf(
  locations: WeightFiles['locations'],
  packed: ReadonlyMap<string, PackedWeight> = new Map(),
): WeightFiles {
  const values = [...locations.values(), ...[...packed.values()].map(({ values }) => values)];
  const paths = [...new Set(values.map(({ path }) => path))];
  return { folder: commonFolder([...new Set(paths.map(dirname))]), paths, locations, packed };
}

/** Finds a parameter by its name, without the family's prefix, or by the name in BERT's first files. */
export function findTensor(
  { tensors }: ModelFolder,
  name: string,
  prefix: string,
): TensorLocation | undefined {
  const firstName = name
    .replace(/LayerNorm\.weight$/, 'LayerNorm.gamma')
    .replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
  return tensors.get(name) ?? tensors.get(name.replace(prefix, '')) ?? tensors.get(firstName);
}

function commonFolder(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    let shared = common;
    while (relative(shared, folder).startsWith('..')) shared = dirname(shared);
    return shared;
  });
}

/** A linear layer of a model; its weight is the parameter `<name>.weight`. */
export interface LinearLayer {
  readonly inSize: number;
  readonly outSize: number;
  /** Layout of the weight: [in, out] as in GPT-2's Conv1D, or [out, in] as in PyTorch's Linear. */
  readonly layout: 'in-out' | 'out-in';
}

/** A linear layer about to be applied, as a method sees it. */
export interface LinearUse {
  /** Rows [n, in]. */
  readonly input: Value;
  /** The frozen layer's output [n, out] for rows [n, in]. */
  compute(input: Value): Value;
  /** The range of outputs that are needed, and that `compute` returns. Default: all. */
  readonly columns?: readonly [from: number, to: number];
  /** The whole frozen weight, in its layout, and the bias [out] if there is one. */
  readonly weight: Value;
  readonly bias?: Value;
}

/** A method's replacement for a linear layer. */
export type LinearChange = (use: LinearUse) => Value;

/** An attention or feed-forward with its residual connection, named after its module. */
export interface SubLayer {
  readonly kind: 'attention' | 'cross-attention' | 'feed-forward';
  /** Its layer's index, from 0. In encoder-decoders, the decoder's layers follow the encoder's. */
  readonly layer: number;
}

/** A computed sub-layer before it is added to the residual, as a method sees it. */
export interface SubLayerUse {
  /** Its output, [n, hidden]. */
  readonly output: Value;
  /** The residual that its output is added to, [n, hidden]. */
  readonly residual: Value;
  /** The normalization of their sum, in models such as BERT. The family applies it after the change. */
  readonly normalize?: (sum: Value) => Value;
}

/** Returns the input of the next sub-layer, [n, hidden]. Default: residual + output. */
export type SubLayerChange = (use: SubLayerUse) => Value;

/** A method's changes to a model, by name. */
export interface WeightChanges {
  readonly parameters?: ReadonlyMap<string, Value>;
  readonly linear?: ReadonlyMap<string, LinearChange>;
  readonly subLayers?: ReadonlyMap<string, SubLayerChange>;
}

/** Graph values of parameters by name: a method's if it changes them, else the frozen ones in the files. */
export class Weights {
  readonly #values = new Map<string, Value>();

  constructor(
    private readonly files: WeightFiles,
    private readonly changes: WeightChanges = {},
  ) {}

  /** Applies the linear layer `name`, as changed by the method. */
  applyLinear(name: string, use: Omit<LinearUse, 'weight' | 'bias'>): Value {
    const change = this.changes.linear?.get(name);
    return scope(name.slice(name.lastIndexOf('.') + 1), () => {
      if (!change) return use.compute(use.input);
      const bias = this.has(`${name}.bias`) ? this.get(`${name}.bias`) : undefined;
      return change({ ...use, weight: this.get(`${name}.weight`), bias });
    });
  }

  /** Adds the output of sub-layer `name` to its residual, as changed by the method. */
  addSubLayer(name: string, use: SubLayerUse): Value {
    const change = this.changes.subLayers?.get(name);
    return change ? change(use) : add(use.residual, use.output);
  }

  /** Whether the model has a parameter of this name. */
  has(name: string): boolean {
    return this.files.locations.has(name);
  }

  /** The first of these parameters that the model has. */
  getFirst(...names: readonly string[]): Value {
    return this.get(names.find((name) => this.has(name)) ?? names[0]!);
  }

  get(name: string): Value {
    const known = this.changes.parameters?.get(name) ?? this.#values.get(name);
    if (known) return known;
    const location = this.files.locations.get(name);
    if (!location)
      throw new PromptuneError(say`the model has no parameter "${name}", which this needs of it`, {
        code: 'unsupported',
      });
    const packed = this.files.packed?.get(name);
    // Other 16-bit weights become float32 when the session is made (ONNX Runtime folds the cast): arithmetic is float32
    // throughout.
    const value = packed
      ? this.#packed(name, packed, location.shape)
      : cast(weight(name, dtypes[location.dtype]!, location.shape, this.#range(location)), 'float32');
    this.#values.set(name, value);
    return value;
  }

  #packed(name: string, { values, blocks }: PackedWeight, shape: readonly number[]): Value {
    const transposed = blocks?.isInOut ?? false;
    const [rows, columns] = (transposed ? shape.toReversed() : shape) as [number, number];
    const format = blocks
      ? { bits: blocks.bits, scales: this.#range(blocks.scales), zeros: this.#range(blocks.zeros) }
      : (dtypes[values.dtype] as 'float16' | 'bfloat16');
    return packedWeight({ name, rows, columns, transposed, values: this.#range(values), format });
  }

  #range({ path, offset, byteLength }: TensorLocation): FileRange {
    return { location: relative(this.files.folder, path).split(sep).join('/'), offset, byteLength };
  }
}
