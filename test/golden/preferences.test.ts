/** @file DPO and ORPO agree with TRL: losses and gradients over the models and adapters of the golden cases. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAdapter } from '../../src/adapters/load-adapter.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import type { PreferenceLoss } from '../../src/loss/preference.js';
import { referenceMargins } from '../../src/loss/reference-margins.js';
import { datasetOf } from '../../src/text/dataset.js';
import type { EncodedExample } from '../../src/text/encode.js';

interface Expected {
  readonly case: string;
  readonly loss: PreferenceLoss['name'];
  readonly beta: number;
  readonly pairs: readonly { prompt: number[]; chosen: number[]; rejected: number[] }[];
  readonly value: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const folder = import.meta.dirname;
const expected: readonly Expected[] = JSON.parse(await readFile(join(folder, 'preferences.json'), 'utf8'));

const answer = (prompt: readonly number[], ids: readonly number[]): EncodedExample => ({
  inputIds: Int32Array.of(...prompt, ...ids),
  lossMask: Uint8Array.of(...prompt.map(() => 0), ...ids.map(() => 1)),
});

/** PEFT's names in a module, as in its files. */
const fileName = (name: string) =>
  name.replace('.default', '').replace('prompt_encoder.embedding.weight', 'prompt_embeddings');

describe.each(expected)('$loss of $case', ({ case: name, loss, beta, pairs, value, gradients }) => {
  it("agrees with TRL's", async () => {
    const base = join(folder, 'cases', `${name.split('__')[0]}__base/model`);
    const own = join(folder, 'cases', name, 'model');
    const model = await loadModel(existsSync(own) ? own : base);
    const adapter = await loadAdapter(join(folder, 'cases', name, 'adapter'), model);
    const examples = pairs.map(({ prompt, chosen, rejected }) => ({
      ...answer(prompt, chosen),
      rejected: answer(prompt, rejected),
    }));
    const preference = { name: loss, beta };
    const margins = await referenceMargins(model, datasetOf(examples));
    const compared = examples.map((example, i) => ({ ...example, referenceMargin: margins[i]! }));
    await using step = await createModelStep(model, adapter, { preference });
    const { lossSum, gradients: found } = await step.run(compared, 1 / step.count(compared));
    expect(lossSum / step.count(compared)).toBeCloseTo(value, 5);
    expect((await step.evaluate(compared)).lossSum / 2).toBeCloseTo(value, 5);
    for (const [peftName, numbers] of Object.entries(gradients)) {
      const gradient = found.get(fileName(peftName))!;
      const worst = Math.max(...gradient.map((number, i) => Math.abs(number - numbers[i]!)));
      expect(worst, peftName).toBeLessThan(1e-5);
    }
  });
});
