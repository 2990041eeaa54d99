/** @file `promptune train` as a process: what a run leaves in its folder, and what it tells while it goes on. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readPeftAdapter } from '../../src/formats/adapter-folder.fixture.js';
import { readFloat32, readSafetensorsHeader } from '../../src/formats/safetensors.js';
import {
  evaluateLoss,
  fromPretrained,
  loadAdapter,
  openDataset,
  type Pretrained,
  trainAdapter,
} from '../../src/index.js';
import { embedTokens } from '../../src/models/embed-tokens.js';
import { type Json, jsonLines, runCli, succeed } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

const pairs = [
  { prompt: '一只猫', completion: '很可爱，毛茸茸的🐱。' },
  { prompt: 'a dog', completion: ' barks loudly 🐶!' },
  { prompt: 'a cow', completion: ' says moo.' },
  { prompt: '一只狗', completion: '汪汪叫。' },
  { prompt: 'the sun', completion: ' is up.' },
  { prompt: 'the moon', completion: ' is out at night.' },
];
const jsonl = (records: readonly object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');

let cwd: string;
let pretrained: Pretrained;
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(join(cwd, 'pairs.jsonl'), jsonl(pairs));
  await writeFile(join(cwd, 'dev.jsonl'), jsonl(pairs.slice(2, 4)));
  pretrained = await fromPretrained(join(cwd, 'model'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const train = (...args: string[]) => succeed(['train', ...args], { cwd });
const common = ['--model', 'model', '--data', 'pairs.jsonl', '--num-virtual-tokens', '4', '--threads', '1'];

/** Files and folders below a folder, sorted. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(cwd, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(cwd, folder).length + 1))
    .sort();
}

const promptOf = async (run: string) =>
  (await readPeftAdapter(join(cwd, run, 'adapter'))).tensors.get('prompt_embeddings')!;

describe('a run', () => {
  let events: Json[];
  const settings = { batchSize: 2, maxSteps: 8, evalEvery: 3, saveEvery: 4, learningRate: 0.3 };
  beforeAll(async () => {
    const flags = ['--batch-size', '2', '--max-steps', '8', '--eval-every', '3', '--save-every', '4'];
    const rest = ['--learning-rate', '0.3', '--validation', 'dev.jsonl', '--output', 'runs/first'];
    events = jsonLines(await train(...common, ...flags, ...rest, '--json'));
  });

  it('reports its beginning, every step, every validation, every checkpoint, and its end', () => {
    expect(events[0]).toEqual({
      type: 'start',
      model: 'model',
      method: 'prompt-tuning',
      trainableParameters: 4 * 32,
      initialization: '4 random tokens of the vocabulary',
      examples: 6,
      truncated: 0,
      dropped: 0,
      validationExamples: 2,
      stepsPerEpoch: 3,
      totalSteps: 8,
      warnings: [
        '8 steps are unlikely to be enough: most methods need 50 or more, small data sets many epochs',
        'the tokenizer needs 1.5 tokens per character of these texts: the model hardly knows their language',
      ],
      weightBytes: expect.any(Number),
      estimatedMemoryBytes: expect.any(Number),
    });
    expect(events.slice(1, -1).map(({ type, step }) => `${type} ${step}`)).toEqual([
      ...['step 1', 'step 2', 'step 3', 'validation 3', 'checkpoint 3', 'step 4', 'checkpoint 4'],
      ...['step 5', 'step 6', 'validation 6', 'checkpoint 6', 'step 7', 'step 8'],
      ...['validation 8', 'checkpoint 8'],
    ]);
    const last = events.findLast(({ type }) => type === 'validation')!;
    expect(events.at(-1)).toEqual({
      type: 'end',
      step: 8,
      stopped: false,
      stoppedEarly: false,
      best: { step: 8, loss: last.loss },
      adapter: 'runs/first/adapter',
    });
  });

  it('leaves its configuration, the two newest checkpoints and the adapter', async () => {
    const checkpoint = ['optimizer.safetensors', 'state.json', 'trainable.safetensors'];
    expect(await filesIn('runs/first')).toEqual([
      'adapter/README.md',
      'adapter/adapter_config.json',
      'adapter/adapter_model.safetensors',
      'adapter/promptune.json',
      ...checkpoint.map((name) => `checkpoints/step-000006/${name}`),
      ...checkpoint.map((name) => `checkpoints/step-000008/${name}`),
      'config.yaml',
      'inputs.json',
      'metrics.jsonl',
    ]);
    const config = parse(await readFile(join(cwd, 'runs/first/config.yaml'), 'utf8'));
    expect(config).toMatchObject({
      model: 'model',
      data: 'pairs.jsonl',
      validation: 'dev.jsonl',
      ...settings,
    });
    expect(config).toMatchObject({
      method: 'prompt-tuning',
      methodOptions: { numVirtualTokens: 4 },
      seed: 42,
    });
  });

  it('writes the same events to metrics.jsonl', async () => {
    const told = events.flatMap(({ type, totalSteps: _, etaSeconds: __, ...event }) => {
      if (type === 'step') return [event];
      return type === 'validation' ? [{ step: event.step, validationLoss: event.loss }] : [];
    });
    expect(jsonLines(await readFile(join(cwd, 'runs/first/metrics.jsonl'), 'utf8'))).toEqual(told);
    for (const { step, epoch, learningRate } of told.filter(({ epoch }) => epoch !== undefined)) {
      expect(epoch).toBe(step / 3);
      expect(learningRate).toBeCloseTo(0.3 * (1 - (step - 1) / 8), 12);
    }
  });

  it('learns what the same call in TypeScript learns, and its validation loss is that of `evaluateLoss`', async () => {
    const output = join(cwd, 'runs/typescript');
    const data = join(cwd, 'pairs.jsonl');
    const validation = join(cwd, 'dev.jsonl');
    const methodOptions = { numVirtualTokens: 4 };
    await trainAdapter({ ...pretrained, ...settings, data, validation, methodOptions, output, threads: 1 });
    const weights = 'adapter/adapter_model.safetensors';
    const bytes = (run: string) => readFile(join(cwd, 'runs', run, weights));
    expect((await bytes('first')).equals(await bytes('typescript'))).toBe(true);

    const adapter = await loadAdapter(join(cwd, 'runs/first/adapter'), pretrained.model);
    const dataset = await openDataset({ data: validation, tokenizer: pretrained.tokenizer });
    const { loss } = await evaluateLoss({
      model: pretrained.model,
      adapter,
      dataset,
      batchSize: 2,
      threads: 1,
    });
    await dataset.dispose();
    expect(events.at(-1)!.best.loss).toBeCloseTo(loss, 6); // there the sum is of rows, here of batches
    expect(loss).toBeLessThan(events.find(({ type }) => type === 'validation')!.loss);
  });
});

it('reports in plain lines, and its last line can be run as it is', async () => {
  const flags = [
    '--batch-size',
    '6',
    '--max-steps',
    '2',
    '--validation',
    '0.2',
    '--output',
    'runs/plain words',
  ];
  const lines = (await train(...common, ...flags)).split('\n');
  expect(lines).toEqual([
    'prompt-tuning on model: 128 trainable parameters, initialized from 4 random tokens of the vocabulary',
    '5 examples, 1 for validation: 2 steps, 1 per epoch',
    'Warning: 2 steps are unlikely to be enough: most methods need 50 or more, small data sets many epochs',
    'Warning: the tokenizer needs 1.5 tokens per character of these texts: the model hardly knows their language',
    expect.stringMatching(/^estimated memory: \d+ MB, plus \d+\S* \w+ of weights, which stay in their file$/),
    expect.stringMatching(/^step 1\/2 {2}loss 5\.\d{3} {2}[\d,]+ tokens\/s {2}\d+ s left$/),
    expect.stringMatching(/^step 1: validation loss 5\.\d{3}, best so far$/),
    expect.stringMatching(/^step 2\/2 {2}loss 5\.\d{3} {2}[\d,]+ tokens\/s {2}0 s left$/),
    expect.stringMatching(/^step 2: validation loss 5\.\d{3}, best so far$/),
    expect.stringMatching(
      /^Done \(best validation loss 5\.\d{3} at step 2\)\. The result is in runs\/plain words\/adapter$/,
    ),
    "Try it: promptune generate --adapter 'runs/plain words' --prompt '一只猫'",
    '',
  ]);
  const adapter = 'runs/plain words/adapter';
  const written = await succeed(['generate', '--model', 'model', '--adapter', adapter, '--prompt', 'a'], {
    cwd,
  });
  expect(written).toMatch(/^a/);
});

describe('the initialization of a prompt', () => {
  /** One step that changes nothing: what it leaves is what it began with. */
  async function start(name: string, ...flags: string[]): Promise<Json> {
    const still = ['--max-steps', '1', '--learning-rate', '1e-30', '--batch-size', '6'];
    const from = [
      '--model',
      'model',
      '--data',
      'pairs.jsonl',
      '--threads',
      '1',
      '--output',
      `starts/${name}`,
    ];
    return jsonLines(await train(...from, ...still, ...flags, '--json'))[0]!;
  }
  const rowsOf = (data: Float32Array) =>
    Array.from({ length: data.length / 32 }, (_, row) => data.slice(row * 32, row * 32 + 32));
  const embeddings = async (text: string) =>
    (await embedTokens(pretrained.model, pretrained.tokenizer.encode(text))).data;

  it('a text: its tokens, repeated or truncated to the given length', async () => {
    const { initialization } = await start('text', '--init-text', 'ab', '--num-virtual-tokens', '3');
    expect(initialization).toBe('the text "ab" (2 tokens)');
    expect(await promptOf('starts/text')).toEqual({
      dtype: 'float32',
      shape: [3, 32],
      data: await embeddings('aba'),
    });
    const { config } = await readPeftAdapter(join(cwd, 'starts/text/adapter'));
    expect(config).toMatchObject({
      prompt_tuning_init: 'TEXT',
      prompt_tuning_init_text: 'ab',
      num_virtual_tokens: 3,
    });
  });

  it('labels: the mean embedding of each, in turn', async () => {
    await start(
      'labels',
      '--init',
      'labels',
      '--init-labels',
      'ab',
      '--init-labels',
      'c',
      '--num-virtual-tokens',
      '3',
    );
    const [a, b] = rowsOf(await embeddings('ab'));
    const mean = a!.map((x, i) => Math.fround(Math.fround(x + b![i]!) / 2));
    const [c] = rowsOf(await embeddings('c'));
    const rows = rowsOf((await promptOf('starts/labels')).data);
    expect(rows.length).toBe(3);
    for (const [i, expected] of [mean, c!, mean].entries())
      for (const [column, x] of expected.entries()) expect(rows[i]![column]).toBeCloseTo(x, 7);
  });

  it('the vocabulary: rows of the embeddings; and another seed draws others', async () => {
    const known = rowsOf(
      await embedTokens(
        pretrained.model,
        Array.from({ length: 257 }, (_, id) => id),
      ).then(({ data }) => data),
    );
    const drawn = async (name: string, seed: string) => {
      await start(name, '--init', 'sample-vocab', '--num-virtual-tokens', '5', '--seed', seed);
      const rows = rowsOf((await promptOf(`starts/${name}`)).data);
      return rows.map((row) =>
        known.findIndex((other) => Buffer.from(row.buffer).equals(Buffer.from(other.buffer))),
      );
    };
    const first = await drawn('vocabulary', '1');
    expect(first.length).toBe(5);
    expect(first).not.toContain(-1);
    expect(await drawn('other-seed', '2')).not.toEqual(first);
  });

  it('random: vectors at the scale of the embeddings', async () => {
    const { initialization } = await start('random', '--init', 'random', '--num-virtual-tokens', '40');
    expect(initialization).toBe("40 random vectors at the embeddings' scale");
    const { data } = await promptOf('starts/random');
    const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
    expect(deviation).toBeCloseTo(0.02, 2); // GPT-2's own
  });

  it('an earlier adapter', async () => {
    await start('earlier', '--init', 'adapter', '--init-adapter', 'starts/text');
    expect(await promptOf('starts/earlier')).toEqual(await promptOf('starts/text'));
  });

  it('projected, the text through the identity, of which W is learned', async () => {
    const { initialization, trainableParameters } = await start(
      'projected',
      '--projected',
      '--init-text',
      'abc',
    );
    expect(initialization).toBe('W_p = identity over the text "abc" (3 tokens)');
    expect(trainableParameters).toBe(32 * 32);
    expect((await promptOf('starts/projected')).data).toEqual(await embeddings('abc'));

    const flags = ['--projected', '--init-text', 'abc', '--learning-rate', '0.03', '--max-steps', '6'];
    const from = [
      '--model',
      'model',
      '--data',
      'pairs.jsonl',
      '--batch-size',
      '6',
      '--output',
      'starts/learned',
    ];
    const losses = jsonLines(await train(...from, ...flags, '--json')).flatMap(({ loss }) => loss ?? []);
    expect(losses.length).toBe(6);
    expect(losses[5]).toBeLessThan(losses[0]);
    const checkpoint = join(cwd, 'starts/learned/checkpoints/step-000006/trainable.safetensors');
    const projection = (await readFloat32(await readSafetensorsHeader(checkpoint), 'prompt_projection')).data;
    const text = rowsOf(await embeddings('abc'));
    const prompt = rowsOf((await promptOf('starts/learned')).data);
    for (const [row, x] of text.entries()) {
      for (let out = 0; out < 32; out++) {
        const expected = x.reduce((sum, value, i) => sum + projection[out * 32 + i]! * value, 0);
        expect(prompt[row]![out]).toBeCloseTo(expected, 6);
      }
    }
  });
});

describe('a configuration file', () => {
  const file = (name: string, text: string) => writeFile(join(cwd, name), text);

  it('gives the settings, and flags override them', async () => {
    await file(
      'run.yaml',
      `model: model
data: pairs.jsonl
methodOptions:
  numVirtualTokens: 2
  initText: "hi"
learningRate: 0.5
optimizer:
  name: adamw
  beta2: 0.9
schedule:
  name: cosine
  warmupRatio: 0.5
maxSteps: 4
output: runs/from-file
`,
    );
    await train(
      '--config',
      'run.yaml',
      '--schedule',
      'constant',
      '--num-virtual-tokens',
      '3',
      '--max-steps',
      '2',
      '--optimizer',
      'sgd',
    );
    const config = parse(await readFile(join(cwd, 'runs/from-file/config.yaml'), 'utf8'));
    expect(config).toMatchObject({
      learningRate: 0.5,
      schedule: { name: 'constant', warmupRatio: 0.5 },
      methodOptions: { numVirtualTokens: 3, initText: 'hi' },
      maxSteps: 2,
      optimizer: { name: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 }, // beta2 was AdamW's
    });
    expect((await promptOf('runs/from-file')).shape).toEqual([3, 32]);
  });

  it('with invalid keys or values is refused with the line of each and the nearest valid name', async () => {
    await file(
      'wrong.yaml',
      `model: model
data: pairs.jsonl
learningrate: 0.5
batchSize: many
schedule:
  nam: cosine
numVirtualTokens: 3
methodOptions:
  initTxt: hi
output: runs/wrong
`,
    );
    const { stdout, stderr, code } = await runCli(['train', '--config', 'wrong.yaml', '--epochs', '0'], {
      cwd,
    });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(
      stderr
        .replace(/^promptune: /, '')
        .trim()
        .split('\n')
        .sort(),
    ).toEqual([
      '--epochs: expected number to be >0, got 0',
      'wrong.yaml (line 3): learningrate: the key is unknown; did you mean "learningRate"?',
      'wrong.yaml (line 4): batchSize: expected number, got "many"',
      'wrong.yaml (line 6): schedule.nam: the key is unknown; did you mean "name"?',
      'wrong.yaml (line 7): numVirtualTokens: the key is unknown; did you mean "numVirtualTokens" under "methodOptions"?',
      'wrong.yaml (line 9): methodOptions.initTxt: the key is unknown; did you mean "initText"?',
    ]);
    expect(await readdir(join(cwd, 'runs'))).not.toContain('wrong');
  });
});

it('of labeled texts ends with the accuracy of the validation rows, and says that nothing was gained', async () => {
  const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((text, i) => ({
    text,
    label: i % 3 === 0 ? 'up' : 'down',
  }));
  const held = [...'ghijk'].map((text) => ({ text, label: 'down' }));
  await writeFile(join(cwd, 'labels.jsonl'), jsonl(rows));
  await writeFile(join(cwd, 'held.jsonl'), jsonl(held));
  const files = ['--data', 'labels.jsonl', '--validation', 'held.jsonl', '--output', 'runs/labels'];
  const written = await train('--model', 'model', ...files, '--max-steps', '1');
  expect(written).toMatch(
    /^validation accuracy 0\.\d{4} on 5 rows; the model alone: \d\.\d{4}; always the most frequent label: 1\.0000$/m,
  );
  expect(written).toContain('The accuracy is below that: nothing is gained over the most frequent label.');
});

describe('--dry-run', () => {
  const flags = [
    '--projected',
    '--init-text',
    'Name a cat:',
    '--output',
    'dry',
    '--max-steps',
    '3',
    '--dry-run',
  ];
  const from = ['--model', 'model', '--data', 'pairs.jsonl', '--validation', '1'];

  it('prints the whole configuration, the trained numbers and the memory as JSON, and writes nothing', async () => {
    const [plan] = jsonLines(await train(...from, ...flags, '--json'));
    expect(plan).toMatchObject({
      model: 'model',
      output: 'dry',
      data: 'pairs.jsonl',
      validation: 1,
      maxLength: 96 - 11,
      methodOptions: { initText: 'Name a cat:', projected: true },
      optimizer: { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      learningRate: 0.01,
      trainableParameters: 1024,
      examples: 5,
      validationExamples: 1,
      stepsPerEpoch: 1,
      totalSteps: 3,
    });
    expect(plan!.estimatedMemoryBytes).toBeGreaterThan(130e6);
    expect(plan!.estimatedSeconds).toBeGreaterThan(0);
    expect(await readdir(cwd)).not.toContain('dry');
  });

  it('prints a file that --config accepts and that gives the same run', async () => {
    const written = await train(...from, ...flags);
    expect(written).toContain(
      '# prompt-tuning on model: 1,024 trainable parameters, initialized from W_p = identity',
    );
    await writeFile(join(cwd, 'dry.yaml'), written);
    const again = await train('--config', 'dry.yaml', '--dry-run');
    expect(parse(again)).toEqual(parse(written));
    const comments = (text: string) => text.split('\n').filter((line) => /^# (?!time: about )/.test(line));
    expect(written).toMatch(/^# time: about \d+ s on this machine, from one step$/m);
    expect(comments(again)).toEqual(comments(written));
    expect(await readdir(cwd)).not.toContain('dry');
  });
});
