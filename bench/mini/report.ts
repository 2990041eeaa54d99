/** @file The benchmark's results as Markdown, for the model's card. */

import type { ConditionName, Figures, TaskResult } from './measure-task.js';
import { sum } from './row-losses.js';
import { tasks } from './tasks.js';

const columns: readonly ConditionName[] = ['no prompt', 'text prompt', 'soft prompt', 'full fine-tuning'];

/**
 * One table for all tasks: loss and perplexity per label token, and the task's own score; trained conditions as mean ±
 * deviation.
 */
export function resultTable(results: readonly TaskResult[]): string {
  const lines = results.flatMap(({ task, conditions }) => {
    const { title, scores } = tasks[task];
    const row = (label: string, what: string, digits: number, of: (figures: Figures) => number) =>
      [label, what, ...columns.map((name) => meanAndSpread(conditions[name].map(of), digits))].join(' | ');
    return [
      row(title, 'loss', 3, ({ loss }) => loss),
      row('', 'perplexity', 2, ({ loss }) => Math.exp(loss)),
      ...scores.map(({ name }, i) => row('', name, 1, (figures) => figures.scores[i]!)),
    ];
  });
  const heads = ['task', 'on test rows', ...columns].join(' | ');
  return [heads, ['---', '---', ...columns.map(() => '---:')].join(' | '), ...lines]
    .map((line) => `| ${line} |`)
    .join('\n');
}

/** Below the table: each task's best text prompt, and the improvement by the soft prompt. */
export function comparisonTable(results: readonly TaskResult[]): string {
  const lines = results.map(({ task, labelTokens, textPrompts, conditions }) => {
    const { gain, error, share } = compare(conditions, labelTokens);
    const { prompt, answer } = textPrompts[0]!.layout;
    const cells = [
      tasks[task].title,
      `\`${JSON.stringify(prompt + answer).slice(1, -1)}\``,
      `${gain.toFixed(3)} ± ${error.toFixed(3)}`,
      `${share.toFixed(0)} %`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| task | best text prompt, by validation | the soft prompt’s loss is lower by | on so many test rows |',
    '|---|---|---:|---:|',
    ...lines,
  ].join('\n');
}

/**
 * The soft prompts (mean over seeds) against the text prompt on the same test rows: the difference of the loss per
 * label token, its standard error over rows, and the percentage of rows on which the soft prompt is better.
 */
export function compare(
  conditions: TaskResult['conditions'],
  labelTokens: number,
): { gain: number; error: number; share: number } {
  const text = conditions['text prompt'][0]!.losses;
  const soft = conditions['soft prompt'];
  const gains = text.map((loss, row) => loss - sum(soft.map(({ losses }) => losses[row]!)) / soft.length);
  const deviation = standardDeviation(gains);
  return {
    gain: sum(gains) / labelTokens,
    error: (deviation * Math.sqrt(gains.length)) / labelTokens,
    share: (100 * gains.filter((gain) => gain > 0).length) / gains.length,
  };
}

function meanAndSpread(values: readonly number[], digits: number): string {
  if (values.length === 0) return '';
  const mean = (sum(values) / values.length).toFixed(digits);
  return values.length === 1 ? mean : `${mean} ± ${standardDeviation(values).toFixed(digits)}`;
}

/** The sample standard deviation: divided by n - 1. */
export function standardDeviation(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / Math.max(1, values.length - 1));
}
