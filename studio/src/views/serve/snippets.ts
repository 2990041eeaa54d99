/** @file How programs ask the server, by client. */

export const clients = ['curl', 'openai (TypeScript)', 'openai (Python)', 'AI SDK', 'LangChain'] as const;
export type Client = (typeof clients)[number];

export interface SnippetOptions {
  /** Such as `http://127.0.0.1:8080/v1`. */
  readonly address: string;
  readonly model: string;
  readonly use: 'completion' | 'chat' | 'labels';
  readonly needsKey: boolean;
}

const text = 'I like apples and pears. I want a';
const message = 'What should I read next?';

/** Undefined where a client has no call for it. */
export function snippetOf(
  client: Client,
  { address, model, use, needsKey }: SnippetOptions,
): string | undefined {
  const key = needsKey ? 'YOUR_KEY' : 'none';
  const name = JSON.stringify(model);
  const isChat = use === 'chat';
  const messages = `[{ role: 'user', content: '${message}' }]`;
  const body = isChat
    ? `{"model": ${name}, "messages": [{"role": "user", "content": "${message}"}]}`
    : `{"model": ${name}, "prompt": "${text}", "max_tokens": 32}`;
  const header = needsKey ? " \\\n  -H 'Authorization: Bearer YOUR_KEY'" : '';
  const post = (path: string, json: string) =>
    `curl ${address}/${path}${header} \\\n  -H 'Content-Type: application/json' \\\n  -d '${json}'`;
  if (use === 'labels')
    return client === 'curl' ? post('classify', `{"model": ${name}, "input": "${text}"}`) : undefined;
  switch (client) {
    case 'curl':
      return post(isChat ? 'chat/completions' : 'completions', body);
    case 'openai (TypeScript)':
      return `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${address}', apiKey: '${key}' });
${
  isChat
    ? `const { choices } = await client.chat.completions.create({
  model: ${name},
  messages: ${messages},
});
console.log(choices[0].message.content);`
    : `const { choices } = await client.completions.create({
  model: ${name},
  prompt: '${text}',
  max_tokens: 32,
});
console.log(choices[0].text);`
}`;
    case 'openai (Python)':
      return `from openai import OpenAI

client = OpenAI(base_url="${address}", api_key="${key}")
${
  isChat
    ? `answer = client.chat.completions.create(
    model=${name},
    messages=[{"role": "user", "content": "${message}"}],
)
print(answer.choices[0].message.content)`
    : `answer = client.completions.create(model=${name}, prompt="${text}", max_tokens=32)
print(answer.choices[0].text)`
}`;
    case 'AI SDK':
      return `import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';

const promptune = createOpenAICompatible({ name: 'promptune', baseURL: '${address}'${needsKey ? ", apiKey: 'YOUR_KEY'" : ''} });
const { textStream } = streamText({
  model: promptune.${isChat ? 'chatModel' : 'completionModel'}(${name}),
  ${isChat ? `messages: ${messages}` : `prompt: '${text}'`},
});
for await (const piece of textStream) process.stdout.write(piece);`;
    case 'LangChain':
      return `import { ${isChat ? 'ChatOpenAI' : 'OpenAI'} } from '@langchain/openai';

const model = new ${isChat ? 'ChatOpenAI' : 'OpenAI'}({
  model: ${name},
  apiKey: '${key}',
  configuration: { baseURL: '${address}' },
});
console.log(await model.invoke('${isChat ? message : text}'));`;
  }
}
