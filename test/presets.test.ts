/** @file Every preset as a user would take it: a configuration that is right, for data that its template fits. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained, loadAdapter, openDataset, type Pretrained, trainFromConfig } from '../src/index.js';
import { datasetOptions } from '../src/loss/dataset-options.js';
import { promptTemplate } from '../src/text/template.js';
import { presetNames } from '../src/workspace/presets.js';
import { readTrainRequest } from '../src/workspace/train-request.js';

const presets = join(import.meta.dirname, '../presets');

/** What the first record becomes: the prompt without its soft tokens, then what is learned, in brackets. */
const firstExamples: Readonly<Record<string, string>> = {
  'answer-en':
    'Tom went to the library yesterday. Lucy went to the museum last Sunday.\n- Who went to the museum?\n-[ Lucy<|endoftext|>]',
  'answer-zh': '汤姆昨天去了图书馆。露西上个星期天去了博物馆。\n- 谁去了博物馆？\n-[ 露西<|endoftext|>]',
  'chat-en': 'A: Hello! How are you today?\nB:[ I am a little tired.<|endoftext|>]',
  'chat-zh': '甲：你好！你今天怎么样？\n乙：[我有点累。<|endoftext|>]',
  'classify-en': 'The room was clean and the service was excellent.\n[Positive<|endoftext|>]',
  'classify-zh': '房间很干净，服务非常棒。\n[好评<|endoftext|>]',
  'code-en': '# Double a number.\n[def double(x):\n    return x * 2<|endoftext|>]',
  'code-zh': '# 把一个数翻倍。\n[def double(x):\n    return x * 2<|endoftext|>]',
  'describe-en': 'A cute cat,[ with soft fur and green eyes, likes to sleep on the sofa.<|endoftext|>]',
  'describe-zh': '一只可爱的猫，[毛茸茸的，长着绿色的眼睛，喜欢在沙发上睡觉。<|endoftext|>]',
  'recommend-en': 'I like apples and pears. I want to buy a[ peach<|endoftext|>]',
  'recommend-zh': '我喜欢苹果和梨。我想要[桃子<|endoftext|>]',
  'rewrite-style-en': 'Open the window. =>[ Could you open the window, please?<|endoftext|>]',
  'rewrite-style-zh': '打开窗户。 =>[ 请问您能打开窗户吗？<|endoftext|>]',
  'summarize-en':
    'After school Tom went to the park. Suddenly he could not find his red umbrella. He called Lucy, and Lucy came at once. At last they found it under a tree.\nSummary:[ Lucy helps Tom find the lost umbrella.<|endoftext|>]',
  'summarize-zh':
    '放学后，汤姆去了公园。突然，他找不到那把红色的雨伞了。他打电话给露西，露西马上就来了。最后他们在一棵树下面找到了它。\n总结：[露西帮汤姆找回了丢失的雨伞。<|endoftext|>]',
  'translate-en': 'My sister drinks tea every morning. =[ 我姐姐每天早上喝茶。<|endoftext|>]',
  'translate-zh': '我姐姐每天早上喝茶。 =[ My sister drinks tea every morning.<|endoftext|>]',
};

let pretrained: Pretrained;
let folder: string;
beforeAll(async () => {
  pretrained = await fromPretrained();
  folder = await mkdtemp(join(tmpdir(), 'promptune-presets-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The configuration as `promptune train --preset` reads it. */
async function preset(name: string) {
  const { config, model } = await readTrainRequest({ preset: name });
  expect(config.data).toBe(join(presets, `${name}.jsonl`));
  expect(model).toBe('promptune-mini');
  return { ...config, data: join(presets, `${name}.jsonl`) };
}

it('there is each preset in English and in Chinese, with its data beside it', async () => {
  const tasks = ['answer', 'chat', 'classify', 'code', 'describe', 'recommend', 'rewrite-style'];
  const names = [...tasks, 'summarize', 'translate'].flatMap((task) => [`${task}-en`, `${task}-zh`]);
  expect(Object.keys(firstExamples)).toEqual(names);
  expect(presetNames()).toEqual(names);
  expect((await readdir(presets)).sort()).toEqual(names.flatMap((name) => [`${name}.jsonl`, `${name}.yaml`]));
});

it.each(Object.entries(firstExamples))('%s fits its data', async (name, first) => {
  const { model, tokenizer } = pretrained;
  const config = await preset(name);
  const adapter = { numVirtualTokens: 10, placement: { template: config.template!, count: 10 } };
  const dataset = await openDataset({
    data: config.data,
    ...datasetOptions(model, tokenizer, adapter, config),
  });
  expect(dataset.summary).toMatchObject({ examples: dataset.length, dropped: 0, truncated: 0 });
  expect(dataset.length).toBeGreaterThanOrEqual(10);
  // Some are held out; none is there twice, so that these are unseen.
  expect(config.validation).toBe(0.25);
  const records = (await readFile(config.data, 'utf8')).trim().split('\n');
  expect(new Set(records).size).toBe(dataset.length);
  expect(Math.min(...dataset.labelCounts)).toBeGreaterThan(1); // the end of the text and something before it
  const { inputIds, lossMask } = await dataset.get(0);
  const text = (isLearned: number) =>
    tokenizer.decode(
      [...inputIds].filter((id, i) => id < model.config.vocabSize && lossMask[i] === isLearned),
    );
  expect(`${text(0)}[${text(1)}]`).toBe(first);
  expect([...inputIds].filter((id) => id >= model.config.vocabSize)).toHaveLength(10);
  await dataset.dispose();
});

it('chat writes all turns but the last answer, and what the system says as it is', async () => {
  const { template, completionTemplate } = await preset('chat-en');
  const messages = [
    { role: 'system', content: 'Two friends.' },
    { role: 'user', content: 'Hello!' },
    { role: 'assistant', content: 'Hi!' },
    { role: 'user', content: 'Goodbye!' },
  ];
  const answer = { role: 'assistant', content: 'Take care!' };
  const dialogue = 'Two friends.\nA: Hello!\nB: Hi!\nA: Goodbye!\nB:';
  // The same for a conversation to be answered as for one with its answer.
  for (const turns of [messages, [...messages, answer]])
    expect(promptTemplate(template!).render({ messages: turns })).toEqual([
      { first: 0, count: 10 },
      dialogue,
    ]);
  expect(promptTemplate(completionTemplate!).render({ messages: [...messages, answer] })).toBe(' Take care!');
});

describe.each(['classify-en', 'translate-zh'])('%s', (name) => {
  it('trains, and leaves its template with what it learned', async () => {
    const config = await preset(name);
    const losses: number[] = [];
    const { adapterPath, best } = await trainFromConfig({
      ...config,
      ...pretrained,
      maxSteps: 1,
      output: join(folder, name),
      onEvent: (event) => event.type === 'step' && losses.push(event.loss),
    });
    expect(losses).toHaveLength(1);
    expect(best!.loss).toBeLessThan(4);
    expect(losses[0]).toBeLessThan(4); // an even guess among the model's tokens has log(8000) = 9.0
    const adapter = await loadAdapter(adapterPath, pretrained.model);
    expect(adapter.placement).toEqual({ template: config.template, count: 10 });
  });
});
