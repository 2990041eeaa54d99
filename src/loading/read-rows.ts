/** @file Reads some rows of a matrix, where the whole would take too much memory. */
import type { TensorLocation } from '../formats/model-folder.js';
import { readTensorAt, toFloat32 } from '../formats/safetensors.js';

/** The numbers of rows `from` to `to` of a matrix. */
export async function readRows(location: TensorLocation, from: number, to: number): Promise<Float32Array> {
  const { path, name, shape } = location;
  const rowBytes = location.byteLength / shape[0]!;
  const part = {
    ...location,
    shape: [to - from, ...shape.slice(1)],
    offset: location.offset + from * rowBytes,
    byteLength: (to - from) * rowBytes,
  };
  return toFloat32(await readTensorAt(path, part), path, name).data;
}
