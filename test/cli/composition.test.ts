/**
 * @file Several methods and several adapters on the command line: trained together, used together, combined,
 * exported.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPeftAdapter } from '../../src/formats/adapter-folder.fixture.js';
import { jsonLines, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let root: string;
beforeAll(async () => {
  root = await workplace();
  const pairs = ['cat', 'dog', 'cow', 'pig'].map((prompt) => ({ prompt, completion: ` ${prompt}s` }));
  await writeFile(join(root, 'pairs.jsonl'), pairs.map((pair) => JSON.stringify(pair)).join('\n'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const run = (...args: string[]) => succeed(args, { cwd: root });
const onData = ['--model', 'model', '--data', 'pairs.jsonl'];
const lossOf = async (...adapters: string[]) => {
  const given = adapters.flatMap((folder) => ['--adapter', folder]);
  return jsonLines(await run('eval', ...onData, ...given, '--json'))[0]!.adapter.loss as number;
};

it('a soft prompt and a LoRA: trained, used together and apart, combined and exported', async () => {
  const config =
    'method: prompt-tuning+lora\nmethodOptions:\n  numVirtualTokens: 2\n  lora:\n    r: 2\n    targetModules: [c_fc]\n';
  await writeFile(join(root, 'run.yaml'), config);
  const train = ['train', ...onData, '--config', 'run.yaml', '--r', '3', '--threads', '1'];
  const steps = (count: number) => [
    '--max-steps',
    String(count),
    '--save-every',
    '1',
    '--schedule',
    'constant',
  ];
  await run(...train, ...steps(3), '--output', 'both');
  const adapter = join(root, 'both/adapter');
  const lora = await readPeftAdapter(join(adapter, 'lora'));
  expect(lora.config).toMatchObject({ r: 3, target_modules: ['c_fc'] }); // the flag before the file
  const together = await lossOf('both');
  expect(await lossOf('both/adapter/prompt-tuning', 'both/adapter/lora')).toBeCloseTo(together, 6);
  const promptAlone = await lossOf('both/adapter/prompt-tuning');
  expect(Math.abs(promptAlone - together)).toBeGreaterThan(1e-6);

  const [shown] = jsonLines(await run('inspect', 'both', '--json'));
  expect(shown!.parts.map((part: { config: { peft_type: string } }) => part.config.peft_type)).toEqual([
    'PROMPT_TUNING',
    'LORA',
  ]);
  const written = await run(
    'generate',
    '--model',
    'model',
    '--adapter',
    'both',
    '--adapter',
    'both/adapter/lora',
    '--prompt',
    'cat',
    '--max-new-tokens',
    '3',
  );
  expect(written.startsWith('cat')).toBe(true);

  const prompt = 'both/adapter/prompt-tuning';
  await run(
    'combine',
    '--adapter',
    prompt,
    '--adapter',
    prompt,
    '--weights',
    '0.25,0.75',
    '--output',
    'mean',
  );
  await run(
    'combine',
    '--adapter',
    prompt,
    '--adapter',
    'mean',
    '--how',
    'concatenate',
    '--output',
    'joined',
  );
  expect(await lossOf('joined')).toBeCloseTo(await lossOf(prompt, prompt), 5);
  await run('export', '--model', 'model', '--adapter', prompt, '--as', 'prefix', '--output', 'prefix');
  expect(await lossOf('prefix')).toBeCloseTo(promptAlone, 5);
  expect((await readPeftAdapter(join(root, 'prefix'))).config.peft_type).toBe('PREFIX_TUNING');

  await refused(
    root,
    ['combine', '--adapter', prompt, '--adapter', 'mean', '--output', 'joined'],
    2,
    '--output: joined exists already; choose another folder',
  );
  await refused(
    root,
    ['export', '--model', 'model', '--output', 'none'],
    2,
    'there is no adapter; add --adapter with its folder',
  );
  await refused(
    root,
    ['train', ...onData, '--method', 'lora+lora', '--output', 'none'],
    2,
    '--method: lora is repeated; expected each method once',
  );
});
