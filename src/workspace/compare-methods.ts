/** @file Runs the cells of a comparison one by one, and keeps its table, results and report up to date. */

import { join } from 'node:path';
import { type Cell, type CellResult, finishedResult, planCells, writeSamples } from '../comparison/cells.js';
import { type ComparisonConfig, resolveComparison } from '../comparison/config.js';
import { comparisonReport } from '../comparison/report.js';
import { type ComparisonRow, comparisonRows, type FinishedCell, markdownTable } from '../comparison/table.js';
import { PromptuneError, UsageError } from '../errors.js';
import { writeFileAtomic, writeJsonAtomic } from '../formats/files.js';
import { sourceName, storedSources } from '../records/data.js';
import { readConfigFile } from './config-file.js';
import type { CellJob, CellJobResult } from './jobs/cell-job.js';
import type { JobEvent, JobOptions } from './jobs/events.js';
import { runJobInProcess } from './jobs/run-in-process.js';

/** @throws UsageError with all problems, by file and line */
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
  /** An event of the current cell, number `number` of `count`. */
  | { type: 'cell event'; id: string; number: number; count: number; event: JobEvent }
  /** A cell is finished, now or (`kept`) earlier. */
  | { type: 'cell'; id: string; kept: boolean; result: CellResult };

export interface CompareMethodsOptions {
  offline?: boolean;
  /** Stops once the progress of the running cell is saved. The same call resumes from there. */
  signal?: AbortSignal;
  onEvent?: (event: ComparisonEvent) => void;
  /**
   * Computes one cell. Default: in a separate process, whose memory is the cell's. A worker elsewhere can do it
   * instead.
   */
  runCellJob?: (job: CellJob, options: JobOptions) => Promise<CellJobResult>;
}

export interface ComparisonResults {
  readonly model: string;
  readonly test: string;
  readonly rows: readonly ComparisonRow[];
  readonly cells: readonly (CellResult & Pick<Cell, 'method' | 'size' | 'seed'>)[];
}

/**
 * Computes the cells that are not finished. After each, table.md, results.json and report.html in the comparison's
 * folder are updated.
 * @returns undefined if the signal stopped a cell
 * @throws UsageError if a cell exists with different settings; what a cell's job throws, with the cell's name
 */
export async function compareMethods(
  config: ComparisonConfig,
  { offline, signal, onEvent, runCellJob = runJobInProcess }: CompareMethodsOptions = {},
): Promise<ComparisonResults | undefined> {
  const cells = planCells(config);
  await writeSamples(config);
  const finished: FinishedCell[] = [];
  for (const [i, cell] of cells.entries()) {
    const { id } = cell;
    const kept = await finishedResult(cell);
    const job: CellJob = { type: 'cell', cell, offline };
    const tell = (event: JobEvent) =>
      onEvent?.({ type: 'cell event', id, number: i + 1, count: cells.length, event });
    const result = kept ?? (await computeCell(runCellJob, job, { signal, onEvent: tell }));
    if (!result) return undefined;
    finished.push({ ...cell, result });
    onEvent?.({ type: 'cell', id, kept: kept !== undefined, result });
    await writeOutputs(config, finished);
    signal?.throwIfAborted();
  }
  return resultsOf(config, finished);
}

/** Undefined if it was stopped. */
async function computeCell(
  run: NonNullable<CompareMethodsOptions['runCellJob']>,
  job: CellJob,
  options: JobOptions,
): Promise<CellResult | undefined> {
  try {
    return (await run(job, options)).result;
  } catch (error) {
    if ((error as Error).name === 'AbortError') return undefined;
    if (!(error instanceof PromptuneError)) throw error;
    const message = `${job.cell.id}: ${error.message}`;
    const options = { code: error.code, cause: error };
    throw error instanceof UsageError
      ? new UsageError(message, options)
      : new PromptuneError(message, options);
  }
}

function resultsOf(config: ComparisonConfig, cells: readonly FinishedCell[]): ComparisonResults {
  const { model, test } = config;
  return {
    model,
    test,
    rows: comparisonRows(cells),
    cells: cells.map(({ method, size, seed, result }) => ({ method, size, seed, ...result })),
  };
}

async function writeOutputs(config: ComparisonConfig, cells: readonly FinishedCell[]): Promise<void> {
  const { model, output, test, methods, seeds } = config;
  const results = resultsOf(config, cells);
  const { rows } = results;
  await writeFileAtomic(join(output, 'table.md'), markdownTable(rows));
  await writeJsonAtomic(join(output, 'results.json'), results);
  const facts = {
    model,
    data: (await storedSources(methods[0]!.config.data)).map(sourceName).join(', '),
    test: `${test}, ${cells[0]!.result.rows} rows`,
    seeds: seeds.join(', '),
  };
  const report = comparisonReport({ title: `Methods on ${test}`, facts, rows, cells });
  await writeFileAtomic(join(output, 'report.html'), report);
}
