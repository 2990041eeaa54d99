/** @file The cells of a comparison: one run and its scores per method, size and seed, each in its own folder. */

import { join } from '#platform';
import { optionError, UsageError } from '../errors.js';
import { readTextIfPresent, writeFileAtomic, writeJsonAtomic } from '../formats/files.js';
import { isSameJson } from '../formats/json.js';
import { writeJson } from '../formats/json-text.js';
import type { GenerationOptions } from '../generation/options.js';
import { randomFor, shuffledIndices } from '../random.js';
import { openData, sourceName, storedSources } from '../records/data.js';
import { fileOptionsOf } from '../records/text-encoding.js';
import type { ResolvedRunConfig } from '../runs/run-config.js';
import { say } from '../say.js';
import { type ComparisonConfig, cellRunConfig } from './config.js';

/** Everything that a cell's results depend on. */
export interface CellSettings {
  readonly model: string;
  /** Undefined for the untuned model. */
  readonly run?: ResolvedRunConfig;
  /** How the test data is read and computed. */
  readonly reading: Pick<ResolvedRunConfig, (typeof readingKeys)[number]>;
  readonly test: string;
  readonly metrics: readonly string[];
  readonly labels?: readonly string[];
  readonly referenceField?: string;
  readonly generation: GenerationOptions;
}

const readingKeys = [
  ...([
    'encoding',
    'columns',
    'header',
    'template',
    'completionTemplate',
    'layoutLanguage',
    'verbalizer',
    'maxLength',
    'appendEos',
    'chat',
    'labelField',
  ] as const),
  ...(['device', 'threads'] as const),
] as const;

export interface Cell {
  /** Its folder's name: `lora-50-seed-1`. */
  readonly id: string;
  readonly folder: string;
  readonly method: string;
  readonly size: number | 'all';
  readonly seed: number;
  readonly settings: CellSettings;
}

/** What a cell's settings and contents decide, to the last bit on machines of the same class: its result.json. */
export interface CellScores {
  readonly scores: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly trainExamples: number;
  readonly trainableParameters: number;
  readonly steps: number;
}

/** What differs each time: its measured.json. */
export interface CellMeasures {
  /** Total time of training steps. */
  readonly seconds: number;
  /** Peak memory of the training process, including the memory-mapped weights. */
  readonly peakMemoryBytes: number;
}

export interface CellResult extends CellScores, CellMeasures {}

/** The untuned model, which is scored with the others. */
export const untuned = 'untuned';

/** All cells in order: the untuned model, then methods by sizes and seeds. */
export function planCells(config: ComparisonConfig): Cell[] {
  const { model, output, test, metrics, labels, referenceField, generation, methods, sizes, seeds } = config;
  const scored = { model, test, metrics, labels, referenceField, generation };
  const cells: Cell[] = [];
  const add = (id: string, method: string, size: Cell['size'], seed: number, settings: CellSettings) =>
    cells.push({ id, folder: join(output, id), method, size, seed, settings });
  const first = cellRunConfig(methods[0]!.config, 0);
  if (config.untuned && first.taskType === 'causal-lm')
    add(untuned, untuned, 'all', 0, { ...scored, reading: readingOf(first) });
  for (const method of methods)
    for (const size of sizes)
      for (const seed of seeds) {
        const run = cellRunConfig(method.config, seed);
        const data = size === 'all' ? run.data : sampleFile(output, size, seed);
        add(`${method.name}-${size}-seed-${seed}`, method.name, size, seed, {
          ...scored,
          run: { ...run, data },
          reading: readingOf(run),
        });
      }
  return cells;
}

const readingOf = (run: ResolvedRunConfig) =>
  Object.fromEntries(readingKeys.map((key) => [key, run[key]])) as CellSettings['reading'];

const sampleFile = (output: string, size: number, seed: number) =>
  join(output, 'data', `${size}-seed-${seed}.jsonl`);

/**
 * Writes the training samples of cells: the first records of a random order, so that larger samples of a seed contain
 * the smaller ones. Throws a UsageError if the data has fewer records.
 */
export async function writeSamples({ output, methods, sizes, seeds }: ComparisonConfig): Promise<void> {
  const counts = sizes.filter((size) => size !== 'all');
  if (counts.length === 0) return;
  const [source] = await storedSources(methods[0]!.config.data);
  const { config } = methods[0]!;
  const records = await openData(source!, fileOptionsOf(config));
  // The mark says that the part is UTF-8, whatever the encoding of the other files is.
  const mark = config.encoding === undefined ? '' : '\ufeff';
  try {
    const largest = Math.max(...counts);
    if (largest > records.length)
      throw optionError(
        'sizes',
        say`${sourceName(source!)} has ${records.length} record|records, expected at least ${largest}`,
      );
    for (const seed of seeds) {
      const order = shuffledIndices(records.length, randomFor('sample', seed)).slice(0, largest);
      const lines: string[] = [];
      for (const index of order) lines.push(`${writeJson((await records.get(index)).fields)}\n`);
      for (const size of counts)
        await writeFileAtomic(sampleFile(output, size, seed), mark + lines.slice(0, size).join(''));
    }
  } finally {
    await records.close();
  }
}

const settingsName = 'cell.json';
const resultName = 'result.json';
const measuresName = 'measured.json';
export const predictionsName = 'predictions.jsonl';

/** Notes what a cell is, before it is begun. */
export async function noteCell({ folder, settings }: Cell, contents: CellContents): Promise<void> {
  await writeJsonAtomic(join(folder, settingsName), { ...settings, contents });
}

/** SHA-256 of what a cell reads, by its words (see `contentDigests`). */
export type CellContents = Readonly<Record<string, string>>;

/**
 * The result of a cell that is finished.
 * @throws UsageError if the folder has a cell with different settings, or of different contents
 */
export async function finishedResult(
  { folder, settings }: Cell,
  contents: CellContents,
): Promise<CellResult | undefined> {
  const noted = await readTextIfPresent(join(folder, settingsName));
  const now: NotedCell = JSON.parse(JSON.stringify({ ...settings, contents }));
  if (noted === undefined) return undefined;
  const { contents: known, ...others }: NotedCell = JSON.parse(noted);
  const before: NotedCell = { ...others, contents: { ...now.contents, ...known } };
  if (!isSameJson(before, now))
    throw new UsageError(
      say`${folder} has results of different settings (${differences(before, now)}); choose another
        output, or remove the folder to run it again`,
      { code: 'already-exists' },
    );
  return readResult(folder);
}

/** Cells of earlier versions have no contents, or not all. */
type NotedCell = CellSettings & { readonly contents: CellContents };

function differences(before: NotedCell, now: NotedCell): string {
  const flat = ({ run, reading, contents: _, ...others }: NotedCell): Record<string, unknown> => ({
    ...others,
    ...(run ?? reading),
  });
  const changed = (old: Readonly<Record<string, unknown>>, current: Readonly<Record<string, unknown>>) =>
    [...new Set([...Object.keys(old), ...Object.keys(current)])].filter(
      (key) => !isSameJson(old[key], current[key]),
    );
  const [old, current] = [flat(before), flat(now)];
  return [
    ...changed(old, current).map(
      (key) => `${key}: ${JSON.stringify(old[key])} → ${JSON.stringify(current[key])}`,
    ),
    ...changed(before.contents, now.contents).map((name) => say`the ${name}: the content is another`),
  ].join(', ');
}

/** The result in a cell's folder, if it is finished. Earlier versions had all of it in one file. */
async function readResult(folder: string): Promise<CellResult | undefined> {
  const result = await readTextIfPresent(join(folder, resultName));
  if (result === undefined) return undefined;
  const measures = await readTextIfPresent(join(folder, measuresName));
  return { ...(measures !== undefined && JSON.parse(measures)), ...JSON.parse(result) };
}

/** Writes a cell's result, which marks the cell as finished. */
export async function writeResult(folder: string, result: CellResult): Promise<void> {
  const { seconds, peakMemoryBytes, ...scores } = result;
  const measures: CellMeasures = { seconds, peakMemoryBytes };
  await writeJsonAtomic(join(folder, measuresName), measures);
  await writeJsonAtomic(join(folder, resultName), scores satisfies CellScores);
}
