/** @file `--chat` as a user has it: a model is taught conversations in its own format, and answers in it. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

const template =
  "{% for m in messages %}{{ m.role + ':' + m.content + eos_token + '\n' }}{% endfor %}" +
  '{% if add_generation_prompt %}assistant:{% endif %}';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

it('is refused by a model that has no format for it', async () => {
  await refused(cwd, ['generate', '--model', 'model', '--chat', '--prompt', 'a'], 2, /no chat template/);
  await refused(
    cwd,
    ['generate', '--model', 'model', '--system', 'a', '--prompt', 'a'],
    2,
    '--system requires --chat',
  );
  const tools = ['generate', '--model', 'model', '--tools', 'tools.json', '--prompt', 'a'];
  await refused(cwd, tools, 2, '--tools requires --chat');
});

it('trains on the answers only, and prints only them', async () => {
  const configPath = join(cwd, 'model', 'tokenizer_config.json');
  const config = JSON.parse(await readFile(configPath, 'utf8'));
  await writeFile(configPath, JSON.stringify({ ...config, chat_template: template }));
  const turn = (role: string, content: string) => ({ role, content });
  const conversations = [
    [turn('user', 'cat?'), turn('assistant', 'meow'), turn('user', 'again'), turn('assistant', 'purr')],
    [turn('user', 'cow?'), turn('assistant', 'moo')],
  ];
  const lines = conversations.map((messages) => JSON.stringify({ messages }));
  await writeFile(join(cwd, 'chats.jsonl'), `${lines.join('\n')}\n`);
  const data = ['--model', 'model', '--data', 'chats.jsonl', '--chat', '--threads', '1'];
  const steps = [
    '--learning-rate',
    '0.01',
    '--schedule',
    'constant',
    '--max-steps',
    '80',
    '--save-every',
    '80',
  ];
  await succeed(['train', ...data, '--method', 'full-fine-tuning', ...steps, '--output', 'run'], { cwd });

  const model = ['--model', 'run/adapter', '--chat', '--threads', '1'];
  expect(await succeed(['generate', ...model, '--prompt', 'cow?'], { cwd })).toBe('moo\n');
  const [row] = jsonLines(await succeed(['generate', ...model, '--prompt', 'cat?', '--json'], { cwd }));
  expect(row).toMatchObject({ prompt: 'cat?', text: 'meow', finishReason: 'eos' });

  await writeFile(join(cwd, 'tools.json'), '[{}]');
  const tools = ['generate', ...model, '--tools', 'tools.json', '--prompt', 'cow?'];
  await refused(cwd, tools, 2, "--tools: this model's chat template does not show tools to the model");

  // The same on the terminal: turns are kept, and commands are obeyed.
  const said = ['cow?', '/reset', 'cat?', 'again', '/adapter nowhere', '/adapter', '/exit', 'never'].join(
    '\n',
  );
  const chat = ['chat', '--model', 'run/adapter', '--threads', '1'];
  const talked = await runCli(chat, { cwd, input: said });
  expect(talked.stdout).toBe('moo\nmeow\npurr\nno adapter\n');
  expect(talked.stderr).toMatch(/^promptune: nowhere[^\n]*\n$/);
  expect(talked.code).toBe(0);

  const evaluated = JSON.parse(await succeed(['eval', '--data', 'chats.jsonl', ...model, '--json'], { cwd }));
  // meow, purr and moo, each with its end token.
  expect(evaluated).toMatchObject({ examples: 2, labelTokens: 5 + 5 + 4 });
  expect(evaluated.model.loss).toBeLessThan(0.1);

  await writeFile(join(cwd, 'broken.jsonl'), '{"messages": []}\n');
  const { stderr, code } = await runCli(['eval', '--data', 'broken.jsonl', ...model], { cwd });
  expect(stderr).toContain('broken.jsonl (line 1): no message is of the role "assistant"');
  expect(code).toBe(1);
});
