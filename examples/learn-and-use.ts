/** @file Learns a soft prompt from rows in memory, and writes with it: the whole round in one file. */
import { createTextGenerator, fromPretrained, loadAdapter, trainAdapter } from 'promptune';

const { model, tokenizer } = await fromPretrained(); // the model that comes with the package
const rows = [
  { likes: ['apples', 'pears'], recommendation: 'peach' },
  { likes: ['oranges', 'bananas'], recommendation: 'pear' },
  { likes: ['cats', 'dogs'], recommendation: 'rabbit' },
  { likes: ['plums', 'peaches'], recommendation: 'banana' },
];
const { adapterPath } = await trainAdapter({
  model,
  tokenizer,
  data: rows,
  template: "I like {{ likes | join(' and ') }}. I want to buy a",
  completionTemplate: ' {{ recommendation }}',
  methodOptions: { numVirtualTokens: 10 },
  learningRate: 0.02,
  batchSize: 4,
  maxSteps: 20,
  output: 'runs/examples/learn-and-use',
  overwrite: true,
  onEvent: (event) =>
    event.type === 'step' && console.log(`step ${event.step}: loss ${event.loss.toFixed(3)}`),
});

const adapter = await loadAdapter(adapterPath, model);
const generator = createTextGenerator({ model, tokenizer, adapter });
const [row] = await generator.generate(['I like cherries and mangoes. I want to buy a'], { maxNewTokens: 4 });
console.log(row!.text);
await generator.dispose();
