/** @file One task under all four conditions: no prompt, the best text prompt, a soft prompt, and full fine-tuning. */
import type { Pretrained } from '../../src/index.js';
import type { TaskName } from '../../tools/mini-corpus/tasks.js';
import type { Condition, Layout, Row } from './condition.js';
import { bare, textPrompts } from './layouts.js';
import { learn, type Settings } from './learn.js';
import { outputsOf } from './outputs.js';
import { labelTokensOf, lossPerToken, rowLosses } from './row-losses.js';
import { softPrompt, wholeModel } from './settings.js';
import { type Sizes, taskRows, tasks } from './tasks.js';

export type ConditionName = 'no prompt' | 'text prompt' | 'soft prompt' | 'full fine-tuning';

/** The results of one run of one condition on the test rows. */
export interface Figures {
  readonly loss: number;
  readonly scores: readonly number[];
  /** Of each test row, in nats. */
  readonly losses: readonly number[];
  /** The outputs of the first test rows. */
  readonly samples: readonly string[];
  readonly seed?: number;
  readonly settings?: Settings;
  readonly bestStep?: number;
  readonly seconds?: number;
}

export interface RankedLayout {
  readonly layout: Layout;
  readonly validationLoss: number;
}

export interface TaskResult {
  readonly task: TaskName;
  readonly sizes: Sizes;
  readonly labelTokens: number;
  /** The candidates by validation loss, best first. */
  readonly textPrompts: readonly RankedLayout[];
  /** The layout of the text behind the soft prompt. */
  readonly softPromptLayout: Layout;
  readonly conditions: Readonly<Record<ConditionName, readonly Figures[]>>;
}

export interface MeasureOptions {
  pretrained: Pretrained;
  sizes: Sizes;
  seeds: readonly number[];
  scratch: string;
  onProgress: (message: string) => void;
}

export async function measureTask(name: TaskName, options: MeasureOptions): Promise<TaskResult> {
  const { pretrained, sizes, seeds, scratch, onProgress } = options;
  const { output, scores } = tasks[name];
  const rows = taskRows(name, sizes);
  const labels = labelTokensOf(rows.test, pretrained);

  async function figures(condition: Condition): Promise<Figures> {
    const losses = await rowLosses(condition, rows.test);
    const outputs = await outputsOf(condition, rows.test, output);
    return {
      loss: lossPerToken(losses, labels),
      scores: scores.map((score) => score.of(outputs, rows.test)),
      losses,
      samples: outputs.slice(0, 5),
    };
  }

  async function learned(method: 'prompt-tuning' | 'full-fine-tuning', settings: Settings, layout: Layout) {
    const runs: Figures[] = [];
    for (const seed of seeds) {
      const { train, validation } = rows;
      const run = await learn({ pretrained, method, settings, seed, layout, train, validation, scratch });
      const { bestStep, seconds } = run;
      runs.push({ ...(await figures(run.condition)), seed, settings, bestStep, seconds });
      await run.dispose();
      onProgress(
        `${name}: ${method}, seed ${seed}: loss ${runs.at(-1)!.loss.toFixed(4)}, ${seconds.toFixed(0)} s`,
      );
    }
    return runs;
  }

  const ranked = await rankLayouts(name, pretrained, rows.validation);
  const candidates = ranked.filter(({ layout }) => layout !== bare[name]);
  const text = candidates[0]!.layout;
  // The soft prompt precedes the best layout, even if that is the bare input.
  const softPromptLayout = ranked[0]!.layout;
  onProgress(`${name}: the best text prompt is ${JSON.stringify(text.prompt)}`);
  const conditions = {
    'no prompt': [await figures({ ...pretrained, layout: bare[name] })],
    'text prompt': [await figures({ ...pretrained, layout: text })],
    'soft prompt': await learned('prompt-tuning', softPrompt[name], softPromptLayout),
    'full fine-tuning': await learned('full-fine-tuning', wholeModel[name], bare[name]),
  };
  const labelTokens = labels.reduce((a, b) => a + b, 0);
  return { task: name, sizes, labelTokens, textPrompts: candidates, softPromptLayout, conditions };
}

/** A task's text prompts and the bare input, ranked by their loss on validation rows, best first. */
export async function rankLayouts(
  name: TaskName,
  pretrained: Pretrained,
  validation: readonly Row[],
): Promise<RankedLayout[]> {
  const labels = labelTokensOf(validation, pretrained);
  const ranked: RankedLayout[] = [];
  for (const layout of [bare[name], ...textPrompts[name]]) {
    const losses = await rowLosses({ ...pretrained, layout }, validation);
    ranked.push({ layout, validationLoss: lossPerToken(losses, labels) });
  }
  return ranked.sort((a, b) => a.validationLoss - b.validationLoss);
}
