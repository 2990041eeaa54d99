/**
 * @file `promptune/workspace`: folders, files and jobs on a machine with Node.js. It makes the decisions that the
 *   command line, a server or a worker share.
 */
import '../hub-datasets.js';

export { notedWords } from '../attach/with-usage.js';
export {
  type Cell,
  type CellResult,
  type CellSettings,
  planCells,
} from '../comparison/cells.js';
export {
  type ComparisonConfig,
  comparisonSchema,
  resolveComparison,
  type Settings,
} from '../comparison/config.js';
export { type ComparisonReport, comparisonReport } from '../comparison/report.js';
export { type RunCellOptions, runCell } from '../comparison/run-cell.js';
export {
  type ComparisonRow,
  comparisonRows,
  type FinishedCell,
  markdownTable,
  type Spread,
  tableCells,
} from '../comparison/table.js';
export { parseShare, type Share } from '../distribution/share.js';
export type { Store } from '../distribution/store.js';
export type {
  Engine,
  PortableFiles,
  ResultFiles,
  RunWorkOptions,
  Work,
  WorkState,
} from '../distribution/work.js';
export { embeddedModel } from '../embedded-model.js';
export { isDatasetName } from '../formats/dataset-name.js';
export { type Content, writeFileAtomic, writeJsonAtomic } from '../formats/files.js';
export { readJsonList, readJsonObject } from '../formats/json.js';
export {
  listModels,
  lookUpModel,
  type PresentModel,
  type RemoteModel,
  type ResolvedDataset,
  type ResolvedModel,
  type ResolveModelOptions,
  resolveDataset,
  resolveModel,
} from '../hub/index.js';
export type { PushedFiles, PushOptions } from '../hub/push-files.js';
export type { ResolveDatasetOptions } from '../hub/resolve-dataset.js';
export { nearestName } from '../nearest-name.js';
export { breakFolderLock } from '../runs/lock.js';
export { noteRun } from '../runs/note-run.js';
export { type CurvePoint, findRuns, type RunRecord, type RunState, readRun } from '../runs/read-run.js';
export {
  configProblems,
  type ResolvedRunConfig,
  resolveRunConfig,
} from '../runs/run-config.js';
export { checkRunFolder, deleteRun, type OpenRunFolderOptions } from '../runs/run-folder.js';
export type { SampledStep } from '../runs/samples.js';
export { createUntrainedModel, type UntrainedModelOptions } from '../runs/untrained-model.js';
export { withoutSecrets } from '../secrets.js';
export type { LabelWords } from '../text/noted-reading.js';
export { type AdapterChange, AdapterFolder, type AdapterServer } from './adapter-folder.js';
export { adaptersBelow } from './adapters-below.js';
export { filterRuns, runValue, sortRuns } from './arrange-runs.js';
export { readCandidatesFile } from './candidates-file.js';
export { type CheckDataFileOptions, checkDataFile } from './check-data.js';
export {
  type CompareMethodsOptions,
  type ComparisonEvent,
  type ComparisonResults,
  compareMethods,
  readComparisonFile,
} from './compare-methods.js';
export { type ConfigFile, readConfigFile } from './config-file.js';
export {
  type AdapterDescription,
  type DescribeAdapterOptions,
  describeAdapter,
  type VirtualToken,
} from './describe-adapter.js';
export { inProcessEngine } from './distribution/in-process-engine.js';
export { type MachineClass, machineClass } from './distribution/machine-class.js';
export { openPieces, type PiecesOptions } from './distribution/open-pieces.js';
export { openStore } from './distribution/open-store.js';
export type { PieceModel } from './distribution/pieces.js';
export { type ProcessEngineOptions, processEngine } from './distribution/process-engine.js';
export { type Pieces, searchByPieces, selectionByPieces } from './distribution/remote.js';
export type { AnswersResult } from './evaluations/answers.js';
export type { HeadResult } from './evaluations/head.js';
export type { TextsResult } from './evaluations/loss.js';
export type { PrecisionFigures, PrecisionsResult } from './evaluations/precisions.js';
export { type AnswersConfig, answersSchema, evaluationSchema } from './evaluations/schema.js';
export { fetchDatasets } from './fetch-datasets.js';
export { type AdapterChoice, baseModelOf, findAdapter, openAdapter, withHeadIfAny } from './find-adapter.js';
export type { FirstUse } from './first-use.js';
export { type GeneratedFile, type GenerateFileOptions, generateFile } from './generate-file.js';
export { type BenchmarkJob, benchmarkJobSchema } from './jobs/benchmark-job.js';
export type { CellJob, CellJobResult } from './jobs/cell-job.js';
export { type CompareJob, type CompareJobResult, compareJobSchema } from './jobs/compare-job.js';
export {
  type DataSummary,
  type EvaluateJob,
  type EvaluateJobResult,
  evaluateJobSchema,
} from './jobs/evaluate-job.js';
export type { JobEvent, JobOptions, JobProgress, PartEvent, ScoresEvent, TrialEvent } from './jobs/events.js';
export { type Job, type JobResult, runJob } from './jobs/job.js';
export { cellJobSchema, jobSchema, parseJob, trainJobSchema } from './jobs/job-schema.js';
export { runJobInProcess } from './jobs/run-in-process.js';
export { planTrainJob, type RunPlan, type TrainJob, type TrainJobResult } from './jobs/train-job.js';
export { listRuns, type RunSummaryLine, summarizeRun } from './list-runs.js';
export { type MlflowOptions, type MlflowRun, type MlflowStatus, reportToMlflow } from './mlflow.js';
export { requireNewFolder } from './new-folder.js';
export { type OpenedForAdapters, openForAdapters } from './open-for-adapters.js';
export { type OpenedSelector, type OpenSelectorOptions, openSelector } from './open-selector.js';
export { packageVersion } from './package-version.js';
export { presetNames, quickstartRows, readPreset } from './presets.js';
export {
  makeNewModel,
  type NewModelConfig,
  type NewModelOptions,
  newModelFolder,
  newModelSchema,
  pretrainingDefaults,
} from './pretraining.js';
export {
  type AdapterUpload,
  adapterUpload,
  type PushAdapterOptions,
  type PushedAdapter,
  pushAdapter,
} from './push-adapter.js';
export type { JobNote, WorkerRecord, WorkProgress } from './queue/messages.js';
export { type QueueEngineOptions, queueEngine } from './queue/queue-engine.js';
export { queueMetrics } from './queue/queue-metrics.js';
export {
  type FailedWork,
  openQueueAdmin,
  type QueueAdmin,
  type QueueCounts,
  type QueueStatus,
  workersOf,
} from './queue/queue-status.js';
export {
  type QueueWorkerOptions,
  runQueueWorker,
  type WorkerEnd,
  type WorkerEvent,
} from './queue/queue-worker.js';
export {
  readTrainRequest,
  type Setting,
  type TrainRequest,
  type TrainSources,
  trainRequestSchema,
} from './train-request.js';
