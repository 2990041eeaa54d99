/** @file Prints the results of an evaluation as a table or as one JSON object. */

import { formatP, formatScore, type LossResult, type Majority, type Score } from '../../index.js';
import type {
  AnswersResult,
  DataSummary,
  EvaluateJobResult,
  HeadResult,
  PrecisionFigures,
  PrecisionsResult,
  TextsResult,
} from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { formatBytes } from './format.js';
import { padEnd, padStart } from './text-width.js';

export function printEvaluation(
  path: string,
  result: EvaluateJobResult,
  { json = false }: { json?: boolean },
): void {
  if (json) {
    console.log(JSON.stringify({ data: path, ...figuresOf(result) }));
    return;
  }
  if (result.kind === 'loss') printLosses(path, result);
  else if (result.kind === 'head') printHead(path, result);
  else if (result.kind === 'precisions') printPrecisions(path, result);
  else printScores(path, result);
}

function figuresOf(result: EvaluateJobResult): object {
  if (result.kind === 'answers') {
    const { adapter, model, differences } = result;
    const examples = (adapter ?? model)!.rows.length;
    const { notes = [] } = (adapter ?? model)!;
    const scores = { ...(adapter && { adapter: adapter.scores }), ...(model && { model: model.scores }) };
    const { majority } = (adapter ?? model)!;
    return {
      examples,
      ...(notes.length > 0 && { notes }),
      ...(majority && { majority }),
      ...scores,
      differences,
    };
  }
  if (result.kind === 'head') return { ...result.data, adapter: result.adapter };
  const { kind: _, data, ...figures } = result;
  return { ...data, ...figures };
}

/** The first line, and the notes below it, as `data check` has them. */
function printData(path: string, data: DataSummary, more = ''): void {
  console.log(`${describeData(path, data)}${more}`);
  printNotes(data.notes ?? []);
}

function printNotes(notes: readonly string[]): void {
  for (const note of notes) console.log(`  ${note}`);
}

function describeData(path: string, { examples, truncated, dropped, recognized }: DataSummary): string {
  return messages().evaluation.data(path, examples, truncated, dropped, recognized);
}

function printLosses(path: string, { data, adapter, model }: TextsResult): void {
  const { evaluation, common } = messages();
  printData(path, data, evaluation.labelTokens(model.labelTokens));
  console.log(`${''.padEnd(24)}${padStart(common.loss, 10)}${padStart(common.perplexity, 14)}`);
  const row = (title: string, { loss, perplexity }: LossResult) =>
    console.log(`${padEnd(title, 24)}${loss.toFixed(4).padStart(10)}${perplexity.toFixed(2).padStart(14)}`);
  if (adapter) row(evaluation.withAdapter, adapter);
  row(adapter ? evaluation.withoutIt : evaluation.theModel, model);
}

function printHead(path: string, { data, findsAnswers, adapter }: HeadResult): void {
  const { loss, accuracy, labels, majority } = adapter;
  const { evaluation } = messages();
  printData(path, data, findsAnswers ? '' : evaluation.labels(labels));
  console.log(evaluation.headScores(loss.toFixed(4), findsAnswers, accuracy.toFixed(4)));
  if (majority) for (const line of majorityLines(majority, accuracy)) console.log(line);
}

/** The share of the most frequent label, and whether an accuracy is below it. */
export function majorityLines({ label, share }: Majority, accuracy?: number): string[] {
  const { exactly, belowMajority } = messages().common;
  const line = exactly(JSON.stringify(label), share.toFixed(4));
  return accuracy === undefined || accuracy >= share ? [line] : [line, belowMajority];
}

function printPrecisions(path: string, { data, precisions }: PrecisionsResult): void {
  const first = precisions[0]!;
  const { evaluation } = messages();
  console.log(`${describeData(path, data)}${evaluation.labelTokens(first.labelTokens)}`);
  const rows = precisions.map((row: PrecisionFigures) => [
    row.dtype,
    row.loss.toFixed(4),
    row.perplexity.toFixed(2),
    row === first ? '' : `${signed(100 * (row.perplexity / first.perplexity - 1))} %`,
    formatBytes(row.weightBytes),
    formatBytes(row.privateBytes),
    messages().common.seconds(row.loadSeconds.toFixed(1)),
    messages().common.seconds(row.seconds.toFixed(1)),
  ]);
  for (const row of [evaluation.precisions, ...rows])
    console.log(row.map((cell, i) => (i === 0 ? padEnd(cell, 8) : padStart(cell, 12))).join(''));
}

const signed = (x: number) => `${x < 0 ? '' : '+'}${x.toFixed(2)}`;

function printScores(path: string, { adapter, model, differences }: AnswersResult): void {
  const first = (adapter ?? model)!;
  const second = adapter && model;
  const count = first.rows.length;
  const { evaluation } = messages();
  console.log(count > 0 ? evaluation.scored(path, count) : path);
  printNotes(first.notes ?? []);
  const titles = second
    ? [evaluation.withAdapter, evaluation.withoutIt, evaluation.difference]
    : [evaluation.score];
  console.log(`${''.padEnd(16)}${titles.map((title) => padEnd(title, 28)).join('')}`.trimEnd());
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
  const { majority, scores } = first;
  if (majority) for (const line of majorityLines(majority, scores.accuracy?.value)) console.log(line);
}

function written(name: string, { value, interval }: Score): string {
  const shown = (number: number) => formatScore(name, number);
  return interval ? `${shown(value)} [${shown(interval.low)}, ${shown(interval.high)}]` : shown(value);
}
