import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHead } from '../src/attach/head.js';
import { learnerWithHead } from '../src/attach/head-files.js';
import { createClassifier } from '../src/evaluation/classifier.js';
import { createTextGenerator } from '../src/generation/text-generator.js';
import { createLossEvaluator } from '../src/loss/evaluator.js';
import { createPromptClassifier } from '../src/prompting/prompt-classifier.js';
import { engineConnection } from '../src/runtime/engine-connection.js';
import { createEngine } from '../src/serving/index.js';
import { characterTokenizer, learned } from './serving/adapters.js';
import { EngineThreads } from './support/engine-threads.js';
import { loadTinyGpt2 } from './support/tiny-gpt2.js';

// The threads that end here are this file's own, also where another file has left one behind.
const threads = new EngineThreads();
const options = { maxNewTokens: 30 };
let right: readonly number[];
let askGenerator: () => Promise<readonly number[]>;
let askServer: () => Promise<readonly number[]>;
let dispose: () => Promise<unknown>;

beforeAll(async () => {
  const { port } = engineConnection() as unknown as { port: { terminate(): Promise<void> } };
  await port.terminate();
  const model = await loadTinyGpt2();
  const tokenizer = characterTokenizer;
  const adapters = { soft: await learned(model, 'prompt-tuning', { numVirtualTokens: 4 }) };
  const generator = createTextGenerator({ model, tokenizer, adapters });
  const engine = await createEngine({ model, tokenizer, adapters });
  askGenerator = async () => (await generator.generate({ text: 'a cat', adapter: 'soft' }, options)).ids;
  askServer = async () => {
    const ids: number[] = [];
    for await (const { id } of await engine.submit({ prompt: 'a cat', model: 'soft', options })) ids.push(id);
    return ids;
  };
  dispose = () => Promise.all([generator.dispose(), engine.dispose()]);
  right = await askGenerator();
});
afterAll(() => threads.stop());

it('a thread that ends while it is idle is replaced, and no request of a generator or a server notices', async () => {
  await threads.end();
  expect(await Promise.all([askGenerator(), askServer()])).toEqual([right, right]);
});

it('requests that are under way when it ends say so, and the next do not notice', async () => {
  const asked = [askGenerator(), askServer()].map((ids) =>
    expect(ids).rejects.toThrow('the worker thread of ONNX Runtime has ended'),
  );
  await new Promise((resolve) => setTimeout(resolve, 2));
  await threads.end();
  await Promise.all(asked);
  expect(await Promise.all([askGenerator(), askServer(), askServer()])).toEqual([right, right, right]);
});

it('a classifier that was open says so once, and classifies the next texts; a session says what to do', async () => {
  const model = await loadTinyGpt2();
  const tokenizer = characterTokenizer;
  const head = createHead(model, 'sequence-classification', ['good', 'bad'], 3);
  const adapter = learnerWithHead(await learned(model, 'prompt-tuning', { numVirtualTokens: 2 }), head);
  await using byHead = createClassifier({ model, tokenizer, adapter });
  const verbalizer = { good: 'g', bad: 'b' };
  await using byWords = createPromptClassifier({ model, tokenizer, template: '{text}:', verbalizer });
  await using losses = await createLossEvaluator(model, adapter);
  const classify = () => Promise.allSettled([byHead.classify(['a cat']), byWords.classify(['a cat'])]);
  const before = await classify();
  expect(before.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);

  await threads.end();
  for (const outcome of await classify())
    expect(outcome).toMatchObject({
      reason: { message: expect.stringContaining('ask a generator or a classifier') },
    });
  expect(await classify()).toEqual(before);
  await expect(losses.evaluate([])).rejects.toThrow('create anything else anew');
});

it('what has lost its thread can be disposed of', async () => {
  await threads.end();
  await dispose();
});
