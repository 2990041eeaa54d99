/** @file `promptune`: learn prompts for language models, measure them, and generate with them. */

import './hub-datasets.js';

export { type CombineOptions, combinations, combineAdapters } from './adapters/combine.js';
export { exportAsGguf } from './adapters/export-gguf.js';
export {
  type ExportModelOptions,
  exportModelAsGguf,
  type GgufDtype,
  ggufDtypes,
} from './adapters/export-model-gguf.js';
export { exportAsPrefix } from './adapters/export-prefix.js';
export { type LoadAdapterOptions, loadAdapter } from './adapters/load-adapter.js';
export { type MergeAdapterOptions, mergeAdapter, mergedWeights, unmergedWeights } from './adapters/merge.js';
export { type PromptAtStep, promptVectors } from './adapters/prompt-vectors.js';
export type { SavedAdapter } from './adapters/saved-adapter.js';
export { composeAdapters, methodSeparator } from './attach/compose.js';
export type { Head } from './attach/head.js';
export type { InputText } from './attach/input-text.js';
export {
  type Adapter,
  type Combined,
  type Combining,
  defineMethod,
  type LatePrompt,
  type Learner,
  type LearnerOptions,
  type Method,
  type MethodDefinition,
  type OptionFiles,
  type PromptLabel,
  type Sites,
  type TokenEncoder,
} from './attach/method.js';
export type { LinearRowChange, RowChanges, SubLayerRowChange } from './attach/row-changes.js';
export {
  type BenchmarkEvent,
  type BenchmarkOptions,
  type BenchmarkResult,
  type BenchmarkRow,
  benchmarkPrompts,
} from './benchmark/benchmark.js';
export { type BenchmarkConfig, benchmarkSchema } from './benchmark/config.js';
export { benchmarkReport, benchmarkTable } from './benchmark/report.js';
export {
  describeProblem,
  type ErrorCode,
  FileError,
  type Problem,
  PromptuneError,
  type PromptuneErrorOptions,
  UsageError,
} from './errors.js';
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
  labelMetrics,
  type Score,
} from './evaluation/evaluate.js';
export { type GraphKind, graphKinds, graphText } from './evaluation/graph-text.js';
export { type WordProbability, wordProbabilities } from './evaluation/label-scores.js';
export { type EvaluateLabelsOptions, evaluateLabels, type LabelsResult } from './evaluation/labels.js';
export { computeLogits, type LogitsOptions } from './evaluation/logits.js';
export { type EvaluateLossOptions, evaluateLoss, type LossResult, type RowLoss } from './evaluation/loss.js';
export { type Majority, majorityOf } from './evaluation/majority.js';
export { type CorpusMetric, defineMetric, type RowMetric } from './evaluation/metrics/define-metric.js';
export { averaged, type Metric, type ScoredRow, type Scorer, summed } from './evaluation/metrics/metric.js';
export { isLossMetric, lossMetrics, metricNamed, metrics } from './evaluation/metrics/registry.js';
export { type NearestToken, nearestTokens } from './evaluation/nearest-tokens.js';
export { type ComparedMetric, comparePredictions, writePredictions } from './evaluation/predictions.js';
export {
  type PromptAttention,
  type PromptAttentionOptions,
  promptAttention,
} from './evaluation/prompt-attention.js';
export { type MapPoint, type PromptMap, type PromptMapOptions, promptMap } from './evaluation/prompt-map.js';
export {
  type EvaluationReport,
  evaluationReport,
  formatP,
  formatScore,
  type TrainingCurves,
} from './evaluation/report/evaluation-report.js';
export {
  bootstrapInterval,
  type Comparison,
  compareRuns,
  type Interval,
  type ResamplingOptions,
} from './evaluation/significance.js';
export type {
  AdapterBase,
  AdapterContent,
  AdapterHubContent,
  AdapterNotes,
  AdapterSource,
  AdapterTraining,
  AdapterUsage,
  HeldAdapter,
  ModelContent,
  PartsContent,
  PeftContent,
  SingleContent,
} from './formats/adapter-content.js';
export type { JsonObject } from './formats/json.js';
export { writeJson } from './formats/json-text.js';
export type { ModelFolder, TensorLocation } from './formats/model-folder.js';
export type { GeneratedRow, TokenEvent } from './generation/generate.js';
export {
  type BeamSearch,
  type GenerationOptions,
  type Greedy,
  generationOptionsSchema,
  type ResolvedGenerationOptions,
  type RowOptions,
  resolveGenerationOptions,
  type Sampling,
} from './generation/options.js';
export type { ChatPrompt, Prompt, TextPrompt } from './generation/prompts.js';
export type { FinishReason } from './generation/stopping.js';
export {
  type BatchRequestOptions,
  createTextGenerator,
  type RowsOf,
  type TextGenerator,
  type TextGeneratorOptions,
  type TextRequestOptions,
} from './generation/text-generator.js';
export type { TokenLogprob } from './generation/token-logprobs.js';
export type { JsonSchema } from './grammar/index.js';
export type { DownloadProgress } from './hub/download-model.js';
export type { ConversionOptions } from './loading/gguf-conversion.js';
export { loadModel } from './loading/load-model.js';
export { weightBytes } from './loading/precision.js';
export { exportModelAsFolder, type WeightDtype, weightDtypes } from './loading/save.js';
export type { RunInputs } from './loss/dataset-options.js';
export { type MethodName, type MethodOptions, methodNamed, methods } from './methods/registry.js';
export type { KeyValue, LayerCache } from './models/attention.js';
export { type ModelDtype, modelDtypes } from './models/dtype.js';
export type { VocabularyHead } from './models/head.js';
export type {
  Encoder,
  EncoderOutput,
  HeadDesign,
  LanguageModel,
  ModelConfig,
  OutputPositions,
  Stream,
  StreamOutput,
} from './models/model.js';
export type { Unpadded } from './models/unpadded.js';
export type {
  LinearChange,
  LinearLayer,
  LinearUse,
  PackedWeight,
  ParameterShapes,
  SubLayer,
  SubLayerChange,
  SubLayerUse,
  WeightChanges,
  WeightFiles,
  Weights,
} from './models/weights.js';
export type { Pretrained } from './open-pretrained.js';
export { fromPretrained, type PretrainedOptions } from './pretrained.js';
export { type LabelingConfig, labelingSchema } from './prompting/config.js';
export {
  createPromptClassifier,
  type PromptClassifier,
  type PromptClassifierOptions,
} from './prompting/prompt-classifier.js';
export { type ShotChoice, type ShotOptions, shotChoices } from './prompting/shots.js';
export { type Random, seededRandom } from './random.js';
export { type Data, type DataSource, readRows, type StoredRows } from './records/data.js';
export type { Fields } from './records/record-formats.js';
export type { DataRecord, RecordFile } from './records/records.js';
export type { FileOptions, ReadOptions } from './records/text-encoding.js';
export { defaultMethod, type RunConfig, type RunOptions, runSchema } from './runs/run-config.js';
export {
  type ConfigTrainingOptions,
  type MethodChoice,
  type TrainAdapterOptions,
  type TrainAdapterResult,
  type TrainingOptions,
  trainAdapter,
  trainFromConfig,
  type WrittenRun,
} from './runs/train-adapter.js';
export {
  type GcgConfig,
  type OproConfig,
  type PezConfig,
  type ResolvedSearchConfig,
  resolveSearchConfig,
  type SearchConfig,
  searchMethods,
  searchSchemas,
} from './search/config.js';
export {
  type ScoredText,
  type SearchEvent,
  type SearchPromptOptions,
  type SearchPromptResult,
  type SearchStart,
  searchPrompt,
} from './search/search-prompt.js';
export type { Candidate } from './selection/candidates.js';
export {
  type SelectionFiles,
  type SelectorConfig,
  selectionFilesSchema,
  selectorSchema,
} from './selection/config.js';
export { type EvaluateSelectorOptions, evaluateSelector } from './selection/evaluate-selector.js';
export type { EpochEvent } from './selection/fit.js';
export type { LossProgress } from './selection/loss-table.js';
export type { SelectionReport } from './selection/report.js';
export {
  type Chosen,
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
export { type DType, float32Tensor, type Tensor, type TrainableTensors } from './tensor.js';
export { type ChatFormat, chatFormatOf, type FormatOptions, type Message } from './text/chat.js';
export {
  type CheckOptions,
  checkData,
  type DataReport,
  type Lengths,
  type Segment,
  type TokenizedExample,
} from './text/check.js';
export { type DataConfig, dataSchema } from './text/data-config.js';
export {
  type Dataset,
  type DatasetOptions,
  openDataset,
  type RecordTransform,
  type TextDataset,
} from './text/dataset.js';
export type { EncodedExample, PromptForm } from './text/encode.js';
export type { ExampleToken } from './text/example-tokens.js';
export type { LabelNames } from './text/label-names.js';
export type { LabeledOptions, PooledToken } from './text/labeled.js';
export type { Mask, PromptPart, PromptText, SoftTokens } from './text/prompt-text.js';
export { splitDataset } from './text/split.js';
export { promptTemplate } from './text/template.js';
export { withTextBefore } from './text/template-compiler.js';
export { loadTokenizer, type Tokenizer } from './text/tokenizer.js';
export type { VerbalizerOption } from './text/verbalizer.js';
export { optimizerSchema, scheduleSchema, trainingSchema } from './training/config.js';
export type {
  KeptStatesSummary,
  RunSummary,
  Sample,
  SampleEvent,
  StartEvent,
  StepEvent,
  TrainingEvent,
} from './training/events.js';
export type { TrialSettings } from './tuning/candidates.js';
export { type Trial, type TuningOptions, type TuningResult, tuneAdapter } from './tuning/tune-adapter.js';
