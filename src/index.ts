/** @file `promptune`: learn prompts for language models, measure them, and generate with them. */
export { type Dataset, type DatasetOptions, openDataset, type TextDataset } from './data/dataset.js';
export type { EncodedExample } from './data/encode.js';
export { splitDataset } from './data/split.js';
export { loadTokenizer, type Tokenizer } from './data/tokenizer.js';
export { FileError, PromptuneError, UsageError } from './errors.js';
export {
  type Classification,
  type Classifier,
  type ClassifierOptions,
  createClassifier,
} from './evaluation/classifier.js';
export { type EvaluateLabelsOptions, evaluateLabels, type LabelsResult } from './evaluation/labels.js';
export { computeLogits, type LogitsOptions } from './evaluation/logits.js';
export { type EvaluateLossOptions, evaluateLoss, type LossResult } from './evaluation/loss.js';
export { type NearestToken, nearestTokens } from './evaluation/nearest-tokens.js';
export type { GeneratedRow, TokenEvent } from './generation/generate.js';
export type { GenerationOptions } from './generation/options.js';
export {
  createTextGenerator,
  type TextGenerator,
  type TextGeneratorOptions,
} from './generation/text-generator.js';
export type { Adapter, Learner, Method } from './methods/method.js';
export { loadAdapter, methods } from './methods/registry.js';
export { type CausalLM, loadCausalLM, type ModelConfig } from './models/model.js';
export { fromPretrained, type Pretrained } from './pretrained.js';
export type { Tensor, TrainableTensors } from './tensor.js';
export type { TrainingEvent } from './training/events.js';
export type { RunConfig } from './training/run-config.js';
export {
  type TrainAdapterOptions,
  type TrainAdapterResult,
  trainAdapter,
} from './training/train-adapter.js';
