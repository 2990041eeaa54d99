/** @file A condition's answer to each row: generated text, or the likeliest label. */
import { createTextGenerator, type GenerationOptions } from '../../src/index.js';
import { type Condition, fill, type Row } from './condition.js';
import { rowLosses } from './row-losses.js';
import type { Task } from './tasks.js';

const batchSize = 50;
const maxNewTokens = 80;

/** One output per row, without surrounding spaces. */
export function outputsOf(
  condition: Condition,
  rows: readonly Row[],
  kind: Task['output'],
): Promise<string[]> {
  if (kind === 'likeliest') return generated(condition, rows, {});
  if (kind === 'drawn') return generated(condition, rows, { doSample: true, topK: 0, seed: 1 });
  return likelierOf(condition, rows, kind);
}

async function generated(
  { model, tokenizer, adapter, layout }: Condition,
  rows: readonly Row[],
  options: GenerationOptions,
): Promise<string[]> {
  // An answer is one line; a layout may continue after it, for example with a bracket.
  const after = layout.answer.slice(layout.answer.indexOf('}') + 1);
  const stop = ['\n', ...(after ? [after] : [])];
  const generator = createTextGenerator({ model, tokenizer, adapter });
  const outputs: string[] = [];
  try {
    for (let start = 0; start < rows.length; start += batchSize) {
      const prompts = rows.slice(start, start + batchSize).map((row) => fill(layout.prompt, row));
      const answers = await generator.generate(prompts, { ...options, stop, maxNewTokens });
      outputs.push(...answers.map(({ text }) => text.trim()));
    }
  } finally {
    await generator.dispose();
  }
  return outputs;
}

async function likelierOf(
  condition: Condition,
  rows: readonly Row[],
  labels: readonly string[],
): Promise<string[]> {
  const losses: number[][] = [];
  for (const label of labels) {
    const Completion = label[0]!.toUpperCase() + label.slice(1);
    losses.push(
      await rowLosses(
        condition,
        rows.map((row) => ({ ...row, completion: label, Completion })),
      ),
    );
  }
  return rows.map((_, i) => {
    const ofRow = losses.map((ofLabel) => ofLabel[i]!);
    return labels[ofRow.indexOf(Math.min(...ofRow))]!;
  });
}
