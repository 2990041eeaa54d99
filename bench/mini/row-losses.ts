/** @file A condition's loss on each row: -log p of the row's answer, including the end of the text. */
import { openDataset } from '../../src/index.js';
import { createLossEvaluator } from '../../src/loss/evaluator.js';
import type { Condition, Row } from './condition.js';

/** -log p of each row's answer and the token that ends it, in nats. */
export async function rowLosses(condition: Condition, rows: readonly Row[]): Promise<number[]> {
  const { model, tokenizer, adapter, layout } = condition;
  const dataset = await openDataset({
    data: rows.map((row) => ({ ...row })),
    tokenizer,
    template: layout.prompt,
    completionTemplate: layout.answer,
    maxLength: model.config.maxPositions - (adapter?.numVirtualTokens ?? 0),
  });
  const evaluator = await createLossEvaluator(model, adapter);
  try {
    const losses: number[] = [];
    for (let i = 0; i < dataset.length; i++)
      losses.push((await evaluator.evaluate([await dataset.get(i)])).lossSum);
    return losses;
  } finally {
    await evaluator.dispose();
    await dataset.dispose();
  }
}

/**
 * The mean loss per label token. All conditions divide by the same number, the tokens of the completion as the data has
 * it: otherwise a layout that writes answers in more tokens would look better for it.
 */
export function lossPerToken(losses: readonly number[], labelTokens: readonly number[]): number {
  return sum(losses) / sum(labelTokens);
}

export function labelTokensOf(rows: readonly Row[], { tokenizer }: Pick<Condition, 'tokenizer'>): number[] {
  return rows.map(({ completion }) => tokenizer.encode(completion).length + 1);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
