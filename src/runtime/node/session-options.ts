/** @file A session's settings as options of onnxruntime-node. */
import type { InferenceSession } from 'onnxruntime-node';
import type { SessionSettings } from '../protocol.js';

export function sessionOptions(settings: SessionSettings): InferenceSession.SessionOptions {
  // Inside `extra`, an option's name is split at its first dot.
  const session: Record<string, string> = {};
  const optimization: Record<string, string> = {};
  const { weights } = settings;
  if (weights && 'folder' in weights) session.model_external_initializers_file_folder_path = weights.folder;
  // Unpacked weights stay memory-mapped, shared by all sessions and processes.
  if (!settings.prepacking) session.disable_prepacking = '1';
  if (!settings.folding) {
    // Must not merge the two unpackings of a weight (forward and backward) into one whose result is kept in between.
    optimization.disable_specified_optimizers = 'ConstantFolding;CommonSubexpressionElimination';
    session.disable_quant_qdq = '1';
  }
  return {
    executionProviders: [settings.provider],
    intraOpNumThreads: settings.threads,
    graphOptimizationLevel: 'all',
    // Memory patterns are kept per shape and would double the memory of a step with gradients.
    enableMemPattern: false,
    logSeverityLevel: 4, // same as the worker's env.logLevel
    ...(settings.profilePrefix && { enableProfiling: true, profileFilePrefix: settings.profilePrefix }),
    extra: { session, optimization },
  };
}
