/** @file A session's settings in the words of onnxruntime-web. Threads are set for all sessions at once. */
import type { InferenceSession } from 'onnxruntime-common';
import type { SessionSettings } from '../protocol.js';
import { commonSessionOptions } from '../session-options.js';

export function sessionOptions(settings: SessionSettings): InferenceSession.SessionOptions {
  const options = commonSessionOptions(settings);
  const { optimization } = options.extra;
  // ONNX Runtime would keep 16-bit weights in 32 bits after all. Memory is what a tab has least of.
  if (!settings.folding)
    optimization.disable_specified_optimizers += ';FuseFp16InitializerToFp32NodeTransformer';
  return { ...options, executionProviders: [settings.provider === 'cpu' ? 'wasm' : settings.provider] };
}
