/** @file `promptune serve` as a process: what it serves, and how it ends. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, it } from 'vitest';
import { fromPretrained, trainAdapter } from '../../src/index.js';
import { finished, runCli, startCli } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  const { model, tokenizer } = await fromPretrained();
  for (const seed of [1, 2]) {
    const { adapter } = await trainAdapter({
      ...{
        model,
        tokenizer,
        method: 'prompt-tuning',
        seed,
        methodOptions: { numVirtualTokens: 3 },
        maxSteps: 1,
      },
      data: [{ prompt: 'A cat', completion: ' purrs.' }],
    });
    await adapter.save(join(cwd, `runs/${seed === 1 ? 'cats' : 'more/dogs/adapter'}`));
  }
});

it('serves the adapters below a folder, and finishes running requests when it is stopped', async () => {
  const child = startCli(['serve', '--adapters', 'runs', '--port', '0'], { cwd });
  const ended = finished(child);
  const line = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  );
  const url = /http\S+/.exec(line)![0];
  expect(line).toBe(`Serving promptune-mini, cats, more/dogs at ${url}`);
  const request = (model: string) =>
    fetch(`${url}/completions`, {
      method: 'POST',
      body: JSON.stringify({ model, prompt: 'A cute', max_tokens: 5, temperature: 0, stream: true }),
    });
  const answers = await Promise.all(['cats', 'more/dogs', 'promptune-mini'].map(request));
  child.kill('SIGTERM');
  for (const answer of answers)
    expect(await answer.text()).toMatch(/"finish_reason":"length".*\n\ndata: \[DONE\]\n\n$/);
  expect(await ended).toMatchObject({ code: 0, signal: null });
});

it('ends with the shell in which npm started it', async () => {
  const child = startCli(['serve', '--port', '0'], {
    cwd,
    env: { npm_command: 'exec' },
    shell: '"$0" "$@"; true', // bash waits, as npm's shell does
  });
  const ended = finished(child); // once its output is closed, by the server as well
  await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ signal: 'SIGTERM', stderr: expect.stringContaining('Finishing') });
});

it('accepts other machines only with keys, and its owner only with a token', async () => {
  const open = await runCli(['serve', '--host', '0.0.0.0', '--port', '0'], { cwd });
  expect(open).toMatchObject({ code: 2, stderr: expect.stringMatching(/^promptune: --host: .* give keys/) });
  const admin = await runCli(['serve', '--port', '0', '--admin-port', '0'], { cwd });
  expect(admin).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^promptune: --admin-port: .* PROMPTUNE_ADMIN_TOKEN/),
  });
  const keys = await runCli(['serve', '--keys', 'pairs.jsonl'], { cwd });
  expect(keys).toMatchObject({ code: 1, stderr: expect.stringContaining('pairs.jsonl') });
});

it('names the problem of its address', async () => {
  const { code, stderr } = await runCli(['serve', '--adapters', 'nowhere'], { cwd });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'promptune: nowhere: there is no such folder; expected one with runs or adapters in it\n',
  });
});
