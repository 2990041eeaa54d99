/** @file `promptune`: learn prompts for language models, measure them, and generate with them. */
export { type ChatFormat, chatFormatOf, type Message } from './data/chat.js';
export { type CheckOptions, checkData, type DataReport } from './data/check.js';
export { type Dataset, type DatasetOptions, openDataset, type TextDataset } from './data/dataset.js';
export type { EncodedExample } from './data/encode.js';
export type { PromptText } from './data/prompt-text.js';
export { splitDataset } from './data/split.js';
export { promptTemplate } from './data/template.js';
export { loadTokenizer, type Tokenizer } from './data/tokenizer.js';
export { FileError, PromptuneError, UsageError } from './errors.js';
export {
  type Answer,
  type Classification,
  type Classifier,
  type ClassifierOptions,
  createClassifier,
  type Question,
} from './evaluation/classifier.js';
export {
  type EvaluatedRow,
  type Evaluation,
  type EvaluationOptions,
  evaluate,
  type Score,
} from './evaluation/evaluate.js';
export { type EvaluateLabelsOptions, evaluateLabels, type LabelsResult } from './evaluation/labels.js';
export { computeLogits, type LogitsOptions } from './evaluation/logits.js';
export { type EvaluateLossOptions, evaluateLoss, type LossResult } from './evaluation/loss.js';
export type { Metric, ScoredRow, Scorer } from './evaluation/metrics/metric.js';
export { metricNamed, metrics } from './evaluation/metrics/registry.js';
export { type NearestToken, nearestTokens } from './evaluation/nearest-tokens.js';
export { comparePredictions, writePredictions } from './evaluation/predictions.js';
export { bootstrapInterval, compareRuns, type ResamplingOptions } from './evaluation/significance.js';
export type { GeneratedRow, TokenEvent } from './generation/generate.js';
export type { GenerationOptions } from './generation/options.js';
export {
  createTextGenerator,
  type Prompt,
  type TextGenerator,
  type TextGeneratorOptions,
} from './generation/text-generator.js';
export { type CombineOptions, combineAdapters } from './methods/combine.js';
export { composeAdapters } from './methods/compose.js';
export { exportAsPrefix } from './methods/export-prefix.js';
export { type MergeAdapterOptions, mergeAdapter, mergedWeights, unmergedWeights } from './methods/merge.js';
export type { Adapter, Learner, Method } from './methods/method.js';
export { loadAdapter, methods } from './methods/registry.js';
export { type CausalLM, loadCausalLM, type ModelConfig } from './models/model.js';
export { type ModelDtype, modelDtypes, weightBytes } from './models/precision.js';
export { fromPretrained, type Pretrained, type PretrainedOptions } from './pretrained.js';
export type { SearchConfig } from './search/config.js';
export {
  type ScoredText,
  type SearchEvent,
  type SearchPromptOptions,
  type SearchPromptResult,
  searchPrompt,
} from './search/search-prompt.js';
export type { Candidate } from './selection/candidates.js';
export { type EvaluateSelectorOptions, evaluateSelector } from './selection/evaluate-selector.js';
export type { SelectionReport } from './selection/report.js';
export {
  createSelectiveGenerator,
  type SelectiveGenerator,
  type SelectiveGeneratorOptions,
} from './selection/selective-generator.js';
export { type Choice, type LoadSelectorOptions, loadSelector, type Selector } from './selection/selector.js';
export {
  type SelectionEvent,
  type TrainSelectorOptions,
  type TrainSelectorResult,
  trainSelector,
} from './selection/train-selector.js';
export {
  createPromptClassifier,
  type PromptClassifier,
  type PromptClassifierOptions,
  type ShotOptions,
} from './tasks/prompt-classifier.js';
export type { Tensor, TrainableTensors } from './tensor.js';
export type { TrainingEvent } from './training/events.js';
export type { RunConfig } from './training/run-config.js';
export {
  type TrainAdapterOptions,
  type TrainAdapterResult,
  trainAdapter,
} from './training/train-adapter.js';
