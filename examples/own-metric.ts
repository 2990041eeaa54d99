/** @file A metric of your own beside two of Promptune's: all get intervals by resampling the rows. */
import { defineMetric, evaluate, fromPretrained } from 'promptune';

/** 1 for an answer as long as the reference, less for a longer one. */
const brevity = defineMetric({
  name: 'brevity',
  scale: 1,
  score: ({ prediction, references: [reference = ''] }) =>
    reference.length / Math.max(reference.length, prediction.length),
});

const { model, tokenizer } = await fromPretrained();
const { scores, rows } = await evaluate({
  model,
  tokenizer,
  data: 'presets/translate-en.jsonl',
  template: '{{ en }} =',
  completionTemplate: ' {{ zh }}',
  metrics: ['bleu-zh', 'chrf2', brevity],
  generation: { maxNewTokens: 24, stop: ['\n'] },
});
for (const [name, { value, interval }] of Object.entries(scores))
  console.log(`${name} ${value.toFixed(3)} [${interval!.low.toFixed(3)}, ${interval!.high.toFixed(3)}]`);
console.log(rows[0]);
