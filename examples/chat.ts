/**
 * @file A conversation with the embedded model: what was said so far, in a template, and an answer as it is written.
 */
import { createTextGenerator, fromPretrained, promptTemplate } from 'promptune';

const { model, tokenizer } = await fromPretrained();
const conversation = promptTemplate('{{ said }}A: {{ question }}\nB:');
const generator = createTextGenerator({ model, tokenizer });
let said = '';
for (const question of ['Good morning! How are you?', 'What do you want to eat?']) {
  console.log(`A: ${question}\nB:`);
  const prompt = `${conversation.render({ said, question })}`;
  let answer = '';
  for await (const piece of generator.stream(prompt, {
    stop: ['\n'],
    maxNewTokens: 30,
    seed: 1,
    temperature: 0.7,
  })) {
    process.stdout.write(piece);
    answer += piece;
  }
  console.log();
  said = `${prompt}${answer}\n`;
}
await generator.dispose();
