/**
 * @file The main use in one command, without a download: trains a soft prompt about cats for the bundled model, and
 *   shows what the model generates before and after.
 */
import { type Adapter, createTextGenerator, fromPretrained, trainAdapter } from 'promptune';
import { generateDocuments } from '../tools/mini-corpus/documents.js';
import { lossChart } from './support/loss-chart.js';

const folder = 'runs/quickstart';
const beginnings = ['一只可爱的猫，', '每天早上', 'A cute cat,', 'Every morning'];
const steps = 150;

/** Descriptions of cats, in English and in Chinese. */
const rows = [...generateDocuments({ seed: 2, count: 400, genres: ['cats'] })].map(({ text }) => ({ text }));

// With another model: npm run quickstart -- gpt2
const [name] = process.argv.slice(2);
const { model, tokenizer } = await fromPretrained(name);

console.log(`Training a soft prompt: 20 vectors before every text. The model (${model.name}) stays frozen; only the vectors
change, until it finds descriptions of cats likely. It sees ${rows.length} of them, such as
   ${rows
     .slice(0, 2)
     .map(({ text }) => text)
     .join('\n   ')}
`);
const chart = lossChart(steps);
const { adapter, adapterPath } = await trainAdapter({
  model,
  tokenizer,
  data: rows,
  method: 'prompt-tuning',
  methodOptions: { numVirtualTokens: 20 },
  learningRate: 0.01,
  schedule: { name: 'cosine', warmupRatio: 0.05 },
  batchSize: 16,
  maxSteps: steps,
  output: folder,
  overwrite: true,
  onEvent: (event) => event.type === 'step' && chart.add(event.step, event.loss),
});
chart.end();

console.log('\nThe same beginnings, without the soft prompt and with it:\n');
const before = await write();
const after = await write(adapter);
for (const [i, beginning] of beginnings.entries()) {
  console.log(`   ${beginning}\n      without  ${before[i]}\n      with     ${after[i]}`);
}

const option = name === undefined ? '' : ` --model ${name}`;
console.log(`
The soft prompt is in ${adapterPath}, and PEFT can load it too. What you can do next:
   npm run build
   npx promptune generate${option} --adapter ${folder} --prompt "一只聪明的猫，" --temperature 0.7
   npx promptune inspect${option} ${folder}
   npx promptune train --help`);

/** The model's continuations of the beginnings. */
async function write(learned?: Adapter): Promise<string[]> {
  const generator = createTextGenerator({ model, tokenizer, adapter: learned });
  const rows = await generator.generate(beginnings, { maxNewTokens: 32, temperature: 0.7, seed: 1 });
  await generator.dispose();
  return rows.map(({ text }) => text.trim().replaceAll('\n', ' '));
}
