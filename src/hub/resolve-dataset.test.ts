import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PromptuneError, UsageError } from '../errors.js';
import {
  commit,
  type HubServer,
  type HubServerOptions,
  refuse,
  startHubServer,
} from './hub-server.fixture.js';
import { resolveDataset } from './index.js';

let root: string;
let server: HubServer | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-dataset-'));
  for (const name of ['HF_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE', 'XDG_CACHE_HOME'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', root);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
  await rm(root, { recursive: true });
});

const conversion = ['refs/convert/parquet'];

async function serve(
  files: Record<string, string | Buffer>,
  options: Omit<Partial<HubServerOptions>, 'files'> = {},
) {
  server = await startHubServer({ name: 'owner/pairs', kind: 'datasets', files, ...options });
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
}

const gated: HubServerOptions['intercept'] = (_, response) => {
  refuse(response, 401, 'GatedRepo');
  return true;
};

const snapshot = (...parts: string[]) =>
  join(root, 'hub', 'datasets--owner--pairs', 'snapshots', commit, ...parts);

describe('a data set of the Hub', () => {
  it('is its Parquet files, downloaded once, with the token', async () => {
    await serve(
      {
        'en/train/0000.parquet': 'a',
        'en/train/0001.parquet': 'b',
        'en/partial-test/0000.parquet': 'c',
        'zh/train/0000.parquet': 'd',
        '.gitattributes': 'never',
      },
      { revisions: conversion },
    );
    vi.stubEnv('HF_TOKEN', 'secret');
    const seen: string[] = [];
    const found = await resolveDataset('hf:owner/pairs/en', { onProgress: ({ file }) => seen.push(file) });
    expect(found).toEqual({
      files: [snapshot('en', 'train', '0000.parquet'), snapshot('en', 'train', '0001.parquet')],
      config: 'en',
      split: 'train',
      source: 'download',
    });
    expect(await readFile(found.files[1]!, 'utf8')).toBe('b');
    expect(new Set(seen)).toEqual(new Set(['en/train/0000.parquet', 'en/train/0001.parquet']));
    expect(server!.requests.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true);

    const before = server!.requests.length;
    expect(await resolveDataset('hf:owner/pairs/en')).toEqual({ ...found, source: 'cache' });
    expect(await resolveDataset('hf:owner/pairs/en', { offline: true })).toMatchObject({ source: 'cache' });
    expect(server!.requests.length).toBe(before);

    // A list that is damaged, or names what is not in the cache, is as none.
    const list = join(snapshot(), '..', '..', 'promptune', 'en@.json');
    const whole = JSON.parse(await readFile(list, 'utf8'));
    for (const damaged of [
      '{',
      'null',
      '[]',
      JSON.stringify({ ...whole, files: ['../../x'] }),
      '{"files": 5}',
    ]) {
      await writeFile(list, damaged);
      expect(await resolveDataset('hf:owner/pairs/en')).toEqual(found);
    }

    await rm(found.files[0]!);
    expect(await resolveDataset('hf:owner/pairs/en')).toEqual(found);
    expect(await resolveDataset('hf:owner/pairs/en:test')).toMatchObject({
      files: [snapshot('en', 'partial-test', '0000.parquet')],
      split: 'test',
    });
  });

  it('is its own files if the Hub has no converted ones', async () => {
    await serve({
      'README.md': 'never',
      'data/train-00000.jsonl': '',
      'data/train-00001.jsonl.gz': '',
      'dev.csv': '',
      'other/test.txt': '',
    });
    expect(await resolveDataset('hf:owner/pairs/default')).toMatchObject({
      files: [snapshot('data', 'train-00000.jsonl'), snapshot('data', 'train-00001.jsonl.gz')],
      split: 'train',
    });
    expect(await resolveDataset('hf:owner/pairs/default:validation')).toMatchObject({
      files: [snapshot('dev.csv')],
    });
    expect(await resolveDataset('hf:owner/pairs/other')).toMatchObject({ split: 'test' });
  });

  it.each(['hf:', 'hf:a/b/c/d', 'hf:a/b:c:d', 'hf:a/b/../c', 'hf:a/b:../c', 'hf:../a', 'hf:a/b/.git'])(
    '%s is not a name',
    async (name) => {
      await expect(resolveDataset(name)).rejects.toThrow(UsageError);
    },
  );

  it('lists the configs or splits if one is missing', async () => {
    await serve(
      { 'en/dev/0.parquet': '', 'en/test/0.parquet': '', 'zh/dev/0.parquet': '' },
      { revisions: conversion },
    );
    await expect(resolveDataset('hf:owner/pairs')).rejects.toThrow('several configs; expected one of en, zh');
    await expect(resolveDataset('hf:owner/pairs/de')).rejects.toThrow(
      'no config "de"; expected one of en, zh',
    );
    await expect(resolveDataset('hf:owner/pairs/en')).rejects.toThrow(
      'several splits; expected one of dev, test',
    );
    await expect(resolveDataset('hf:owner/pairs/en:x')).rejects.toThrow(
      'no split "x"; expected one of dev, test',
    );
    await expect(resolveDataset('hf:owner/pairs/en:x')).rejects.toThrow(UsageError);
  });

  it('gives advice if it cannot be downloaded', async () => {
    await serve({ 'README.md': '' });
    await expect(resolveDataset('hf:owner/pairs')).rejects.toThrow('no file in a supported format');
    await expect(resolveDataset('hf:owner/none')).rejects.toThrow('there is no such data set');
    await expect(resolveDataset('hf:owner/pairs', { offline: true })).rejects.toThrow(
      'because offline or HF_HUB_OFFLINE is set',
    );
    await server!.close();
    await expect(resolveDataset('hf:owner/pairs')).rejects.toThrow(/the connection to .* failed/);
    await expect(resolveDataset('hf:owner/pairs')).rejects.toThrow(PromptuneError);
    await serve({}, { intercept: gated });
    await expect(resolveDataset('hf:owner/pairs')).rejects.toThrow(
      /the data set is gated or private.*\n.*accept its licence at .*\/datasets\/owner\/pairs/,
    );
  });

  it('stops when aborted', async () => {
    await serve({ 'a.jsonl': '{}' });
    const reason = new Error('enough');
    await expect(resolveDataset('hf:owner/pairs', { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});
