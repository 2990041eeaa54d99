/** @file A session's settings in the words of onnxruntime-web. Threads are set for all sessions at once. */
import type { InferenceSession } from 'onnxruntime-common';
import type { SessionSettings, WeightSource } from '../protocol.js';
import { commonSessionOptions } from '../session-options.js';

/**
 * Of weights up to this size ONNX Runtime keeps a second copy in the layout of its products. Without one, WebAssembly
 * rearranges every matrix in every product: a token takes 1.6 times as long, a step 1.07 times. Memory is what a tab
 * has least of, and larger models go without.
 */
const prepackedBytes = 32e6;

export function sessionOptions(settings: SessionSettings): InferenceSession.SessionOptions {
  const onCpu = settings.provider === 'cpu';
  const prepacking = settings.prepacking || (onCpu && sizeOf(settings.weights) <= prepackedBytes);
  return {
    ...commonSessionOptions({ ...settings, prepacking }),
    executionProviders: [onCpu ? 'wasm' : settings.provider],
  };
}

/** In bytes, as they are stored. */
function sizeOf(weights: WeightSource | undefined): number {
  if (!weights || 'folder' in weights) return 0;
  return [...weights.bytes.values()].reduce(
    (sum, data) => sum + ('byteLength' in data ? data.byteLength : data.size),
    0,
  );
}
