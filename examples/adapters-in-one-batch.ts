/** @file Two soft prompts on one loaded model: each row of a batch uses its own, and gets what it would get alone. */
import { createTextGenerator, fromPretrained, trainAdapter } from 'promptune';

const { model, tokenizer } = await fromPretrained();
const learned = async (preset: string, template: string, completionTemplate: string) => {
  const { adapter } = await trainAdapter({
    model,
    tokenizer,
    data: `presets/${preset}.jsonl`,
    template,
    completionTemplate,
    learningRate: 0.03,
    batchSize: 4,
    maxSteps: 10,
  });
  return adapter;
};
const adapters = {
  shopper: await learned(
    'recommend-en',
    "I like {{ likes | join(' and ') }}. I want to buy a",
    ' {{ recommendation }}',
  ),
  critic: await learned('classify-en', '{{ text }}\n', '{{ label }}'),
};
const generator = createTextGenerator({ model, tokenizer, adapters });
const rows = await generator.generate(
  [
    { text: 'I like grapes and melons. I want to buy a', adapter: 'shopper' },
    { text: 'The breakfast was cold.\n', adapter: 'critic' },
    { text: 'The breakfast was cold.\n' }, // the model alone
  ],
  { maxNewTokens: 6 },
);
for (const { text } of rows) console.log(JSON.stringify(text));
await generator.dispose();
