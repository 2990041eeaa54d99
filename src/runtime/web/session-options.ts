/** @file A session's settings in the words of onnxruntime-web. Threads are set for all sessions at once. */
import type { InferenceSession } from 'onnxruntime-common';
import type { SessionSettings } from '../protocol.js';
import { commonSessionOptions } from '../session-options.js';

export const sessionOptions = (settings: SessionSettings): InferenceSession.SessionOptions => ({
  ...commonSessionOptions(settings),
  executionProviders: [settings.provider === 'cpu' ? 'wasm' : settings.provider],
});
