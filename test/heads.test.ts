import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { combineAdapters } from '../src/adapters/combine.js';
import { exportAsPrefix } from '../src/adapters/export-prefix.js';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { mergeAdapter } from '../src/adapters/merge.js';
import { filesReadWith } from '../src/adapters/option-files.js';
import { savable } from '../src/adapters/saved-adapter.js';
import { composeAdapters } from '../src/attach/compose.js';
import { createHead, findsSpans, ownHead, withHead } from '../src/attach/head.js';
import { learnerWithHead, takeOverHead } from '../src/attach/head-files.js';
import type { Adapter, Learner } from '../src/attach/method.js';
import { FileError, UsageError } from '../src/errors.js';
import { readPeftAdapter } from '../src/formats/adapter-folder.fixture.js';
import { readAdapter } from '../src/formats/adapter-folder.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { createLossEvaluator } from '../src/loss/evaluator.js';
import { lossGraph } from '../src/loss/loss-graph.js';
import { createModelStep } from '../src/loss/model-step.js';
import { bestSpan, countExactSpans, scoresByExample } from '../src/loss/spans.js';
import { nothing } from '../src/methods/head-alone.js';
import { methodNamed } from '../src/methods/registry.js';
import type { HeadTaskType, LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import { prepareRun } from '../src/runs/prepare-run.js';
import { type RunConfig, resolveRunConfig } from '../src/runs/run-config.js';
import { type EncodedExample, noLabel } from '../src/text/encode.js';
import { inContext } from '../src/text/questions.js';
import type { Tokenizer } from '../src/text/tokenizer.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const cases = join(import.meta.dirname, 'golden/cases');
const tokenizer = {
  encode: (text: string) => [...text].map((character) => character.charCodeAt(0) % 32),
  decode: (ids: readonly number[]) => ids.map((id) => String.fromCharCode(96 + id)).join(''),
};
const labels = ['good', 'bad', 'so-so'];
let root: string;
const models: Record<string, LanguageModel> = {};
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-heads-'));
  models.gpt2 = await loadModel(join(cases, 'gpt2__base/model'), 'tiny-gpt2');
  models.bert = await loadModel(join(cases, 'bert-cls__base/model'), 'tiny-bert');
  models.masked = await loadModel(join(cases, 'bert-mlm__base/model'), 'tiny-masked');
});
afterAll(() => rm(root, { recursive: true }));

const texts = [[5, 17, 30, 2, 3], [31], [9, 1, 4]];

/** A label for each text, or for each token but the second, or an answer in each text. */
function examplesFor({ head }: Adapter): EncodedExample[] {
  return texts.map((ids, taskId) => {
    if (head!.taskType === 'question-answering') {
      const start = Math.floor(ids.length / 3);
      return {
        inputIds: Int32Array.from(ids),
        labels: Int32Array.from(ids, (_, at) => (at === start ? ids.length - 1 : inContext)),
        lossMask: Uint8Array.from(ids, (_, at) => Number(at === start)),
        taskId: taskId % 2,
      };
    }
    const pooled = head!.design.pools === 'first' ? 0 : ids.length - 1;
    const own = ids.map((id, at) => {
      const isLabeled = head!.taskType === 'sequence-classification' ? at === pooled : at !== 1;
      return isLabeled ? id % 3 : noLabel;
    });
    return {
      inputIds: Int32Array.from(ids),
      labels: Int32Array.from(own),
      lossMask: Uint8Array.from(own, (label) => (label === noLabel ? 0 : 1)),
      taskId: taskId % 2,
    };
  });
}

async function learn(
  family: string,
  method: string,
  config: object,
  taskType: HeadTaskType,
): Promise<Learner> {
  const model = models[family]!;
  const plain = await methodNamed(method).createLearner({
    model,
    config,
    tokenizer,
    seed: 3,
    files: filesReadWith({}),
  });
  const learner = learnerWithHead(plain, createHead(model, taskType, labels, 3, family === 'masked'));
  const random = seededRandom(8);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.05 * random.normal();
  return learner;
}

async function scoresOf(model: LanguageModel, adapter: Adapter, examples = examplesFor(adapter)) {
  const evaluator = await createLossEvaluator(model, adapter);
  const { scores } = await evaluator.evaluate(examples);
  await evaluator.dispose();
  if (findsSpans(adapter.head)) return scoresByExample(examples, scores!).flatMap((own) => [...own]);
  return Array.from(scores!);
}

function expectClose(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  for (const [i, score] of wanted.entries()) expect(found[i]).toBeCloseTo(score, 5);
}

const kinds: readonly (readonly [string, string, object, HeadTaskType])[] = [
  ['gpt2', 'head-alone', {}, 'sequence-classification'],
  ['gpt2', 'prompt-tuning', { numVirtualTokens: 3 }, 'sequence-classification'],
  ['gpt2', 'prefix-tuning', { numVirtualTokens: 3 }, 'sequence-classification'],
  ['gpt2', 'multitask-prompt-tuning', { numVirtualTokens: 3, numTasks: 2 }, 'sequence-classification'],
  [
    'gpt2',
    'instance-prompt',
    { numVirtualTokens: 2, encoder: 'linear', encoderHiddenSize: 4 },
    'sequence-classification',
  ],
  ['gpt2', 'lora', { r: 2 }, 'token-classification'],
  ['gpt2', 'prompt-tuning', { numVirtualTokens: 3 }, 'token-classification'],
  ['bert', 'prompt-tuning', { numVirtualTokens: 3 }, 'sequence-classification'],
  ['bert', 'p-tuning', { numVirtualTokens: 3, encoderHiddenSize: 8 }, 'token-classification'],
  ['bert', 'prefix-tuning', { numVirtualTokens: 3 }, 'token-classification'],
  ['bert', 'multitask-prompt-tuning', { numVirtualTokens: 3, numTasks: 2 }, 'sequence-classification'],
  ['bert', 'ia3', {}, 'sequence-classification'],
  ['masked', 'prompt-tuning', { numVirtualTokens: 3 }, 'sequence-classification'],
  ['masked', 'head-alone', {}, 'sequence-classification'],
  ['gpt2', 'prompt-tuning', { numVirtualTokens: 3 }, 'question-answering'],
  ['gpt2', 'multitask-prompt-tuning', { numVirtualTokens: 3, numTasks: 2 }, 'question-answering'],
  ['gpt2', 'lora', { r: 2 }, 'question-answering'],
  ['bert', 'prompt-tuning', { numVirtualTokens: 3 }, 'question-answering'],
  ['bert', 'prefix-tuning', { numVirtualTokens: 3 }, 'question-answering'],
  ['gpt2', 'prompt-tuning+lora', { numVirtualTokens: 3, r: 2 }, 'sequence-classification'],
  ['bert', 'prefix-tuning+ia3', { numVirtualTokens: 3 }, 'question-answering'],
  ['gpt2', 'bottleneck-adapter', { nonLinearity: 'tanh' }, 'token-classification'],
  ['bert', 'bottleneck-adapter+prompt-tuning', { numVirtualTokens: 3 }, 'sequence-classification'],
];

describe.each(kinds)('%s, %s %j, %s', (family, method, config, taskType) => {
  it('trains its own tensors and the head, with the gradients that differences give', async () => {
    const model = models[family]!;
    const learner = await learn(family, method, config, taskType);
    const { outputs } = lossGraph(model, learner, { differentiate: true });
    const names = [...learner.tensors.keys()];
    expect([...outputs].sort()).toEqual(['loss', ...names.map((name) => `gradient.${name}`)].sort());

    const examples = examplesFor(learner);
    const step = await createModelStep(model, learner);
    const { gradients } = await step.run(examples, 1);
    const random = seededRandom(5);
    // One direction through all of the tensors at once.
    const directions = new Map(
      [...learner.tensors].map(([name, { data }]) => [name, data.map(() => 0.1 * random.normal())]),
    );
    const lossAt = async (distance: number) => {
      const before = new Map([...learner.tensors].map(([name, { data }]) => [name, data]));
      for (const [name, tensor] of learner.tensors)
        Object.assign(tensor, { data: tensor.data.map((x, i) => x + distance * directions.get(name)![i]!) });
      const { lossSum } = await step.evaluate(examples);
      for (const [name, tensor] of learner.tensors) Object.assign(tensor, { data: before.get(name) });
      return lossSum;
    };
    const size = 0.01;
    const numeric = ((await lossAt(size)) - (await lossAt(-size))) / (2 * size);
    const exact = [...directions].reduce(
      (sum, [name, direction]) =>
        sum + direction.reduce((inner, d, i) => inner + d * gradients.get(name)![i]!, 0),
      0,
    );
    await step.dispose();
    expect(Math.abs(numeric - exact)).toBeLessThan(0.01 * Math.abs(exact) + 1e-3);
  });

  it('scores a text in a batch as alone', async () => {
    const model = models[family]!;
    const learner = await learn(family, method, config, taskType);
    const examples = examplesFor(learner);
    const alone: number[] = [];
    for (const example of examples) alone.push(...(await scoresOf(model, learner, [example])));
    expectClose(await scoresOf(model, learner, examples), alone);
  });

  it('scores the same once saved and loaded', async () => {
    const model = models[family]!;
    const learner = await learn(family, method, config, taskType);
    const folder = await mkdtemp(join(root, 'adapter-'));
    await savable(learner).save(folder);
    const loaded = await loadAdapter(folder, model);
    expect(loaded).toMatchObject({
      method,
      head: { taskType, labels: learner.head!.labels, poolsPrompt: false },
    });
    expectClose(await scoresOf(model, loaded), await scoresOf(model, learner));
  });
});

it.each(['gpt2', 'bert'])('%s: one of several tasks scores as its rows among others', async (family) => {
  const model = models[family]!;
  const config = { numVirtualTokens: 3, numTasks: 2 };
  const learner = await learn(family, 'multitask-prompt-tuning', config, 'sequence-classification');
  const examples = examplesFor(learner).map((example) => ({ ...example, taskId: 1 }));
  expectClose(
    await scoresOf(model, learner.tasks!.adapterFor(1), examples),
    await scoresOf(model, learner, examples),
  );
});

it("is saved under PEFT's names", async () => {
  for (const [method, name] of [
    ['prompt-tuning', 'base_model.score.weight'],
    ['lora', 'base_model.model.score.weight'],
  ] as const) {
    const folder = await mkdtemp(join(root, 'adapter-'));
    await savable(await learn('gpt2', method, {}, 'sequence-classification')).save(folder);
    const { tensors, config } = await readPeftAdapter(folder);
    expect(tensors.get(name)!.shape).toEqual([3, 32]);
    expect(config).toMatchObject({
      task_type: 'SEQ_CLS',
      modules_to_save: ['classifier', 'score'],
      id2label: { 0: 'good', 1: 'bad', 2: 'so-so' },
    });
  }
});

it('finds the best span of a text, and counts those that are right', async () => {
  const scores = Float32Array.of(9, 0, 1, 3, 4, 2, 0, 5, 0, 9);
  const labels = Int32Array.of(noLabel, inContext, inContext, inContext, noLabel);
  expect(bestSpan(scores, labels)).toEqual({ start: 2, end: 3 });
  const example = (end: number): EncodedExample => ({
    inputIds: Int32Array.of(5, 6, 7, 8, 9),
    labels: labels.with(2, end),
    lossMask: Uint8Array.of(0, 0, 1, 0, 0),
  });
  expect(countExactSpans([example(3), example(2)], Float32Array.of(...scores, ...scores))).toBe(1);
});

it('is a model of its own after full fine-tuning', async () => {
  for (const family of ['gpt2', 'bert']) {
    const learner = await learn(family, 'full-fine-tuning', {}, 'sequence-classification');
    const folder = await mkdtemp(join(root, 'model-'));
    await savable(learner).save(folder);
    const model = await loadModel(folder);
    const head = (await ownHead(model))!;
    expect(head.labels).toEqual(labels);
    expectClose(await scoresOf(model, withHead(nothing(), head)), await scoresOf(models[family]!, learner));
  }
});

it('continues from an earlier adapter, method and head', async () => {
  const model = models.gpt2!;
  const folder = await mkdtemp(join(root, 'adapter-'));
  const earlier = await learn('gpt2', 'lora', { r: 2 }, 'sequence-classification');
  await savable(earlier).save(folder);
  const plain = await methodNamed('lora').createLearner({
    model,
    config: { r: 2, initAdapter: folder },
    tokenizer,
    seed: 1,
    files: filesReadWith({}),
  });
  const head = createHead(model, 'sequence-classification', labels, 1);
  takeOverHead(head, model, await readAdapter(folder));
  expectClose(await scoresOf(model, learnerWithHead(plain, head)), await scoresOf(model, earlier));
  const others = createHead(model, 'sequence-classification', ['bad', 'good', 'so-so'], 1);
  const content = await readAdapter(folder);
  expect(() => takeOverHead(others, model, content)).toThrow(
    'its head knows the labels good, bad, so-so, but this run has bad, good, so-so',
  );
});

it.each([
  ['prompt-tuning+lora', { numVirtualTokens: 3, r: 2 }],
  ['bottleneck-adapter', {}],
] as const)('of %s goes on as well, and lies beside what it was trained with', async (method, config) => {
  const model = models.gpt2!;
  const folder = await mkdtemp(join(root, 'adapter-'));
  const taskType = 'sequence-classification' as const;
  const earlier = await learn('gpt2', method, config, taskType);
  await savable(earlier).save(folder);
  expect(await readdir(folder)).toEqual([...method.split('+'), 'head-alone', 'promptune.json'].sort());
  const data = join(root, 'labeled.jsonl');
  await writeFile(data, '{"text": "a", "label": "good"}\n');
  const methodOptions = { ...config, initAdapter: folder };
  const run = { data, method, taskType, labels, methodOptions };
  const prepared = await prepareRun(resolveRunConfig(run), { model, tokenizer: tokenizer as Tokenizer });
  await prepared.dispose();
  expectClose(await scoresOf(model, prepared.learner), await scoresOf(model, earlier));
});

it("pools an encoder's [CLS], and PEFT's prompts as PEFT does", async () => {
  const model = models.bert!;
  const theirs = await loadAdapter(join(cases, 'bert-cls__prompt-tuning/adapter'), model);
  expect(theirs.head).toMatchObject({ poolsPrompt: true, labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] });
  const ours = { ...theirs, head: { ...theirs.head!, poolsPrompt: false } };
  const [asPeft, real] = [await scoresOf(model, theirs), await scoresOf(model, ours)];
  expect(Math.max(...real.map((score, i) => Math.abs(score - asPeft[i]!)))).toBeGreaterThan(0.01);
});

it('gives the loss of each row, first tokens included', async () => {
  const model = models.gpt2!;
  const learner = await learn('gpt2', 'lora', { r: 2 }, 'token-classification');
  const examples = examplesFor(learner);
  const evaluator = await createLossEvaluator(model, learner);
  const alone: number[] = [];
  for (const example of examples) alone.push((await evaluator.evaluate([example])).lossSum);
  expectClose(await evaluator.evaluateRows(examples), alone);
  await evaluator.dispose();
});

it('counts the penalty of a prompt pool once a label, whatever token has it', async () => {
  const model = models.gpt2!;
  const config = { poolSize: 4, topN: 2, promptLength: 2 };
  const step = await createModelStep(
    model,
    await learn('gpt2', 'prompt-pool', config, 'token-classification'),
  );
  const examples = examplesFor({ head: createHead(model, 'token-classification', labels, 1) } as Adapter);
  const whole = await step.run(examples, 1);
  const name = [...whole.gradients.keys()].find((candidate) => candidate.includes('key'))!;
  const sum = whole.gradients.get(name)!.map(() => 0);
  for (const example of examples) {
    // Labels one at a time, the first token's among them: the parts add up to the whole.
    for (let at = 0; at < example.labels!.length; at++) {
      if (!example.lossMask[at]) continue;
      const lossMask = example.lossMask.map((_, i) => (i === at ? 1 : 0));
      const { gradients } = await step.run([{ ...example, lossMask }], 1);
      for (const [i, value] of gradients.get(name)!.entries()) sum[i]! += value;
    }
  }
  await step.dispose();
  expect(Math.max(...sum.map(Math.abs))).toBeGreaterThan(0.01);
  expectClose(Array.from(sum), Array.from(whole.gradients.get(name)!));
});

it('stands on a prompt after a prefix before an encoder, with each text as alone', async () => {
  const model = models.bert!;
  const parts: Learner[] = [];
  for (const method of ['prefix-tuning', 'prompt-tuning'])
    parts.push(
      await methodNamed(method).createLearner({
        model,
        config: { numVirtualTokens: 3 },
        tokenizer,
        seed: 3,
        files: filesReadWith({}),
      }),
    );
  const head = createHead(model, 'sequence-classification', labels, 3);
  const adapter = withHead(composeAdapters(parts), head);
  const examples = examplesFor(adapter);
  const alone: number[] = [];
  for (const example of examples) alone.push(...(await scoresOf(model, adapter, [example])));
  expectClose(await scoresOf(model, adapter, examples), alone);
});

it('is refused where it would be lost: with other adapters, in mixed rows, combined, merged, exported', async () => {
  const model = models.gpt2!;
  const lora = await learn('gpt2', 'lora', { r: 2 }, 'sequence-classification');
  const prompt = await learn('gpt2', 'prompt-tuning', { numVirtualTokens: 3 }, 'sequence-classification');
  const plain = await methodNamed('lora').createLearner({
    model,
    config: {},
    tokenizer,
    seed: 3,
    files: filesReadWith({}),
  });
  const because = 'trained to label texts (sequence-classification)';
  expect(() => composeAdapters([plain, prompt])).toThrow(because);
  await expect(createModelDecoder({ model, adapters: { plain, prompt } })).rejects.toThrow(because);
  await expect(mergeAdapter({ model, adapter: lora, output: join(root, 'merged') })).rejects.toThrow(because);
  await expect(exportAsPrefix(prompt, model, join(root, 'prefix'))).rejects.toThrow(because);
  const folder = await mkdtemp(join(root, 'adapter-'));
  await savable(prompt).save(folder);
  const output = join(root, 'combined');
  await expect(combineAdapters({ adapters: [folder, folder], how: 'average', output })).rejects.toThrow(
    'SEQ_CLS has a head',
  );
});

it('takes no template with soft tokens', async () => {
  const config = { data: 'x.jsonl', taskType: 'sequence-classification', labels, template: '{soft:3}{text}' };
  const run = prepareRun(resolveRunConfig(config as RunConfig), {
    model: models.gpt2!,
    tokenizer: tokenizer as Tokenizer,
  });
  await expect(run).rejects.toThrow('soft tokens are for texts to continue, not for texts with labels');
});

it('cannot generate text', async () => {
  const adapter = await learn('gpt2', 'head-alone', {}, 'sequence-classification');
  const labeling = createModelDecoder({ model: models.gpt2!, adapter });
  await expect(labeling).rejects.toThrow(UsageError);
  await expect(labeling).rejects.toThrow('trained to label texts (sequence-classification)');
  await expect(createModelDecoder({ model: models.bert! })).rejects.toThrow(
    'tiny-bert is a bert model, whose tokens see those after them',
  );
});

it('refuses a head of another model, and a model without what the head stands on', async () => {
  const bert = join(cases, 'bert-cls__lora/adapter');
  await expect(loadAdapter(bert, models.gpt2!)).rejects.toThrow(FileError);
  await expect(loadAdapter(bert, models.gpt2!)).rejects.toThrow('score.weight');
  expect(() => createHead(models.masked!, 'sequence-classification', labels, 1)).toThrow(
    'the head needs bert.pooler.dense.weight, which the files of tiny-masked do not have',
  );
});
