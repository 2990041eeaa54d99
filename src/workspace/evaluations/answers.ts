/** @file Scores answers of a model, with an adapter and without it, by any metrics. */

import { basename, dirname, resolve } from 'node:path';
import type { Adapter } from '../../attach/method.js';
import { optionError } from '../../errors.js';
import { type Evaluation, evaluate, labelMetrics } from '../../evaluation/evaluate.js';
import { isLossMetric, metricNamed } from '../../evaluation/metrics/registry.js';
import { writePredictions } from '../../evaluation/predictions.js';
import {
  type EvaluationReport,
  evaluationReport,
  type TrainingCurves,
} from '../../evaluation/report/evaluation-report.js';
import { type Comparison, compareRuns } from '../../evaluation/significance.js';
import { writeFileAtomic } from '../../formats/files.js';
import { fileOptionsOf } from '../../records/text-encoding.js';
import { said, say } from '../../say.js';
import { batchGeneratorSource, evaluatorSource } from '../distribution/remote.js';
import type { EvaluationInputs } from '../jobs/evaluate-job.js';
import { counting } from '../jobs/events.js';
import { curvesOf, listed, runOf, shownSettings } from '../report-parts.js';
import type { AnswersConfig } from './schema.js';

export interface AnswersResult {
  readonly kind: 'answers';
  /** With the adapter, if there is one. */
  readonly adapter?: Evaluation;
  /** The model alone, unless there is a head, whose labels the model alone cannot predict. */
  readonly model?: Evaluation;
  /** The adapter's difference to the model, by metric. */
  readonly differences?: Readonly<Record<string, Comparison>>;
}

export async function evaluateAnswers(
  { model, tokenizer, adapter, job, options, pieces }: EvaluationInputs,
  config: AnswersConfig,
): Promise<AnswersResult> {
  const { referenceField, generation, predictions, report } = config;
  // Without metrics, an adapter chooses among the labels that its run noted.
  const noted = config.metrics || adapter?.head ? undefined : adapter?.usage?.labels?.names;
  const labels = config.labels ?? noted;
  const metrics = config.metrics ?? (adapter?.head || labels ? labelMetrics : undefined);
  if (!metrics)
    throw optionError('metrics', say`expected names of metrics for texts, such as rouge-l and bleu`);
  const { data, reading = {}, batchSize, device, threads } = job;
  const { completionTemplate, layoutLanguage, maxLength, appendEos, chat } = reading;
  const verbalizer = adapter?.head ? undefined : reading.verbalizer;
  const labelField = adapter?.head || verbalizer ? reading.labelField : undefined;
  const template = reading.template ?? adapter?.placement?.template;
  const evaluateWith = (learned: Adapter | undefined) =>
    evaluate({
      data,
      ...fileOptionsOf(reading),
      ...{ template, completionTemplate, layoutLanguage, verbalizer, labelField },
      ...{ maxLength, appendEos, chat },
      ...{ metrics, labels, referenceField, generation },
      ...{ model, tokenizer, adapter: learned, batchSize, device, threads },
      createEvaluator: pieces && evaluatorSource(pieces, model),
      createBatchGenerator: pieces && batchGeneratorSource(pieces),
      signal: options.signal,
      onProgress: counting(options, 'scoring', learned ? 'adapter' : 'model'),
    });
  const learned = adapter && (await evaluateWith(adapter));
  const alone = adapter?.head ? undefined : await evaluateWith(undefined);
  const [first, second] = learned ? [learned, alone] : [alone!, undefined];
  const differences = second && differencesOf(metrics, second, first);
  if (predictions !== undefined) await writePredictions(predictions, first, second);
  if (report !== undefined) {
    const names = (job.adapters ?? []).join(' + ');
    const facts = {
      model: model.name,
      ...(names !== '' && { adapter: names }),
      data: say`${data}, ${first.rows.length} row|rows`,
      ...(template !== undefined && { template }),
    };
    const evaluations = [
      { title: learned ? say`with the adapter` : model.name, evaluation: first },
      ...(second ? [{ title: say`without it`, evaluation: second }] : []),
    ];
    const shown = (job.adapters ?? []).map(shortName).join(' + ') || model.name;
    const title = say`${shown} on ${basename(data)}`;
    const page = { title, facts, evaluations, differences, ...(await madeBy(job.adapters, config)) };
    await writeFileAtomic(resolve(report), evaluationReport(page));
  }
  return {
    kind: 'answers',
    ...(learned && { adapter: learned }),
    ...(alone && { model: alone }),
    ...(differences && { differences }),
  };
}

/** The folder's own name; of an adapter in its run, that of the run. */
const shortName = (folder: string) =>
  basename(folder) === 'adapter' ? basename(dirname(folder)) : basename(folder);

/** How answers were made, and how the adapters were learned, where their runs are known. */
async function madeBy(
  folders: readonly string[] = [],
  { labels, generation = {} }: AnswersConfig,
): Promise<Pick<EvaluationReport, 'settings' | 'training'>> {
  const training: TrainingCurves[] = [];
  const settings: Record<string, string> = {
    answers: labels ? say`chosen from ${labels.join(', ')}` : listed(generation) || say`greedy`,
  };
  for (const folder of folders) {
    const run = await runOf(folder);
    if (!run) continue;
    training.push(curvesOf(run, folder));
    for (const [name, value] of Object.entries(shownSettings(run.config)))
      settings[folders.length > 1 ? say`${said(name)} of ${folder}` : name] = value;
  }
  return { settings, ...(training.length > 0 && { training }) };
}

/** Differences of the metrics of answers. */
function differencesOf(
  names: readonly string[],
  alone: Evaluation,
  learned: Evaluation,
): Record<string, Comparison> {
  const ofAnswers = names.filter((name) => !isLossMetric(name));
  return Object.fromEntries(
    ofAnswers.map((name) => [name, compareRuns(metricNamed(name), alone.rows, learned.rows)]),
  );
}
