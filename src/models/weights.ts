/** @file A model's parameters as graph values: frozen ones are read where they lie in their files, trained ones are fed. */
import { dirname, relative, sep } from 'node:path';
import { FileError } from '../errors.js';
import type { ModelFolder, TensorLocation } from '../formats/model-folder.js';
import { cast, type Value, weight } from '../graph/index.js';
import type { DType } from '../tensor.js';

/** Parameter name → shape, as a family's configuration implies it. */
export type ParameterShapes = ReadonlyMap<string, readonly number[]>;

const dtypes: Readonly<Record<string, DType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** Where each parameter lies. `folder` holds all of the files, whose real paths the locations are relative to. */
export interface WeightFiles {
  readonly folder: string;
  readonly locations: ReadonlyMap<string, TensorLocation>;
}

/**
 * Finds every parameter of `shapes` in the model's files and checks its shape and type.
 * @param prefix what some files put before every name ("transformer."), with or without which a name is found
 * @throws FileError for a parameter that is missing, or that does not have the shape that config.json implies
 */
export function locateWeights(source: ModelFolder, shapes: ParameterShapes, prefix: string): WeightFiles {
  const locations = new Map<string, TensorLocation>();
  for (const [name, shape] of shapes) {
    const location = source.tensors.get(name) ?? source.tensors.get(name.replace(prefix, ''));
    if (!location) {
      throw new FileError(
        source.folder,
        name,
        'the weights do not have this tensor, which config.json implies',
      );
    }
    if (location.shape.join() !== shape.join()) {
      throw new FileError(
        location.path,
        location.name,
        `the tensor is [${location.shape.join(', ')}], but config.json implies [${shape.join(', ')}]; ` +
          'the configuration and the weights belong to different models',
      );
    }
    if (!dtypes[location.dtype]) {
      throw new FileError(
        location.path,
        location.name,
        `weights of type ${location.dtype} are not supported; use F32, F16 or BF16`,
      );
    }
    locations.set(name, location);
  }
  return { folder: commonFolder([...locations.values()].map(({ path }) => dirname(path))), locations };
}

function commonFolder(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    let shared = common;
    while (relative(shared, folder).startsWith('..')) shared = dirname(shared);
    return shared;
  });
}

/** Gives graph values for parameters by name: trained ones where `trained` has them, else frozen ones from the files. */
export class Weights {
  readonly #values = new Map<string, Value>();

  constructor(
    private readonly files: WeightFiles,
    private readonly trained: ReadonlyMap<string, Value> = new Map(),
  ) {}

  get(name: string): Value {
    const known = this.trained.get(name) ?? this.#values.get(name);
    if (known) return known;
    const location = this.files.locations.get(name);
    if (!location) throw new Error(`the model has no parameter "${name}"`);
    const stored = weight(name, dtypes[location.dtype]!, location.shape, {
      location: relative(this.files.folder, location.path).split(sep).join('/'),
      offset: location.offset,
      byteLength: location.byteLength,
    });
    // Halves become float32 when the session is made (ONNX Runtime folds the cast); arithmetic is float32 throughout.
    const value = cast(stored, 'float32');
    this.#values.set(name, value);
    return value;
  }
}
