/** @file Labels texts without training, by what the model would say next: a label is as probable as its word. */
import { createPromptClassifier, fromPretrained } from 'promptune';

const { model, tokenizer } = await fromPretrained();
const classifier = createPromptClassifier({
  model,
  tokenizer,
  template: '{{ text }}\n',
  completionTemplate: '{{ label }}',
  verbalizer: { good: ['Positive'], bad: ['Negative'] },
});
const texts = ['The room was clean and the service was excellent.', 'The breakfast was cold.'];
const found = await classifier.classify(texts.map((text) => ({ text })));
for (const [i, { label, probabilities }] of found.entries())
  console.log(`${label} (${probabilities[label]!.toFixed(2)}): ${texts[i]}`);
await classifier.dispose();
