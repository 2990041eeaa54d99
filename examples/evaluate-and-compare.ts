/** @file Does a soft prompt help? Evaluates the model with and without it, and tests the difference row by row. */
import { compareRuns, evaluate, fromPretrained, metricNamed, trainAdapter } from 'promptune';

const { model, tokenizer } = await fromPretrained();
const task = { template: '{{ text }}\n', completionTemplate: '{{ label }}' };
const { adapter } = await trainAdapter({
  model,
  tokenizer,
  data: 'presets/classify-en.jsonl',
  ...task,
  methodOptions: { initText: 'I like this film. I do not like that hotel.' },
  learningRate: 0.03,
  batchSize: 4,
  maxSteps: 30,
});

const labels = ['Positive', 'Negative'];
const options = {
  model,
  tokenizer,
  data: 'presets/classify-en.jsonl',
  ...task,
  labels,
  metrics: ['accuracy', 'loss'],
};
const alone = await evaluate(options);
const learned = await evaluate({ ...options, adapter });
for (const name of options.metrics)
  console.log(
    `${name}: ${alone.scores[name]!.value.toFixed(2)} -> ${learned.scores[name]!.value.toFixed(2)}`,
  );
const { difference, pValue } = compareRuns(metricNamed('accuracy'), alone.rows, learned.rows);
console.log(`accuracy by ${difference.toFixed(2)}, p = ${pValue?.toFixed(3)}`);
