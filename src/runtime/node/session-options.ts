/** @file A session's settings as options of onnxruntime-node. */
import type { InferenceSession } from 'onnxruntime-node';
import type { SessionSettings } from '../protocol.js';
import { commonSessionOptions } from '../session-options.js';

export function sessionOptions(settings: SessionSettings): InferenceSession.SessionOptions {
  const options = commonSessionOptions(settings);
  const { weights, profilePrefix } = settings;
  if (weights && 'folder' in weights)
    options.extra.session.model_external_initializers_file_folder_path = weights.folder;
  return {
    ...options,
    executionProviders: [settings.provider],
    intraOpNumThreads: settings.threads,
    ...(profilePrefix && { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
}
