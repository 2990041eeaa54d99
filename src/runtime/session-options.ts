/** @file The part of a session's settings that all packages of ONNX Runtime share, as their options. */
import type { InferenceSession } from 'onnxruntime-common';
import type { SessionSettings } from './protocol.js';

export function commonSessionOptions({
  prepacking,
  folding,
}: SessionSettings): InferenceSession.SessionOptions & {
  extra: Record<'session' | 'optimization', Record<string, string>>;
} {
  // Inside `extra`, an option's name is split at its first dot.
  const session: Record<string, string> = {};
  const optimization: Record<string, string> = {};
  // Unpacked weights stay memory-mapped, shared by all sessions and processes.
  if (!prepacking) session.disable_prepacking = '1';
  if (!folding) {
    // Those that would unpack weights when the session is made (of float16, even after ConstantFolding is disabled), or
    // merge the two unpackings of a weight (forward and backward) into one whose result is kept in between.
    optimization.disable_specified_optimizers = [
      'ConstantFolding',
      'FuseFp16InitializerToFp32NodeTransformer',
      'CommonSubexpressionElimination',
    ].join(';');
    session.disable_quant_qdq = '1';
  }
  return {
    graphOptimizationLevel: 'all',
    // Memory patterns are kept per shape and would double the memory of a step with gradients.
    enableMemPattern: false,
    logSeverityLevel: 4, // same as the worker's env.logLevel
    extra: { session, optimization },
  };
}
