/** @file `promptune eval --metrics`: answers of a model, with a learned prompt and without it, scored by any metrics. */
import { resolve } from 'node:path';
import type { Adapter } from '../../attach/method.js';
import { UsageError } from '../../errors.js';
import {
  type Evaluation,
  type EvaluationOptions,
  evaluate,
  labelMetrics,
  type Score,
} from '../../evaluation/evaluate.js';
import { isLossMetric, metricNamed } from '../../evaluation/metrics/registry.js';
import { writePredictions } from '../../evaluation/predictions.js';
import { evaluationReport, formatP, formatScore } from '../../evaluation/report/evaluation-report.js';
import { type Comparison, compareRuns } from '../../evaluation/significance.js';
import { writeFileAtomic } from '../../formats/files.js';
import { counted, progressLine } from '../terminal/progress-line.js';

/** The flags that ask for more than the loss. */
export interface AnswerFlags {
  metrics?: string[];
  labels?: string[];
  referenceField?: string;
  predictions?: string;
  report?: string;
}

export interface AnswerRequest
  extends AnswerFlags,
    Omit<EvaluationOptions, keyof AnswerFlags | 'model' | 'tokenizer' | 'adapter' | 'onProgress'> {
  data: string;
  /** As they were given, for the report. */
  adapterNames: readonly string[];
  json?: boolean;
}

/** Evaluates with the adapter and, where there is one that can be left out, without it; prints and writes what was asked for. */
export async function evaluateMetrics(
  { model, tokenizer, adapter }: Pick<EvaluationOptions, 'model' | 'tokenizer' | 'adapter'>,
  request: AnswerRequest,
): Promise<void> {
  const { data, adapterNames: names, json, predictions, report, ...options } = request;
  const metrics = options.metrics ?? (adapter?.head || options.labels ? labelMetrics : undefined);
  if (!metrics)
    throw new UsageError(
      'no metrics are given to score texts by; add --metrics with names, such as rouge-l,bleu',
    );
  const template = options.template ?? adapter?.placement?.template;
  const line = progressLine();
  const evaluateWith = (learned: Adapter | undefined) =>
    evaluate({
      ...options,
      template,
      path: data,
      model,
      tokenizer,
      adapter: learned,
      metrics,
      onProgress: (progress) =>
        line.show(counted(learned ? 'With the adapter' : 'The model alone', progress)),
    });
  try {
    const learned = adapter && (await evaluateWith(adapter));
    // A head's labels are nothing that the model alone could give.
    const alone = adapter?.head ? undefined : await evaluateWith(undefined);
    line.clear();
    const first = (learned ?? alone)!;
    const second = learned && alone;
    const differences = second && differencesOf(metrics, second, first);
    if (predictions !== undefined) await writePredictions(predictions, first, second);
    if (report !== undefined) {
      const own = { title: learned ? 'with the adapter' : model.name, evaluation: first };
      const without = second && { title: 'without it', evaluation: second };
      const facts = {
        model: model.name,
        ...(names.length > 0 && { adapter: names.join(' + ') }),
        data: `${data}, ${first.rows.length} rows`,
        ...(template !== undefined && { template }),
      };
      const title = `${names.length > 0 ? names.join(' + ') : model.name} on ${data}`;
      const evaluations = [own, ...(without ? [without] : [])];
      await writeFileAtomic(resolve(report), evaluationReport({ title, facts, evaluations, differences }));
    }
    if (json) {
      const scores = { ...(learned && { adapter: learned.scores }), ...(alone && { model: alone.scores }) };
      console.log(JSON.stringify({ data, examples: first.rows.length, ...scores, differences }));
    } else printScores(data, first, second, differences);
  } finally {
    line.clear();
  }
}

/** How much better or worse the adapter is, for the metrics of answers. */
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

function printScores(
  data: string,
  first: Evaluation,
  second: Evaluation | undefined,
  differences: Readonly<Record<string, Comparison>> | undefined,
): void {
  const examples = first.rows.length > 0 ? `${data}: ${first.rows.length} examples` : data;
  console.log(`${examples}${first.rows.length > 0 ? ' (in brackets: 95 % intervals over rows)' : ''}`);
  const titles = second ? ['with the adapter', 'without it', 'difference'] : ['score'];
  console.log(`${''.padEnd(16)}${titles.map((title) => title.padEnd(28)).join('')}`.trimEnd());
  for (const [name, score] of Object.entries(first.scores)) {
    const cells = [written(name, score)];
    if (second) cells.push(written(name, second.scores[name]!));
    const difference = differences?.[name];
    if (difference) {
      const sign = difference.difference > 0 ? '+' : '';
      const p = difference.pValue === undefined ? '' : `  ${formatP(difference.pValue)}`;
      cells.push(`${sign}${formatScore(name, difference.difference)}${p}`);
    }
    console.log(`${name.padEnd(16)}${cells.map((cell) => cell.padEnd(28)).join('')}`.trimEnd());
  }
}

function written(name: string, { value, interval }: Score): string {
  const shown = (number: number) => formatScore(name, number);
  return interval ? `${shown(value)} [${shown(interval.low)}, ${shown(interval.high)}]` : shown(value);
}
