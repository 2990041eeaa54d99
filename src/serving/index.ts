/**
 * @file `promptune/serving`: one model with many adapters for many concurrent requests, with or without an HTTP API.
 */

export type { TokenLogprob } from '../generation/token-logprobs.js';
export type { CallsInText } from '../grammar/index.js';
export { createEngine, type Engine, type EngineStats } from './engine/engine.js';
export type { EngineOptions } from './engine/engine-options.js';
export type { ServedModel } from './engine/models.js';
export {
  type ClassificationRequest,
  type Classifications,
  ContextLengthError,
  type EngineRequest,
  type EngineToken,
  type Generation,
  type GenerationTimes,
  OverloadedError,
} from './engine/requests.js';
export { type ApiKey, apiKeySchema, readKeysFile } from './http/keys.js';
export type { RequestLine } from './http/request-record.js';
export { createServer, type Server, type ServerOptions } from './http/server.js';
