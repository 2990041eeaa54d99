/**
 * @file `npx tsx tools/conformance/check-openai-document.ts FILE`: whether the server's answers, events and errors are
 *   valid by OpenAI's own description of its API (openapi.json of github.com/openai/openai-openapi). With the bundled
 *   model and two adapters; nothing leaves the process.
 */
import { readFile } from 'node:fs/promises';
import { fromPretrained } from '../../src/index.js';
import { createApp } from '../../src/serving/http/app.js';
import { KeyedClients } from '../../src/serving/http/keys.js';
import { createEngine } from '../../src/serving/index.js';
import { learned } from '../../test/serving/adapters.js';
import { faultsOf } from './json-schema-faults.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('give the path of openapi.json');
const document = JSON.parse(await readFile(path, 'utf8')) as object;
const { model, tokenizer } = await fromPretrained();
const chatTemplate = `{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}
{% for call in m.tool_calls %}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}`;
await using engine = await createEngine({
  ...{ model, tokenizer: { ...tokenizer, chatTemplate } },
  adapters: {
    soft: await learned(model, 'prompt-tuning', { numVirtualTokens: 3 }),
    lora: await learned(model, 'lora', { r: 2 }),
  },
});
const app = createApp({ engine });
const keyed = createApp({ engine, clients: new KeyedClients([]) });

/**
 * What events have that the document's schemas lack: its text says that usage is null before the last event, and it has
 * no schema of its own for the events of completions, whose reason to finish is null before the last.
 */
const nullInEvents = [
  /CreateChatCompletionStreamResponse\/usage: expected object, got null/,
  /CreateCompletionResponse\/usage: expected object, got null/,
  /CreateCompletionResponse\/choices\/…\/finish_reason: expected string, got null/,
];

let checked = 0;
const faults = new Map<string, number>();
function check(value: unknown, name: string, what: string): void {
  checked++;
  const found = faultsOf(value, { $ref: `#/components/schemas/${name}` }, document);
  for (const fault of found) {
    const line = `${what}: ${name}${fault.replaceAll(/\/\d+/g, '/…')}`;
    if (what.endsWith(', stream') && nullInEvents.some((each) => each.test(line))) continue;
    faults.set(line, (faults.get(line) ?? 0) + 1);
  }
}

const post = (path: string, body: unknown) => ({
  path,
  init: {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  },
});

/** An answer, whole, and event by event. */
async function checkBoth(path: string, body: object, whole: string, chunk: string): Promise<void> {
  const what = JSON.stringify(body).slice(0, 200);
  for (const more of [{}, { stream: true }, { stream: true, stream_options: { include_usage: true } }]) {
    const { path: to, init } = post(path, { ...body, ...more });
    const response = await app.request(to, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${what}: ${text}`);
    const events = text.split('\n').flatMap((line) => /^data: ({.*)/.exec(line)?.[1] ?? []);
    if ('stream' in more) for (const event of events) check(JSON.parse(event), chunk, `${what}, stream`);
    else check(JSON.parse(text), whole, what);
  }
}

check(await (await app.request('/v1/models')).json(), 'ListModelsResponse', 'models');
for (const id of engine.models.keys())
  check(await (await app.request(`/v1/models/${id}`)).json(), 'Model', `model ${id}`);

const few = { max_tokens: 4, temperature: 0 };
const messages = [{ role: 'user', content: 'A cute' }];
const parameters = { type: 'object', properties: { n: { enum: [1, 2] } }, required: ['n'] };
const tools = [{ type: 'function', function: { name: 'f', parameters } }];
for (const model of engine.models.keys()) {
  const completions: object[] = [
    { prompt: 'A cute' },
    { prompt: ['A cute', 'The'], n: 2, temperature: 1, seed: 1 },
    { prompt: [1, 2, 3], logprobs: 0 },
    { prompt: 'A cute', logprobs: 3 },
    { prompt: 'A cute', stop: ['e'], max_tokens: 20 },
    { prompt: 'A cute', response_format: { type: 'json_object' }, max_tokens: 9 },
  ];
  for (const body of completions)
    await checkBoth(
      '/v1/completions',
      { model, ...few, ...body },
      'CreateCompletionResponse',
      'CreateCompletionResponse',
    );
  const chats: object[] = [
    {},
    { n: 2, temperature: 1, seed: 1 },
    { logprobs: true },
    { logprobs: true, top_logprobs: 3 },
    { stop: 'e', max_tokens: 20 },
    { response_format: { type: 'json_object' }, max_tokens: 9 },
    { tools },
    { tools, tool_choice: 'required', max_tokens: 40 },
    { tools, tool_choice: { type: 'function', function: { name: 'f' } }, max_tokens: 40, logprobs: true },
  ];
  for (const body of chats)
    await checkBoth(
      '/v1/chat/completions',
      { model, messages, ...few, ...body },
      'CreateChatCompletionResponse',
      'CreateChatCompletionStreamResponse',
    );
}

const completion = '/v1/completions';
const wrong = [
  post(completion, '{'),
  post(completion, { model: 'absent', prompt: 'a' }),
  post(completion, { model: model.name, prompt: 'a', temperature: 9 }),
  post(completion, { model: model.name, prompt: 'a', suffix: 'b' }),
  post(completion, { model: model.name, prompt: 'a '.repeat(400) }),
  post('/v1/chat/completions', { model: model.name, messages: [] }),
  post('/v1/responses', {}),
  { path: '/v1/models/absent' },
  { path: completion },
];
for (const { path, ...rest } of wrong) {
  const response = await app.request(path, 'init' in rest ? rest.init : {});
  check(await response.json(), 'ErrorResponse', `error ${response.status}`);
}
check(await (await keyed.request('/v1/models')).json(), 'ErrorResponse', 'error 401');
const drained = engine.drain();
const { path: to, init } = post(completion, { model: model.name, prompt: 'a' });
check(await (await app.request(to, init)).json(), 'ErrorResponse', 'error 503');
await drained;

for (const [fault, count] of faults) console.log(`${count} ×  ${fault}`);
console.log(`${checked} bodies, events and errors checked, ${faults.size} kinds of faults`);
process.exitCode = faults.size > 0 ? 1 : 0;
