/**
 * @file Runs that end too early, by kill -9 or Ctrl-C, and go on with --resume: to the bytes of one that was not
 * stopped.
 */
import { appendFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFolderBytes } from '../../src/runs/folder-bytes.fixture.js';
import { jsonLines, runCli, succeed, watchCli } from '../support/cli.js';
import { changeSafetensors } from '../support/files.js';
import { refused } from '../support/refused.js';
import { readEverything } from '../support/run-folder.js';
import { workplace } from '../support/workplace.js';

let root: string;
beforeAll(async () => {
  root = await workplace();
  const words = ['cat', 'dog', 'cow', '猫', '狗', '牛', 'hen', 'fox'];
  const pairs = words.map((word, i) => ({ prompt: `${word}:`, completion: ` ${words[(i + 3) % 8]}!` }));
  await writeFile(join(root, 'pairs.jsonl'), pairs.map((pair) => JSON.stringify(pair)).join('\n'));
  const texts = Array.from({ length: 40 }, (_, i) => `${words[i % 8]} ${i} says 你好.`);
  await writeFile(join(root, 'texts.txt'), texts.join('\n'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Every run has its output in `run`, in a folder of its own, so that the paths in its files are the same. */
async function newFolder(name: string): Promise<string> {
  const cwd = join(root, name);
  await mkdir(cwd);
  return cwd;
}

const output = ['--output', 'run', '--threads', '1'];
const often = ['--batch-size', '2', '--validation', '3', '--eval-every', '4', '--save-every', '3'];
const learned = ['--model', '../model', '--data', '../pairs.jsonl', '--num-virtual-tokens', '3'];
// A warm-up follows from the number of steps, which is changed here.
const train = ['train', ...learned, ...often, '--warmup-steps', '0', ...output];
const sizes = [
  '--vocab-size',
  '270',
  '--hidden-size',
  '16',
  '--num-layers',
  '1',
  '--num-attention-heads',
  '2',
];
const pretrain = [
  'pretrain',
  '--data',
  '../texts.txt',
  '--max-positions',
  '24',
  ...sizes,
  ...often,
  ...output,
];

const hook = ['--import', join(import.meta.dirname, '../support/kill-hook.mjs')];

/**
 * Runs a command that is killed just before an operation, and looks at what it leaves. Returns the files that it
 * left.
 */
async function killed(cwd: string, args: readonly string[], before: RegExp): Promise<string[]> {
  const { signal, stderr } = await runCli(args, {
    cwd,
    nodeOptions: hook,
    env: { KILL_BEFORE: before.source },
  });
  expect({ signal, stderr }, `${before}`).toEqual({ signal: 'SIGKILL', stderr: '' });
  return readEverything(join(cwd, 'run'));
}

/** The bytes of a run that nothing stops. */
async function uninterrupted(name: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const cwd = await newFolder(name);
  await succeed(args, { cwd });
  return runFolderBytes(join(cwd, 'run'));
}

describe('kill -9 at any moment leaves a readable run, and --resume leads to the same bytes', () => {
  it('promptune train', async () => {
    const whole = await uninterrupted('train-whole', [...train, '--max-steps', '10']);
    const cwd = await newFolder('train-killed');

    const start = [...train, '--max-steps', '10'];
    expect(await killed(cwd, start, /^open run\/run\.lock/)).toEqual([]);
    expect(await killed(cwd, start, /^rename .*config\.yaml/)).toEqual(['run.lock']);
    const beginning = ['config.yaml', 'inputs.json', 'metrics.jsonl', 'run.lock'];
    expect(await killed(cwd, start, /^appendFile {"step":2/)).toEqual(beginning);

    const resume = ['train', '--resume', ...output];
    expect(await killed(cwd, resume, /^rename .*adapter_model\.safetensors/)).toEqual(beginning);
    const first = (await killed(cwd, resume, /^rename .*step-000003.*optimizer\.safetensors/)).join();
    expect(first).toContain('adapter/adapter_model.safetensors');
    expect(first).not.toContain('checkpoints');
    expect(await killed(cwd, resume, /^rename \S*\.step-000003/)).not.toContain(
      'checkpoints/step-000003/state.json',
    );
    // The adapter of step 3 has been moved aside for its successor: whoever looks for it finds it.
    await killed(cwd, resume, /^rename \S*\/\.adapter\.incomplete-\S* \S*\/adapter$/);
    const [adapter] = jsonLines(await succeed(['inspect', 'run', '--json'], { cwd }));
    expect(adapter).toMatchObject({ folder: 'run/adapter', tensors: [{ shape: [3, 32] }] });
    expect(await killed(cwd, resume, /^appendFile {"step":6/)).toContain(
      'checkpoints/step-000004/state.json',
    );
    expect(await killed(cwd, resume, /^rm \S*step-000003/)).toContain('checkpoints/step-000006/state.json');
    expect(await killed(cwd, resume, /^rename \S*\.step-000010/)).toContain(
      'checkpoints/step-000009/state.json',
    );

    expect(await succeed(resume, { cwd })).toContain('Resuming after step 9 of 10');
    expect(await runFolderBytes(join(cwd, 'run'))).toEqual(whole);
    expect(await succeed(resume, { cwd })).toContain('All 10 steps are done');
    expect(await runFolderBytes(join(cwd, 'run'))).toEqual(whole);
  });

  it('promptune pretrain', async () => {
    const start = [...pretrain, '--max-steps', '7'];
    const whole = await uninterrupted('pretrain-whole', start);
    const cwd = await newFolder('pretrain-killed');
    expect(await killed(cwd, start, /^rename .*start.*model\.safetensors/)).not.toContain('config.yaml');
    expect(await killed(cwd, start, /^rename .*config\.yaml/)).toContain('start/model.safetensors');
    expect(await killed(cwd, start, /^appendFile {"step":3/)).toContain('config.yaml');
    const resume = ['pretrain', '--resume', ...output];
    expect(await killed(cwd, resume, /^rename .*step-000003.*state\.json/)).toContain(
      'adapter/model.safetensors',
    );
    expect(await killed(cwd, resume, /^rename \S*\.step-000006/)).toContain(
      'checkpoints/step-000004/state.json',
    );
    await succeed(resume, { cwd });
    expect(await runFolderBytes(join(cwd, 'run'))).toEqual(whole);
  });

  it('a kill from outside', async () => {
    const cwd = await newFolder('outside');
    const start = [...train, '--max-steps', '100000', '--schedule', 'constant', '--json'];
    const { signal } = await watchCli(start, { cwd }, (line, child) => {
      if (JSON.parse(line).type === 'checkpoint') child.kill('SIGKILL');
    });
    expect(signal).toBe('SIGKILL');
    expect(await readEverything(join(cwd, 'run'))).toContain('adapter/adapter_config.json');
    const resume = ['train', '--resume', ...output, '--max-steps', '1', '--json'];
    const resumed = jsonLines(await succeed(resume, { cwd })).find(({ type }) => type === 'resumed')!;
    expect(resumed.step).toBeGreaterThanOrEqual(3);
  });
});

describe('Ctrl-C', () => {
  /** A run without end, stopped after some steps. */
  async function stopped(cwd: string, ...flags: string[]) {
    const start = [...train, '--max-steps', '100000', '--schedule', 'constant', ...flags];
    const result = await watchCli(start, { cwd }, (line, child) => {
      if (/"type":"step","step":5|^step 1\//.test(line)) child.kill('SIGINT');
    });
    expect(result).toMatchObject({ code: 130, signal: null, stderr: '' });
    return result.stdout;
  }

  it('ends after the current step and saves; --resume leads to the bytes of an undisturbed run', async () => {
    const cwd = await newFolder('stopped');
    const events = jsonLines(await stopped(cwd, '--json'));
    const { step } = events.at(-1)!;
    expect(events.at(-1)).toMatchObject({ type: 'end', stopped: true, adapter: 'run/adapter' });
    expect(events.at(-2)).toMatchObject({ type: 'checkpoint', step });
    const message =
      'Stopping. Press Ctrl-C again to end at once, which loses the steps since the last checkpoint.';
    expect(events).toContainEqual({ type: 'warning', message });

    const end = String(step + 10);
    const resume = ['train', '--resume', ...output, '--max-steps', end, '--json'];
    const resumed = jsonLines(await succeed(resume, { cwd }));
    expect(resumed.slice(1, 4)).toEqual([
      { type: 'warning', message: expect.stringContaining(`maxSteps: 100000 → ${end}`) },
      { type: 'resumed', step, totalSteps: step + 10 },
      expect.objectContaining({ type: 'step', step: step + 1 }),
    ]);
    const whole = await uninterrupted('not-stopped', [
      ...train,
      '--max-steps',
      end,
      '--schedule',
      'constant',
    ]);
    expect(await runFolderBytes(join(cwd, 'run'))).toEqual(whole);
  });

  it('says how to resume', async () => {
    const lines = (await stopped(await newFolder('words'))).trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(
      /^Stopped after step \d+\. Resume with: promptune train --resume --output run$/,
    );
  });
});

it('with changed data, weights or tokenizer, a run is not resumed unless that is allowed', async () => {
  const cwd = await newFolder('changed');
  await cp(join(root, 'model'), join(cwd, 'model'), { recursive: true });
  await cp(join(root, 'pairs.jsonl'), join(cwd, 'pairs.jsonl'));
  const own = ['--model', 'model', '--data', 'pairs.jsonl', '--max-steps', '2', '--batch-size', '2'];
  await succeed(['train', ...own, ...output], { cwd });
  await appendFile(join(cwd, 'pairs.jsonl'), '\n{"prompt": "ox:", "completion": " moo"}\n');
  await changeSafetensors(join(cwd, 'model/model.safetensors'), ({ data }) => {
    data[0]! ^= 1;
  });
  const resume = ['train', '--resume', '--max-steps', '4', ...output];
  await refused(
    cwd,
    resume,
    2,
    '--allow-changed-inputs: the weights and the data of the run in run changed since it began, so that it would ' +
      'not end as it would have; give what it began with, or allow it',
  );
  const warnings = jsonLines(await succeed([...resume, '--allow-changed-inputs', '--json'], { cwd })).filter(
    ({ type }) => type === 'warning',
  );
  expect(warnings.map(({ message }) => message)).toEqual(
    ['maxSteps: 2 → 4', 'weights: the content is another', 'data: the content is another'].map(
      (change) => `the run resumes with a changed setting: ${change}`,
    ),
  );
  expect(await succeed(resume, { cwd })).toContain('All 4 steps are done');
});
