/** @file `promptune/browser`: Promptune in a web page, behind a worker. */
export { type ErrorCode, FileError, type Problem, PromptuneError, UsageError } from '../errors.js';
export type { TokenEvent } from '../generation/generate.js';
export type { RunDataReport } from '../runs/check-run-data.js';
export type { RuntimeBuild } from '../runtime/web/engine-thread.js';
export type { Language } from '../say.js';
export type { BrowserFiles } from './files.js';
export type { BrowserDevice, Environment } from './methods.js';
export type { SourceOptions } from './model-source.js';
export type { Picked, PickedFileHandle, PickedFolder } from './picked.js';
export {
  type BrowserCheckOptions,
  type BrowserClassifierOptions,
  type BrowserData,
  type BrowserEvaluationOptions,
  type BrowserGeneratorOptions,
  type BrowserPromptAttentionOptions,
  type BrowserPromptMapOptions,
  type BrowserRunPlan,
  type BrowserTrainingOptions,
  type BrowserTrainingResult,
  type ModelSource,
  type Promptune,
  type PromptuneOptions,
  type Remote,
  type RemoteAdapter,
  type RemoteClassifier,
  type RemoteModel,
  type RemoteResource,
  type RemoteTextGenerator,
  type RemoteTokenizer,
  startPromptune,
} from './promptune.js';
export type { DownloadOptions, DownloadProgress, ModelEstimate, StoredModel } from './stored-models.js';
