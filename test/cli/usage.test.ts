/**
 * @file Commands that are not understood, or ask for what cannot be: exit code 2, with what is wrong and what there
 * is.
 */

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../../src/cli/options/examples.js';
import { methods } from '../../src/index.js';
import { supportedDevices } from '../../src/runtime/index.js';
import { runCli, runShared } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(
    join(cwd, 'pairs.jsonl'),
    '{"prompt": "a", "completion": "b"}\n{"prompt": "c", "completion": "d"}\n',
  );
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const train = (...args: string[]) => ['train', '--model', 'model', '--output', 'out', ...args];
const trainOnPairs = (...args: string[]) => train('--data', 'pairs.jsonl', ...args);
const refuse = (args: readonly string[], code: 1 | 2, message: string | RegExp) =>
  refused(cwd, args, code, message);

describe('a value that is none of the choices', () => {
  it.each([
    ['train --method prompt-tunning', 'prompt-tuning'],
    ['train --method prompt-tunning+lora', 'prompt-tuning+lora'],
    ['train --preset translat-en', 'translate-en'],
    ['train --schedule cosin', 'cosine'],
    ['train --task-type token-clasification', 'token-classification'],
    ['generate --dtype fp116', 'fp16'],
    ['search --method pex', 'pez'],
    ['classify --shots-by similiarity', 'similarity'],
    ['export --as ggfu', 'gguf'],
  ])('%s', async (line, meant) => {
    const { stderr, code } = await runShared(line.split(' '), { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(`\n(Did you mean ${meant}?)\n`);
  });
});

describe('a command', () => {
  it.each([
    [
      ['tarin'],
      "error: unknown command 'tarin'\n(Did you mean train?)\n(promptune --help shows all options)\n",
    ],
    [
      ['train', '--leaning-rate', '1'],
      "error: unknown option '--leaning-rate'\n(Did you mean --learning-rate?)\n(promptune train --help shows all options)\n",
    ],
    [
      ['train', '--num_train_epochs', '3'],
      "error: unknown option '--num_train_epochs'\n(Did you mean --epochs?)\n(promptune train --help shows all options)\n",
    ],
    [
      ['train', '--steps', '3'],
      "error: unknown option '--steps'\n(Did you mean --max-steps?)\n(promptune train --help shows all options)\n",
    ],
    [
      ['export', 'runs/cats', '--as', 'gguf'],
      "error: too many arguments for 'export'. Expected 0 arguments but got 1.\n(Put a flag before it: --adapter.)\n(promptune export --help shows all options)\n",
    ],
    [
      ['data', 'check', '--data', 'pairs.jsonl'],
      "error: unknown option '--data'\n(Leave out --data: its value is an argument.)\n(promptune data check --help shows all options)\n",
    ],
    [
      ['train', '--method', 'magic'],
      `error: option '--method <name>' argument 'magic' is invalid. Allowed choices are ${methods.map(({ name }) => name).join(', ')}.\n(promptune train --help shows all options)\n`,
    ],
    [
      ['generate', '--top-k', '1.5'],
      "error: option '--top-k <n>' argument '1.5' is invalid. Expected an integer, such as 8.\n(promptune generate --help shows all options)\n",
    ],
    [
      ['train', '--optimizer', 'adam'],
      "error: option '--optimizer <name>' argument 'adam' is invalid. Allowed choices are adamw, sgd, adafactor.\n(Did you mean adamw?)\n(promptune train --help shows all options)\n",
    ],
  ])('%j is not understood', async (args, stderr) => {
    expect(await runShared(args, { cwd })).toEqual({ stdout: '', stderr, code: 2, signal: null });
  });

  it('ends the process with the code', async () => {
    expect(await runCli(['tarin'], { cwd })).toEqual(await runShared(['tarin'], { cwd }));
  });

  it('states the default of every option once, and gives examples with existing options', async () => {
    const names = [
      'train --method lora',
      'generate',
      'chat',
      'serve',
      'studio',
      'classify',
      'eval',
      'inspect',
      'merge',
      'benchmark',
      'select train',
      'select apply',
      'search',
      'combine',
      'worker',
      'export',
      'pretrain',
    ];
    for (const name of names) {
      const { stdout: help, code } = await runShared([...name.split(' '), '--help'], { cwd });
      expect(code).toBe(0);
      const options = help.replace(/\n {10,}/g, ' ').match(/^ {2}--.*$/gm)!;
      expect(options.length).toBeGreaterThan(3);
      expect(options.filter((option) => option.split('(default: ').length > 2)).toEqual([]);
      const command = `promptune ${name.replace(' --method lora', '')}`;
      for (const example of examples[command] ?? [])
        for (const [flag] of example.matchAll(/--[a-z-]+/g))
          expect(help).toMatch(new RegExp(`^  ${flag} `, 'm'));
    }
  });

  it('without what it needs', async () => {
    await refuse(
      ['train', '--model', 'model', '--output', 'out'],
      2,
      '--data: expected a file of training data, such as pairs.jsonl',
    );
    await refuse(
      ['train', '--model', 'model', '--data', 'pairs.jsonl'],
      2,
      'there is no folder for the run; add one, such as --output runs/first',
    );
    await refuse(['eval', '--model', 'model'], 2, 'there is no data; add --data with a file');
    await refuse(['inspect'], 2, 'there is no adapter; add its folder, such as runs/cats');
    await refuse(
      ['inspect', 'run', '--graph', '--method', 'lora'],
      2,
      'use either an adapter or --method, not both',
    );
  });

  it('with settings that do not go together', async () => {
    await refuse(
      trainOnPairs('--early-stopping-patience', '2'),
      2,
      '--early-stopping-patience: requires validation data',
    );
    await refuse(
      trainOnPairs('--projected'),
      2,
      '--projected: a projected prompt needs init "text" and initText',
    );
    await refuse(
      trainOnPairs('--num-virtual-tokens', '96'),
      2,
      "96 virtual tokens leave no room in the model's 96 positions",
    );
  });

  it('for a missing device', async () => {
    const missing = (['dml', 'coreml'] as const).find((name) => !supportedDevices().includes(name))!;
    const message = `device "${missing}" is not supported by ONNX Runtime's build for ${process.platform} ${process.arch}, which has ${supportedDevices().join(', ')}. Use one of those.`;
    const device = ['--device', missing];
    await refuse(trainOnPairs(...device), 2, message);
    await refuse(trainOnPairs(...device, '--dry-run'), 2, message);
    await refuse(['generate', '--model', 'model', '--prompt', 'a', ...device], 2, message);
    await refuse(['eval', '--model', 'model', '--data', 'pairs.jsonl', ...device], 2, message);
  });

  it('with an invalid configuration file', async () => {
    await writeFile(join(cwd, 'broken.yaml'), 'model: model\n data: [\n');
    await refuse(
      ['train', '--config', 'broken.yaml'],
      1,
      /^broken\.yaml \(line 1\): it is not valid YAML: ./,
    );
    await refuse(
      ['train', '--config', 'nope.yaml'],
      1,
      'nope.yaml: it cannot be read: there is no such file; check the path',
    );
    await refuse(['train', '--config', 'model'], 1, 'model: it cannot be read: this is a folder, not a file');
  });
});
