/**
 * @file `training`: seconds per step of prompt tuning, compared with its matrix products alone and with a naive
 *   version.
 */
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { createLearner, promptLearner, randomExamples, rowLengthsOf, standardStep } from '../example-step.js';
import { interleave, type Times } from '../measure.js';
import { createNaiveStep } from '../naive-step.js';
import type { Part } from '../part.js';
import { loadProducts } from '../products-graph.js';
import type { Row, Target } from '../report.js';
import { requiredWork, type StepShape } from '../required-work.js';

export const training: Part = async (context) => {
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const labels of [16, 64]) {
    const result = await measureStep(context.model, { ...standardStep, labels });
    rows.push(...result.rows);
    targets.push(result.target);
  }
  rows.push(...(await measureFullFineTuning(context.smallModel)));
  return {
    rows,
    targets,
    notes: [
      'Multiply-adds are those that the step needs (bench/required-work.ts), in every row of the table. "products alone" runs',
      'just those that are products with a weight matrix: its GFLOP/s are the machine’s own rate on these shapes.',
      'The smaller model has 6 layers of width 384 and 8,192 tokens.',
    ],
  };
};

async function measureStep(folder: string, shape: StepShape) {
  const model = await loadModel(folder);
  const work = requiredWork(model, shape);
  const learner = await promptLearner(model, shape.virtualTokens);
  const examples = randomExamples(model, shape);
  const step = await createModelStep(model, learner, { rowLengths: rowLengthsOf(shape) });
  const naive = await createNaiveStep(model, learner, examples);
  const products = await loadProducts(model, work.products);

  const { lossSum } = await step.run(examples, 1);
  const naiveLoss = await naive.run();
  if (Math.abs(lossSum / naiveLoss - 1) > 1e-5) {
    throw new Error(`the step's loss is ${lossSum}, but the plain version's is ${naiveLoss}`);
  }
  const times = await interleave(9, {
    step: () => step.run(examples, 1),
    products: products.run,
    naive: async () => {
      await naive.run(); // its loss is not a time
    },
  });
  for (const loaded of [step, naive, products]) await loaded.dispose();

  const all = work.inProducts + work.inAttention;
  const tokens = shape.batch * shape.length;
  const machineRate = work.inProducts / times.products.median;
  const row = (name: string, time: Times, multiplyAdds: number): Row => ({
    'labels a row': shape.labels,
    case: name,
    ...timeColumns(time),
    'tokens/s': tokens / time.median,
    'GFLOP/s': (2 * multiplyAdds) / time.median / 1e9,
    'share of the machine’s rate, %': (100 * multiplyAdds) / time.median / machineRate,
  });
  const { 'tokens/s': _, ...productsRow } = row('products alone', times.products, work.inProducts);
  return {
    rows: [row('prompt tuning', times.step, all), productsRow, row('the same, plainly', times.naive, all)],
    target: {
      name: `step of ${shape.batch} × ${shape.length} tokens, ${shape.labels} labels a row: share of the machine’s sgemm rate`,
      value: (100 * all) / times.step.median / machineRate,
      unit: '%',
      atLeast: 85,
    },
  };
}

/** The yardstick: full fine-tuning of a smaller model, compared with prompt tuning of the same model. */
async function measureFullFineTuning(folder: string): Promise<Row[]> {
  const model = await loadModel(folder);
  const examples = randomExamples(model, standardStep);
  const options = { rowLengths: rowLengthsOf(standardStep) };
  const learners = {
    full: await createLearner(model, 'full-fine-tuning', {}),
    prompt: await promptLearner(model, standardStep.virtualTokens),
  };
  const full = await createModelStep(model, learners.full, options);
  const prompt = await createModelStep(model, learners.prompt, options);
  const times = await interleave(9, {
    'full fine-tuning': () => full.run(examples, 1),
    'prompt tuning': () => prompt.run(examples, 1),
  });
  for (const step of [full, prompt]) await step.dispose();
  const tokens = standardStep.batch * standardStep.length;
  return Object.entries(times).map(([method, time]) => ({
    'labels a row': standardStep.labels,
    case: `smaller model, ${method}`,
    ...timeColumns(time),
    'tokens/s': tokens / time.median,
  }));
}

function timeColumns({ median, min, max }: Times): Row {
  return { 'median s': median, 'min s': min, 'max s': max };
}
