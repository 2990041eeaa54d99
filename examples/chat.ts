/** @file A conversation with the bundled model by its chat template; answers are streamed. */
import { createTextGenerator, fromPretrained, type Message } from 'promptune';

const { model, tokenizer } = await fromPretrained();
await using generator = createTextGenerator({ model, tokenizer });
const messages: Message[] = [];
for (const question of ['Good morning! How are you?', 'What do you want to eat?']) {
  messages.push({ role: 'user', content: question });
  console.log(`You: ${question}`);
  let answer = '';
  const answering = generator.stream(
    { messages },
    { stop: ['\n'], maxNewTokens: 30, seed: 1, temperature: 0.7 },
  );
  for await (const piece of answering) {
    process.stdout.write(piece);
    answer += piece;
  }
  console.log();
  messages.push({ role: 'assistant', content: answer });
}
