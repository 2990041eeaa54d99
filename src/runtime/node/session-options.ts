/** @file A session's settings in the words of onnxruntime-node. */
import type { InferenceSession } from 'onnxruntime-node';
import type { SessionSettings } from '../protocol.js';

export function sessionOptions(settings: SessionSettings): InferenceSession.SessionOptions {
  // Below `extra` an option's name is divided at its first point.
  const session: Record<string, string> = {};
  const optimization: Record<string, string> = {};
  const { weights } = settings;
  if (weights && 'folder' in weights) session.model_external_initializers_file_folder_path = weights.folder;
  // Unpacked weights stay memory-mapped from their file, shared by every session and process.
  if (!settings.prepacking) session.disable_prepacking = '1';
  if (!settings.folding) {
    // Two unpackings of one weight, forward and backward, are not to become one whose result is kept in between.
    optimization.disable_specified_optimizers = 'ConstantFolding;CommonSubexpressionElimination';
    session.disable_quant_qdq = '1';
  }
  return {
    executionProviders: [settings.provider],
    intraOpNumThreads: settings.threads,
    graphOptimizationLevel: 'all',
    // Patterns of memory, kept a shape each, would double what a step with gradients holds.
    enableMemPattern: false,
    logSeverityLevel: 4, // the worker's env.logLevel says the same
    ...(settings.profilePrefix && { enableProfiling: true, profileFilePrefix: settings.profilePrefix }),
    extra: { session, optimization },
  };
}
