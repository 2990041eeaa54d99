/**
 * @file `hf:owner/name` where a path of data goes: in the command's own process, and in those of a comparison's
 * cells.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HubServer, startHubServer } from '../../src/hub/hub-server.fixture.js';
import { succeed } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
let server: HubServer;
beforeAll(async () => {
  cwd = await workplace();
  const rows = ['a', 'b', 'c', 'd'].map((word) => ({ prompt: word, completion: ` ${word.toUpperCase()}` }));
  const files = { 'train.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') };
  server = await startHubServer({ name: 'owner/pairs', kind: 'datasets', files });
});
afterAll(async () => {
  await server.close();
  await rm(cwd, { recursive: true, force: true });
});

const onHub = () => ({ cwd, env: { HF_HUB_OFFLINE: '', HF_ENDPOINT: server.endpoint } });

it('is trained on, and noted by its name', async () => {
  const args = [
    'train',
    '--model',
    'model',
    '--data',
    'hf:owner/pairs',
    '--max-steps',
    '1',
    '--output',
    'run',
  ];
  await succeed(args, onHub());
  expect(await readFile(join(cwd, 'run/config.yaml'), 'utf8')).toContain('\ndata: hf:owner/pairs\n');
});

it('is compared on', async () => {
  const config = {
    model: 'model',
    data: 'hf:owner/pairs',
    test: 'hf:owner/pairs',
    output: 'out',
    metrics: ['loss'],
    seeds: [1],
    maxSteps: 1,
    methods: [{ name: 'prompt', method: 'prompt-tuning' }],
  };
  await writeFile(join(cwd, 'compare.yaml'), JSON.stringify(config));
  expect(await succeed(['compare', 'compare.yaml'], onHub())).toContain('prompt-all-seed-1: loss ');
});
