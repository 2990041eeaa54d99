/** @file A task's head: learns to label texts, with LoRA inside the model and a classifier on top of it. */
import { createClassifier, fromPretrained, loadAdapter, trainAdapter } from 'promptune';

const { model, tokenizer } = await fromPretrained();
const { adapterPath } = await trainAdapter({
  model,
  tokenizer,
  taskType: 'sequence-classification',
  data: 'presets/classify-en.jsonl',
  method: 'lora',
  methodOptions: { r: 4 },
  learningRate: 0.005,
  batchSize: 4,
  maxSteps: 30,
  output: 'runs/examples/head',
  overwrite: true,
});

const classifier = createClassifier({ model, tokenizer, adapter: await loadAdapter(adapterPath, model) });
console.log(`labels: ${classifier.labels.join(', ')}`);
const [found] = await classifier.classify(['The service was excellent.']);
console.log(found);
await classifier.dispose();
