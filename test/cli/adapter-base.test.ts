/** @file What an adapter brings with it: the name of its model, and a tokenizer or chat template beside it. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { changeSafetensors } from '../support/files.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
const adapterConfig = () => join(cwd, 'run', 'adapter', 'adapter_config.json');
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(join(cwd, 'pairs.jsonl'), '{"prompt": "a", "completion": "b"}\n');
  const run = ['--output', 'run', '--max-steps', '1', '--num-virtual-tokens', '2'];
  await succeed(['train', '--model', 'model', '--data', 'pairs.jsonl', ...run], { cwd });
}, 120_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

const asked = ['--adapter', 'run', '--prompt', 'a', '--max-new-tokens', '2', '--json'];

it('is used with its own model by default', async () => {
  const [named] = jsonLines(await succeed(['generate', '--model', 'model', ...asked], { cwd }));
  const [own] = jsonLines(await succeed(['generate', ...asked], { cwd }));
  expect(own).toEqual(named);
}, 120_000);

it('names the model it was trained for if that is another, or is missing', async () => {
  const config = JSON.parse(await readFile(adapterConfig(), 'utf8'));
  const ownFile = join(cwd, 'run', 'adapter', 'promptune.json');
  const own = await readFile(ownFile);
  await rm(ownFile); // as PEFT saves adapters, and earlier versions did
  await writeFile(adapterConfig(), JSON.stringify({ ...config, base_model_name_or_path: 'somebody/other' }));
  const { stderr, code } = await runCli(['generate', '--model', 'model', ...asked], { cwd });
  expect(code).toBe(0);
  expect(stderr).toContain('the adapter run was trained for somebody/other, but is used with model');
  const data = ['--data', 'pairs.jsonl', '--adapter', 'run'];
  expect((await runCli(['eval', '--model', 'model', ...data], { cwd })).stderr).toContain(
    'was trained for somebody/other',
  );
  const alone = await runCli(['generate', ...asked], { cwd });
  expect(alone.code).toBe(2);
  expect(alone.stderr).toContain(
    '--model: the adapter run was trained for somebody/other, which cannot be opened; name the model to use',
  );
  await writeFile(adapterConfig(), JSON.stringify(config));
  await writeFile(ownFile, own);
}, 120_000);

it("reports weights that differ from those it was trained on, whatever the model's name", async () => {
  await cp(join(cwd, 'model'), join(cwd, 'renamed'), { recursive: true });
  await cp(join(cwd, 'model'), join(cwd, 'other', 'model'), { recursive: true });
  await changeSafetensors(join(cwd, 'other/model/model.safetensors'), ({ data }) => {
    data[0]! ^= 1;
  });
  const note =
    'the adapter run was trained on other weights than those of other/model, so its results may be wrong';
  const commands = {
    generate: ['generate', ...asked],
    eval: ['eval', '--data', 'pairs.jsonl', '--adapter', 'run'],
    merge: ['merge', '--adapter', 'run', '--output', 'merged'],
  };
  for (const [name, command] of Object.entries(commands)) {
    const run = async (model: string) => runCli([...command, '--model', model], { cwd });
    if (name !== 'merge') expect((await run('renamed')).stderr, name).not.toContain('learned');
    expect((await run('other/model')).stderr, name).toContain(note);
  }
}, 120_000);

it('has a tokenizer beside it, whose own tokens are refused if the model has no embeddings for them', async () => {
  const adapter = join(cwd, 'tokens');
  await cp(join(cwd, 'run', 'adapter'), adapter, { recursive: true });
  const json = JSON.parse(await readFile(join(cwd, 'model', 'tokenizer.json'), 'utf8'));
  const id = Object.keys(json.model.vocab).length;
  json.added_tokens = [...json.added_tokens, { id, content: '<|user|>', special: true }];
  await writeFile(join(adapter, 'tokenizer.json'), JSON.stringify(json));
  const ask = (prompt: string) =>
    runCli(['generate', '--adapter', 'tokens', '--prompt', prompt, '--max-new-tokens', '2'], { cwd });
  expect((await ask('a')).code).toBe(0);
  const { code, stderr } = await ask('a<|user|>');
  expect(code).toBe(1);
  expect(stderr).toContain(`prompt 0 has "<|user|>", ${id}, as token 1`);
}, 120_000);

it('has a chat template beside it', async () => {
  const adapter = join(cwd, 'chatty');
  await cp(join(cwd, 'run', 'adapter'), adapter, { recursive: true });
  const template = '{% for m in messages %}<{{ m.content }}>{% endfor %}';
  const generate = ['generate', '--model', 'model', '--adapter', 'chatty', '--max-new-tokens', '4', '--json'];
  const idsOf = async (...prompt: string[]) =>
    jsonLines(await succeed([...generate, '--prompt', ...prompt], { cwd }))[0]!.ids;
  const written = await idsOf('<a>');
  for (const [file, content] of [
    ['chat_template.jinja', template],
    ['tokenizer_config.json', JSON.stringify({ chat_template: template })],
    ['tokenizer_config.json', JSON.stringify({ chat_template: [{ name: 'default', template }] })],
  ] as const) {
    await writeFile(join(adapter, file), content);
    expect(await idsOf('a', '--chat')).toEqual(written);
    await rm(join(adapter, file));
  }
}, 120_000);

it('is checked for each of several adapters, and for the candidates of a selector', async () => {
  const other = join(cwd, 'other');
  await cp(join(cwd, 'run', 'adapter'), other, { recursive: true });
  const config = JSON.parse(await readFile(join(other, 'adapter_config.json'), 'utf8'));
  const changed = { ...config, base_model_name_or_path: 'somebody/else' };
  await writeFile(join(other, 'adapter_config.json'), JSON.stringify(changed));
  await rm(join(other, 'promptune.json')); // the digest of the weights says that the model is the same
  const note = 'other was trained for somebody/else, but is used with ';
  const both = [
    'generate',
    '--adapter',
    'run',
    '--adapter',
    'other',
    '--prompt',
    'a',
    '--max-new-tokens',
    '1',
  ];
  expect((await runCli(both, { cwd })).stderr).toContain(`${note}model`);

  const rows = Array.from({ length: 6 }, (_, i) => JSON.stringify({ input: `a${i}`, output: 'b', id: i }));
  await writeFile(join(cwd, 'rows.jsonl'), rows.join('\n'));
  await writeFile(join(cwd, 'candidates.yaml'), '- name: one\n  adapter: other\n- name: two\n');
  const train = [
    'select',
    'train',
    '--model',
    'model',
    '--candidates',
    'candidates.yaml',
    '--data',
    'rows.jsonl',
  ];
  const trained = await runCli([...train, '--epochs', '1', '--output', 'selector'], { cwd });
  expect([trained.code, trained.stderr]).toEqual([0, expect.stringContaining(note)]);
  expect(trained.stderr).toContain('unused fields: id\n');
  const applied = await runCli(['select', 'apply', 'selector', '--text', 'a', '--no-generate'], { cwd });
  expect([applied.code, applied.stderr]).toEqual([0, expect.stringContaining(note)]);
}, 120_000);
