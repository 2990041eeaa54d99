import type { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { adviceOn } from '../src/benchmark/advice.js';
import { helpInChinese } from '../src/cli/messages/help.js';
import { speak } from '../src/cli/messages/index.js';
import { languageOf } from '../src/cli/messages/language.js';
import { help as helpZh } from '../src/cli/messages/zh/help.js';
import { zh } from '../src/cli/messages/zh/index.js';
import { program, runCommandLine } from '../src/cli/program.js';
import { summaryLines, trainingReporter } from '../src/cli/terminal/training-reporter.js';
import type { RunSummary } from '../src/index.js';
import { chinese } from '../src/sentences/index.js';
import { planWarnings } from '../src/training/plan.js';
import { findSentences, sourceText } from '../tools/find-sentences.js';

afterEach(() => {
  speak('en');
  vi.restoreAllMocks();
});

const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];

const texts = withSubcommands(program).flatMap((command) => [
  command.description(),
  ...command.registeredArguments.map(({ description }) => description),
  ...command.options.flatMap(({ description, helpGroupHeading }) => [description, helpGroupHeading ?? '']),
]);

describe('the help in Chinese', () => {
  it('has every text of the help; a new one belongs into zh/options.ts, or zh/help.ts', () => {
    expect(texts.filter((text) => text !== '' && helpInChinese(text) === undefined)).toEqual([]);
  });

  it('has no text that the help no longer has, after its own sentences', () => {
    const all = texts.join('\n');
    const own = Object.keys(helpZh).slice(0, Object.keys(helpZh).indexOf('Model:'));
    expect(Object.keys(helpZh).filter((text) => !own.includes(text) && !all.includes(text))).toEqual([]);
  });

  it('translates choices, defaults, endings and owners', () => {
    expect(helpInChinese("the optimizer's weight decay (default: 0.01 for adamw, 0 for sgd)")).toBe(
      '优化器的权重衰减（默认：adamw 为 0.01，sgd 为 0）',
    );
    expect(helpInChinese('task to train for: causal-lm, question-answering (default: causal-lm)')).toBe(
      '训练的任务：causal-lm、question-answering（默认：causal-lm）',
    );
    expect(helpInChinese('stop before this text; may be repeated (default: none)')).toBe(
      '在这段文本之前停止；可重复给出（默认：无）',
    );
    expect(helpInChinese('the update BA is scaled by alpha / r (default: 8) [lora]')).toBe(
      '更新 BA 乘以 alpha / r（默认：8） [lora]',
    );
    expect(helpInChinese('an option that nobody has translated')).toBeUndefined();
  });
});

describe('the pages of the help in Chinese', () => {
  it.each(withSubcommands(program).map((command) => [command.name(), command] as const))(
    'have no line in English: %s',
    (_, command) => {
      speak('zh');
      let page = '';
      const before = { ...command.configureOutput() };
      command.configureOutput({ writeOut: (text) => (page += text) });
      command.outputHelp();
      command.configureOutput(before);
      const [own = ''] = page.split('示例：');
      expect(
        own.match(/^.*[a-z]+ [a-z]+ [a-z]+.*$/gm)?.filter((line) => !/\p{Script=Han}/u.test(line)) ?? [],
      ).toEqual([]);
    },
  );
});

describe('the sentences in Chinese', () => {
  const found = findSentences('src');
  const places = (text: string) => [...new Set(text.match(/\{\d\}/g))].sort();

  it('are those that the source says', () => {
    expect(found.filter(({ key }) => zh.sentences[key] === undefined)).toEqual([]);
    const keys = new Set(found.map(({ key }) => key));
    const code = sourceText('src');
    expect(Object.keys(zh.sentences).filter((key) => !keys.has(key) && !code.includes(key))).toEqual([]);
  });

  it('are in the catalog of the library where the command line does not say them', () => {
    const ofLibrary = found.filter(({ file }) => !file.startsWith('cli/'));
    expect(ofLibrary.filter(({ key }) => chinese.sentences[key] === undefined)).toEqual([]);
  });

  it('have the values of the English ones', () => {
    const missing = Object.entries(zh.sentences).filter(
      ([english, chinese]) => `${places(english)}` !== `${places(chinese)}`,
    );
    expect(missing).toEqual([]);
  });
});

describe('languageOf', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'en_US.UTF-8' }, 'en'],
    [{ LANG: 'de_DE.UTF-8', LC_MESSAGES: 'zh_TW.UTF-8' }, 'zh'],
  ])('follows the environment: %j', (environment, language) => {
    expect(languageOf(['train'], environment)).toEqual({ language, args: ['train'] });
  });

  it('prefers --lang, which it takes out of the arguments', () => {
    const chinese = { LANG: 'zh_CN.UTF-8' };
    expect(languageOf(['--lang', 'zh', 'runs'], {})).toEqual({ language: 'zh', args: ['runs'] });
    expect(languageOf(['runs', '--lang=en', 'a'], chinese)).toEqual({ language: 'en', args: ['runs', 'a'] });
    expect(languageOf(['runs', '--', '--lang'], {})).toEqual({
      language: 'en',
      args: ['runs', '--', '--lang'],
    });
    expect(() => languageOf(['--lang', 'fr'], {})).toThrow('--lang: expected one of en, zh, got fr');
  });
});

it('says in Chinese what a benchmark advises', () => {
  const row = { kind: 'text', scores: {}, interval: { low: 0, high: 1 }, milliseconds: 1, bytes: 0 } as const;
  const of = (name: string, score: number, tokens: number) => ({
    ...row,
    name,
    score,
    tokens,
    preparation: 0,
  });
  const comparison = { difference: 0.1, pValue: 0.01 };
  const learned = { ...of('lora', 0.8, 20), kind: 'learned' as const, comparison };
  const about = { model: 'm', metric: 'accuracy', learned: 9, measured: 50 };
  const majority = { label: 'x', share: 0.5 };
  speak('zh');
  const advice = (...rows: Parameters<typeof adviceOn>[0]['rows']) => adviceOn({ ...about, majority, rows });
  expect(advice(of('8 examples', 0.7, 100), learned)).toBe(
    'lora 比最好的文本提示 "8 examples" 高 10.0 个百分点（p = 0.010），每次请求读取的 token 只有其 1/5.0。',
  );
  expect(advice(of('8 examples', 0.7, 100), { ...learned, comparison: { ...comparison, pValue: 0.6 } })).toBe(
    '在这 50 行上，没有学习得到的提示可靠地优于 "8 examples"；lora 每次请求读取的 token 只有其 1/5.0。',
  );
});

it('says how long a run will take, after a few steps, where that is long', () => {
  const said = (etaSeconds: number) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const reporter = trainingReporter({ json: false });
    const figures = { loss: 1, learningRate: 1, gradNorm: 1, epoch: 0, seconds: 1, tokensPerSecond: 9 };
    for (const step of [1, 2, 3, 4])
      reporter.event({ type: 'step', step, totalSteps: 100, etaSeconds, ...figures });
    return log.mock.calls.map(([line]) => line as string).filter((line) => line.startsWith('time'));
  };
  expect(said(194)).toEqual(['time: about 3 min 14 s for the other 97 steps']);
  vi.restoreAllMocks();
  expect(said(9)).toEqual([]);
});

it('the command line speaks Chinese: help, errors, and what a run is', async () => {
  const written: string[] = [];
  const keep = (text: unknown) => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  expect(await runCommandLine(['merge', '--help', '--lang', 'zh'])).toBe(0);
  expect(written.join('')).toMatch(/^用法： promptune merge/);
  expect(written.join('')).toMatch(/示例：\n {2}(?:\S+ )*promptune merge --adapter/);
  written.length = 0;
  expect(await runCommandLine(['train', '--lr', '3', '--lang', 'zh'])).toBe(2);
  expect(written.join('')).toBe(
    "错误：未知的选项 '--lr'\n（是否想用 --learning-rate？）\n（promptune train --help 显示全部选项）\n",
  );
  written.length = 0;
  expect(await runCommandLine(['train', '--method', 'qlora', '--lang', 'zh'])).toBe(2);
  expect(written.join('')).toContain(
    "选项 '--method <name>' 的参数 'qlora' 无效。 它就是 lora 加上 --dtype q4。",
  );
  const run: RunSummary = {
    ...{ type: 'start', method: 'lora', model: 'mini', trainableParameters: 1200, initialization: 'random' },
    ...{ examples: 20, truncated: 2, dropped: 0, validationExamples: 3, totalSteps: 40, stepsPerEpoch: 4 },
    estimatedMemoryBytes: 2e8,
    weightBytes: 14e6,
    warnings: planWarnings({ totalSteps: 4 }),
  } as RunSummary;
  expect(summaryLines(run)).toEqual([
    '在 mini 上训练 lora：1,200 个可训练参数，初始值来自 random',
    '20 个样本，其中 2 个被截断，3 个用于验证：共 40 步，每轮 4 步',
    '警告：4 步大概不够：多数方法至少需要 50 步，小数据集需要很多轮',
    '预计内存：200 MB，另加 14 MB 的权重（留在文件中）',
  ]);
});

describe('a command in Chinese', () => {
  const mini = ['--model', 'models/promptune-mini'];
  const rows = 'presets/translate-en.jsonl';

  // Three words in a row are a sentence: names and values have fewer.
  const english = /[a-z]{2,} [a-z]{2,} [a-z]{2,}/;

  it.each([
    ['an unknown option', ['train', '--learning-rat', '3']],
    ['an unknown command', ['tain']],
    ['a value that is no number', ['train', '--r', 'x']],
    ['an unknown key of a method', ['train', '--data', rows, '--output', '/nowhere/a', '--r', '3']],
    ['a run without a folder', ['train', '--data', rows]],
    ['a file that is not there', ['data', 'check', 'nowhere.jsonl', ...mini]],
    ['a model that is not there', ['generate', '--model', './nowhere', '--prompt', 'a']],
    ['an adapter that is not there', ['inspect', 'nowhere']],
    ['no adapter', ['inspect']],
    ['no adapter to merge', ['merge', '--output', 'nowhere/merged']],
    ['no runs', ['runs', 'nowhere']],
    ['no data', ['eval']],
    ['no data to search', ['search']],
    ['no candidates', ['select', 'train']],
    ['no rows', ['benchmark']],
    ['no queue', ['queue', 'status']],
    ['no store', ['worker', '--queue', 'redis://127.0.0.1:1']],
    ['an option that needs another', ['generate', ...mini, '--prompt', 'a', '--output', 'a.jsonl']],
    [
      'options that exclude each other',
      ['generate', '--temperature', '0', '--num-beams', '0', '--prompt', 'a'],
    ],
    ['a template that is no Jinja', ['data', 'check', rows, ...mini, '--template', '{% if text %}a']],
    ['data', ['data', 'check', rows, ...mini]],
    ['help', ['chat', '--help']],
  ])('%s', async (_, args) => {
    const written: string[] = [];
    const keep = (text: unknown) => written.push(String(text)) > 0;
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
    vi.spyOn(console, 'log').mockImplementation(keep);
    vi.spyOn(console, 'error').mockImplementation(keep);
    await runCommandLine([...args, '--lang', 'zh']);
    // Rows of the data, and what is to be typed, are in their own language.
    const said = written
      .join('\n')
      .replaceAll(/^示例：[\s\S]*/gm, '')
      .replaceAll(/⟦?[^\n]*⟧|"[^"]*"|'[^']*'/g, '');
    expect(said).toMatch(/\p{Script=Han}/u);
    expect(said).not.toMatch(english);
  });
});
