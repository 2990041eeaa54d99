/** @file A head: learns to label texts, with LoRA inside the model and a classifier on top. */
import { createClassifier, fromPretrained, trainAdapter } from 'promptune';

const { model, tokenizer } = await fromPretrained();
const { adapter } = await trainAdapter({
  model,
  tokenizer,
  taskType: 'sequence-classification',
  data: 'presets/classify-en.jsonl',
  method: 'lora',
  methodOptions: { r: 4 },
  learningRate: 0.005,
  batchSize: 4,
  maxSteps: 30,
});

const classifier = createClassifier({ model, tokenizer, adapter });
console.log(`labels: ${classifier.labels.join(', ')}`);
const [found] = await classifier.classify(['The service was excellent.']);
console.log(found);
await classifier.dispose();
