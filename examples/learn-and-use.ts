/** @file Trains a soft prompt on rows in memory, and generates with it. */
import { createTextGenerator, fromPretrained, trainAdapter } from 'promptune';

const rows = [
  { prompt: 'I like apples and pears. I want to buy a', completion: ' peach' },
  { prompt: 'I like oranges and bananas. I want to buy a', completion: ' pear' },
  { prompt: 'I like cherries and mangoes. I want to buy a', completion: ' melon' },
  { prompt: 'I like plums and grapes. I want to buy a', completion: ' peach' },
];

const { model, tokenizer } = await fromPretrained(); // the model that comes with the package
const { adapter } = await trainAdapter({
  model,
  tokenizer,
  data: rows,
  methodOptions: { numVirtualTokens: 10 },
  learningRate: 0.02,
  batchSize: 4,
  maxSteps: 20,
  onEvent: (event) =>
    event.type === 'step' && console.log(`step ${event.step}: loss ${event.loss.toFixed(3)}`),
});

const generator = createTextGenerator({ model, tokenizer, adapter });
const [row] = await generator.generate(['I like cherries and mangoes. I want to buy a'], { maxNewTokens: 4 });
console.log(row.text);
await generator.dispose();
await adapter.save('runs/examples/learn-and-use'); // PEFT's files
