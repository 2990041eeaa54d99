/** @file The job that compares prompts of text with learned ones on the same rows, and writes a page about it. */
import * as z from 'zod';
import { type BenchmarkEvent, type BenchmarkResult, benchmarkPrompts } from '../../benchmark/benchmark.js';
import { benchmarkSchema } from '../../benchmark/config.js';
import { benchmarkReport } from '../../benchmark/report.js';
import { writeFileAtomic } from '../../formats/files.js';
import { modelDtypes } from '../../models/dtype.js';
import { fromPretrained } from '../../pretrained.js';
import { fetchDatasets } from '../fetch-datasets.js';
import { downloading, type JobOptions } from './events.js';

export const benchmarkJobSchema = z.strictObject({
  type: z.literal('benchmark'),
  model: z.string().min(1).optional().meta({
    description: 'a folder, or a model of the Hub (default: the embedded model)',
    format: 'path',
  }),
  revision: z.string().optional().describe('branch, tag or commit of the model on the Hub (default: main)'),
  dtype: z.enum(modelDtypes).optional().describe("precision of the model's matrices (default: as stored)"),
  offline: z.boolean().optional().describe('use only local files'),
  config: benchmarkSchema.describe('what is compared, on which rows'),
  report: z.string().min(1).optional().meta({
    description: 'write a self-contained HTML page to this file',
    format: 'path',
  }),
});
export type BenchmarkJob = z.input<typeof benchmarkJobSchema>;

/** @throws what `fromPretrained` and `benchmarkPrompts` throw */
export async function runBenchmarkJob(
  { model: name, revision, dtype, offline, config, report }: BenchmarkJob,
  options: JobOptions,
): Promise<BenchmarkResult> {
  const { signal, onEvent = () => {} } = options;
  const onProgress = downloading(options);
  const pretrained = await fromPretrained(name, { revision, dtype, offline, signal, onProgress });
  await fetchDatasets([config.data, config.test], { offline, signal, onProgress });
  let part = { name: '', number: 0, count: 0 };
  const tell = (event: BenchmarkEvent): void => {
    if (event.type === 'contender') {
      const { name, number, count } = event;
      part = { name, number, count };
      onEvent({ type: 'part', ...part });
    } else if (event.type === 'result') {
      const { name, scores } = event.row;
      onEvent({ type: 'scores', name, scores, done: part.number });
    } else if (event.event.type === 'step') {
      const { step: done, totalSteps: total } = event.event;
      onEvent({ type: 'progress', stage: 'training', of: part.name, done, total });
    } else if (event.event.type === 'warning') onEvent(event.event);
  };
  const result = await benchmarkPrompts({ ...config, ...pretrained, signal, onEvent: tell });
  if (report !== undefined) await writeFileAtomic(report, benchmarkReport(result));
  return result;
}
