/** @file Computes the cells of a comparison, and keeps its table, results and report up to date. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import {
  type Cell,
  type CellContents,
  type CellResult,
  finishedResult,
  noteCell,
  planCells,
  predictionsName,
  writeSamples,
} from '../comparison/cells.js';
import { type ComparisonConfig, resolveComparison } from '../comparison/config.js';
import { comparisonReport } from '../comparison/report.js';
import { type ComparisonRow, comparisonRows, type FinishedCell, markdownTable } from '../comparison/table.js';
import { errorOfFailures, runWorks } from '../distribution/run-works.js';
import { isInShare, type Share } from '../distribution/share.js';
import { resultName, type Store } from '../distribution/store.js';
import type { Engine, Work, WorkState } from '../distribution/work.js';
import { digestOf } from '../distribution/work-key.js';
import { type PromptuneError, UsageError } from '../errors.js';
import { majorityOf } from '../evaluation/majority.js';
import { readPredictions } from '../evaluation/predictions.js';
import type { TrainingCurves } from '../evaluation/report/evaluation-report.js';
import { writeFileAtomic, writeJsonAtomic } from '../formats/files.js';
import { sourceName, storedSources } from '../records/data.js';
import { resolveRunConfig } from '../runs/run-config.js';
import { say } from '../say.js';
import { readConfigFile } from './config-file.js';
import { cellFiles, cellResult, cellWork, readContents, writeCellFolder } from './distribution/cell-work.js';
import { classInStore } from './distribution/open-pieces.js';
import { forgetWork, processEngine } from './distribution/process-engine.js';
import { scratchFolder } from './distribution/scratch.js';
import type { JobEvent } from './jobs/events.js';
import { curvesOf, runOf, shownSettings } from './report-parts.js';

/**
 * The configuration of a comparison in a YAML file.
 * @throws UsageError with all problems, by file and line
 */
export async function readComparisonFile(path: string): Promise<ComparisonConfig> {
  const file = await readConfigFile(path);
  try {
    return resolveComparison(file.values);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.problems.map((problem) => ({ ...file.placed(problem), file: path })));
  }
}

export type ComparisonEvent =
  /** An event of a cell at hand, number `number` of `count`. */
  | { type: 'cell event'; id: string; number: number; count: number; event: JobEvent }
  /** What becomes of a cell: it waits, runs, or was lost with the process or machine that computed it. */
  | { type: 'cell state'; id: string; state: WorkState; note?: string }
  /** A cell is finished, now or (`kept`) earlier. */
  | { type: 'cell'; id: string; kept: boolean; result: CellResult }
  /** A cell failed for good; the others go on. */
  | { type: 'cell failed'; id: string; error: PromptuneError }
  | { type: 'warning'; message: string };

export interface CompareMethodsOptions {
  /** Use only models and data sets that are on this machine. Default false. */
  offline?: boolean;
  /** Stops once the progress of the running cells is saved. The same call resumes from there. */
  signal?: AbortSignal;
  onEvent?: (event: ComparisonEvent) => void;
  /** Processes of this machine that compute cells at once, which share its cores. Default 1. */
  workers?: number;
  /**
   * Where results are kept under the keys of their work, so that machines which share it share the work. Default: in
   * the comparison's folder alone.
   */
  store?: Store;
  /**
   * Computes this share of the cells alone, into the store, and leaves the comparison's folder as it is. The same call
   * without it gathers what all shares computed.
   */
  part?: Share;
  /** Whose results to gather from the store: the id of a machine class. Default: this machine's. */
  machineClass?: string;
  /** Computes the cells, which are of `machineClass`. Default: processes of this machine. */
  engine?: Engine;
}

export interface ComparisonResults {
  readonly model: string;
  readonly test: string;
  readonly rows: readonly ComparisonRow[];
  readonly cells: readonly (CellResult & Pick<Cell, 'method' | 'size' | 'seed'>)[];
  /** Cells without a result, and why. */
  readonly failed: readonly { readonly id: string; readonly message: string }[];
}

/**
 * Computes the cells that are not finished. After each, table.md, results.json and report.html in the comparison's
 * folder are updated. Cells that fail do not end the others.
 * @returns undefined if the signal stopped a cell
 * @throws UsageError if a cell exists with different settings or contents; if all cells fail, what they have in common
 */
export async function compareMethods(
  config: ComparisonConfig,
  options: CompareMethodsOptions = {},
): Promise<ComparisonResults | undefined> {
  const { offline, signal, workers = 1, store, part } = options;
  if (part && !store)
    throw new UsageError([
      {
        path: ['part'],
        message: say`the shares of a comparison meet in a store; add one that all of them see`,
      },
    ]);
  // The samples of a share are on its machine: the folder of the comparison may be one that many see.
  const samples = join(scratchFolder(), `samples-${digestOf(JSON.stringify(config)).slice(0, 16)}`);
  const place = part ? { ...config, output: samples } : config;
  const planned = planCells(place);
  await writeSamples(place);
  const all = planned.map((cell) => withThreads(cell, { workers, shared: store !== undefined }));
  const contentsOf = await readContents(config.model, { revision: revisionOf(config), offline, signal });
  const machine = store && (await classOf(all, options));
  const works: CellPlan[] = [];
  for (const [index, cell] of all.entries()) {
    if (part && !isInShare(index, part)) continue;
    const contents = await contentsOf(cell);
    const files = options.engine?.isElsewhere ? await cellFiles(cell) : undefined;
    const work = cellWork(cell, contents, { machineClass: machine ?? 'local', offline, files });
    works.push({ index, cell: planned[index]!, work, contents });
  }
  if (store && !part && options.machineClass === undefined)
    await hintAtClasses(works, machine!, store, options);
  return computeCells(config, works, all.length, options);
}

/** Says which results of other classes there are, where those of this one are missing. */
async function hintAtClasses(
  plans: readonly CellPlan[],
  own: string,
  store: Store,
  { onEvent }: CompareMethodsOptions,
): Promise<void> {
  const counts = new Map<string, number>();
  for (const name of [`class/${own}`, ...(await store.list('class'))]) {
    const id = name.slice('class/'.length);
    if (counts.has(id)) continue;
    let count = 0;
    for (const { cell, contents } of plans) {
      const { kind, key } = cellWork(cell, contents, { machineClass: id });
      if (await store.has(resultName(kind, key))) count++;
    }
    if (id === own && count === plans.length) return;
    counts.set(id, count);
  }
  for (const [id, count] of counts)
    if (id !== own && count > counts.get(own)!)
      onEvent?.({
        type: 'warning',
        message: say`the store has ${count} of ${plans.length} cells of the class ${id}, and
          ${counts.get(own)} of ${own}, this machine's`,
      });
}

interface CellPlan {
  /** In the comparison, from 0. */
  readonly index: number;
  readonly cell: Cell;
  readonly work: Work;
  readonly contents: CellContents;
}

async function computeCells(
  config: ComparisonConfig,
  plans: readonly CellPlan[],
  count: number,
  { signal, onEvent, workers = 1, store, part, engine: given }: CompareMethodsOptions,
): Promise<ComparisonResults | undefined> {
  const results = new Map<number, CellResult>();
  const failed = new Map<number, PromptuneError>();
  const byKey = new Map(plans.map((plan) => [plan.work, plan]));
  const finish = async ({ index, cell }: CellPlan, result: CellResult, kept: boolean) => {
    results.set(index, result);
    if (kept) onEvent?.({ type: 'cell state', id: cell.id, state: 'done' });
    onEvent?.({ type: 'cell', id: cell.id, kept, result });
    if (!part) await writeOutputs(config, finishedOf(plans, results));
  };

  const missing: Work[] = [];
  for (const plan of plans) {
    const kept = part ? undefined : await finishedResult(plan.cell, plan.contents);
    if (kept) await finish(plan, kept, true);
    else missing.push(plan.work);
  }
  const engine = given ?? processEngine({ workers, store });
  let stopped = false;
  try {
    const outcomes = await runWorks(missing, {
      engine,
      store,
      signal,
      onBegin: async (work) => {
        const { cell, contents } = byKey.get(work)!;
        if (!part) await noteCell(cell, contents);
      },
      onEvent: (work, event) => {
        const { index, cell } = byKey.get(work)!;
        onEvent?.({ type: 'cell event', id: cell.id, number: index + 1, count, event: event as JobEvent });
      },
      onState: ({ label: id }, state, note) => onEvent?.({ type: 'cell state', id, state, note }),
      onWarning: (message) => onEvent?.({ type: 'warning', message }),
      onOutcome: async (work, outcome) => {
        const plan = byKey.get(work)!;
        if (outcome.state === 'failed') {
          failed.set(plan.index, outcome.error);
          onEvent?.({ type: 'cell failed', id: plan.cell.id, error: outcome.error });
          return;
        }
        const { files, kept } = outcome;
        if (store && !part) await writeCellFolder(plan.cell.folder, files);
        if (store && !kept) await forgetWork(store, work);
        await finish(plan, cellResult(files), kept);
      },
    });
    stopped = outcomes.includes(undefined);
  } finally {
    if (!given) await engine.close();
  }
  if (stopped) return undefined;
  signal?.throwIfAborted();
  const failures = plans.flatMap(({ index, cell }) => {
    const error = failed.get(index);
    return error ? [{ label: cell.id, error }] : [];
  });
  if (failures.length > 0 && failures.length === plans.length) throw errorOfFailures(failures, plans.length);
  return resultsOf(config, finishedOf(plans, results), failures);
}

/** A finished cell, whose folder has its run unless another machine did it. */
type PlacedCell = FinishedCell & Pick<Cell, 'folder'>;

const finishedOf = (plans: readonly CellPlan[], results: ReadonlyMap<number, CellResult>): PlacedCell[] =>
  plans.flatMap(({ index, cell }) => {
    const result = results.get(index);
    return result ? [{ ...cell, result }] : [];
  });

/** Comparisons have one model, and so one revision of it. */
const revisionOf = ({ methods }: ComparisonConfig) => resolveRunConfig(methods[0]!.config).revision;

/**
 * A cell with a number of threads, where it matters: processes that work at once share the cores, and what machines
 * share is computed with one thread each, unless the configuration says otherwise, because bits depend on it.
 */
function withThreads(cell: Cell, { workers, shared }: { workers: number; shared: boolean }): Cell {
  const { run, reading } = cell.settings;
  if (workers === 1 && !shared) return cell;
  const threads = reading.threads ?? (shared ? 1 : Math.max(1, Math.floor(availableParallelism() / workers)));
  return {
    ...cell,
    settings: {
      ...cell.settings,
      reading: { ...reading, threads },
      ...(run && { run: { ...run, threads } }),
    },
  };
}

/** The class that the results are of, whose description is put into the store. */
async function classOf(
  cells: readonly Cell[],
  { store, machineClass: named }: CompareMethodsOptions,
): Promise<string> {
  if (named !== undefined) return named;
  const { threads = 1, device } = cells[0]!.settings.reading;
  return classInStore(store!, { threads, device });
}

function resultsOf(
  config: ComparisonConfig,
  cells: readonly FinishedCell[],
  failures: readonly { label: string; error: PromptuneError }[] = [],
): ComparisonResults {
  const { model, test } = config;
  return {
    model,
    test,
    rows: comparisonRows(cells),
    cells: cells.map(({ method, size, seed, result }) => ({ method, size, seed, ...result })),
    failed: failures.map(({ label, error }) => ({ id: label, message: error.message })),
  };
}

async function writeOutputs(config: ComparisonConfig, cells: readonly PlacedCell[]): Promise<void> {
  const { model, output, test, methods, seeds } = config;
  const results = resultsOf(config, cells);
  const { rows } = results;
  await writeFileAtomic(join(output, 'table.md'), markdownTable(rows));
  await writeJsonAtomic(join(output, 'results.json'), results);
  const facts = {
    model,
    data: (await storedSources(methods[0]!.config.data)).map(sourceName).join(', '),
    test: say`${test}, ${cells[0]!.result.rows} row|rows`,
    seeds: seeds.join(', '),
  };
  const settings = Object.fromEntries(
    methods.map((method) => {
      const { seed: _, ...own } = shownSettings(resolveRunConfig(method.config));
      return [method.name, own];
    }),
  );
  const report = comparisonReport({
    ...{ title: say`Methods on ${basename(test)}`, facts, rows, cells, settings },
    training: await firstRuns(cells),
    majority: await majorityIn(config, cells),
  });
  await writeFileAtomic(join(output, 'report.html'), report);
}

/** The losses of each method's first run, where it is here. */
async function firstRuns(cells: readonly PlacedCell[]): Promise<TrainingCurves[]> {
  const first = cells.filter(({ method }, i) => cells.findIndex((cell) => cell.method === method) === i);
  const runs = await Promise.all(
    first.map(async ({ method, folder }) => ({ method, run: await runOf(join(folder, 'run')) })),
  );
  return runs.flatMap(({ method, run }) => (run ? [curvesOf(run, method)] : []));
}

/** The most frequent label of the test data, as the predictions of a cell have it. */
async function majorityIn({ labels }: ComparisonConfig, cells: readonly PlacedCell[]) {
  if (!labels) return undefined;
  const path = join(cells[0]!.folder, predictionsName);
  const rows = existsSync(path) ? await readPredictions(path) : [];
  return majorityOf(rows.map(({ references }) => references[0]!));
}
