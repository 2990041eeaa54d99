/** @file Rows of tools and calls in the form of OpenAI: learned, generated and scored by the model's chat template. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createTextGenerator,
  evaluate,
  fromPretrained,
  type Pretrained,
  trainAdapter,
} from '../src/index.js';
import { openDataset } from '../src/text/dataset.js';
import { generateFile, inProcessEngine } from '../src/workspace/index.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

/** Writes tools and calls in words that the bundled model learns fast. */
const chatTemplate = `{% if tools %}You can use: {% for tool in tools %}{{ tool.function.name }}{% endfor %}.{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content or '' }}{% for call in m.tool_calls %}I ask the {{ call.function.name }} of {{ call.function.arguments.city }}.{% endfor %}<|endoftext|>{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}`;

const tools = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: {} } } },
  },
];
const call = 'I ask the weather of Oslo.';
const asked = [{ role: 'user', content: 'Is it warm in Oslo?' }];
const calls = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: '1', type: 'function', function: { name: 'weather', arguments: { city: 'Oslo' } } }],
};
const answered = [
  { role: 'tool', tool_call_id: '1', content: '20 C' },
  { role: 'assistant', content: 'It is.' },
];

let folder: string;
let pretrained: Pretrained;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-tools-'));
  const { model, tokenizer } = await fromPretrained();
  pretrained = { model, tokenizer: { ...tokenizer, chatTemplate } };
});
afterAll(() => rm(folder, { recursive: true }));

it('learns the call and the answer to its result', async () => {
  const data = [{ tools, messages: [...asked, calls, ...answered] }];
  const dataset = await openDataset({ data, tokenizer: pretrained.tokenizer, chat: true });
  const { inputIds, lossMask } = await dataset.get(0);
  const marked = Array.from(inputIds, (id, i) => {
    const isFirst = lossMask[i] && !lossMask[i - 1];
    const isLast = lossMask[i] && !lossMask[i + 1];
    return `${isFirst ? '[' : ''}${pretrained.tokenizer.decode([id])}${isLast ? ']' : ''}`;
  });
  expect(marked.join('')).toBe(
    `You can use: weather.user: Is it warm in Oslo?<|endoftext|>assistant: [${call}<|endoftext|>]` +
      'tool: 20 C<|endoftext|>assistant: [It is.<|endoftext|>]',
  );
});

it('generates the call that it learned, from Node and into a file, and scores it', async () => {
  const data = [{ tools, messages: [...asked, calls] }];
  const { adapter } = await trainAdapter({
    ...pretrained,
    ...{ data, chat: true, method: 'lora', learningRate: 0.01, maxSteps: 20, batchSize: 1 },
  });
  await using generator = createTextGenerator({ ...pretrained, adapter });
  const { text } = await generator.generate({ messages: asked, tools });
  expect(text).toBe(call);
  const { scores } = await evaluate({ ...pretrained, adapter, data, chat: true, metrics: ['exact-match'] });
  expect(scores['exact-match']!.value).toBe(100);
  const [rows, output] = [join(folder, 'rows.jsonl'), join(folder, 'out.jsonl')];
  await writeFile(rows, JSON.stringify(data[0]));
  await adapter.save(join(folder, 'adapter'));
  const of = { model: 'promptune-mini', adapters: [join(folder, 'adapter')] };
  const engine = inProcessEngine();
  await generateFile({ ...pretrained, adapter, engine, data: rows, output, of });
  await engine.close();
  expect(JSON.parse(await readFile(output, 'utf8'))).toMatchObject({ messages: asked, tools, text: call });
});
