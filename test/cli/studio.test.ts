/** @file `promptune studio` as a process: its address, and how it ends. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { finished, startCli } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

it('makes its folder, prints its address, and ends when it is asked to', async () => {
  const cwd = await workplace();
  const child = startCli(['studio', '--model', 'model', '--folder', 'prompts', '--port', '0'], { cwd });
  const ended = finished(child);
  const line = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  );
  const url = /http\S+/.exec(line)![0];
  expect(line).toBe(`The studio over model and prompts is at ${url}`);
  const about = await (await fetch(`${url}api/about`)).json();
  expect(about).toMatchObject({ model: { id: 'model' }, folder: 'prompts' });
  expect(existsSync(join(cwd, 'prompts'))).toBe(true);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, signal: null });
});
