/** @file What a server counts is what its clients count: requests, tokens, reasons to finish, and those who left. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServer, type Server } from '../../src/serving/index.js';
import type { Json } from '../support/cli.js';
import { makeGpt2 } from '../support/tiny-gpt2.js';
import { characterTokenizer, learned } from './adapters.js';

let server: Server;
beforeAll(async () => {
  const sizes = { vocab_size: 96, n_embd: 8, n_layer: 1, n_positions: 5000 };
  const model = await makeGpt2(await mkdtemp(join(tmpdir(), 'promptune-serving-')), sizes);
  const adapters = {
    soft: await learned(model, 'prompt-tuning', { numVirtualTokens: 3 }),
    'a "b"\n\\': await learned(model, 'lora', { r: 1 }),
  };
  server = await createServer({ model, tokenizer: characterTokenizer, id: 'base', adapters, port: 0 });
});
afterAll(() => server.close());

const send = (body: object, signal?: AbortSignal) =>
  fetch(`${server.url}/v1/completions`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    signal,
  });

/** Samples by their name and labels. @throws where the text is not in Prometheus' format */
function samplesIn(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-z0-9_:]+) (.+)$/.exec(line) ?? [];
    if (kind === 'TYPE') {
      expect(types.has(name), line).toBe(false);
      expect(['counter', 'gauge', 'histogram'], line).toContain(rest);
      types.set(name, rest);
    }
    if (kind) continue;
    const sample = /^([a-z0-9_:]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? ([-+.e\d]+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const [, of, labels = '', value] = sample!;
    const family = types.get(of!) ?? types.get(of!.replace(/_(bucket|sum|count)$/, ''));
    expect(family, line).toBeDefined();
    if (family === 'counter') expect(of).toMatch(/_total$/);
    expect(samples.has(of! + labels), line).toBe(false);
    samples.set(of! + labels, Number(value));
  }
  return samples;
}

it('counts what its clients do', async () => {
  const counted = new Map<string, number>();
  const count = (name: string, amount = 1) => counted.set(name, (counted.get(name) ?? 0) + amount);
  const written = (model: string) => JSON.stringify(model);
  const requests = ['base', 'soft', 'a "b"\n\\', 'absent'].flatMap((model) =>
    [
      { prompt: 'a', max_tokens: 4 },
      { prompt: ['ab', 'c'], n: 2, max_tokens: 3, temperature: 0 },
      { prompt: 'abc', max_tokens: 6, stop: ['a', 'b', 'c', 'd', 'e'].slice(0, 4), temperature: 2 },
      { prompt: 'a', max_tokens: 3, best_of: 3 },
      { prompt: 'a', max_tokens: 2, temperature: 3 },
      { prompt: 'ab', max_tokens: 5, stream: true, stream_options: { include_usage: true }, n: 2 },
    ].map((body) => ({ ignore_eos: true, seed: 1, model, ...body })),
  );
  await Promise.all(
    requests.map(async (body) => {
      const response = await send(body);
      count(`promptune:http_requests_total{status="${response.status}"}`);
      const text = await response.text();
      if (!response.ok) return;
      const name = `{model_name=${written(body.model)}`;
      const objects: Json[] =
        'stream' in body
          ? text.split('\n').flatMap((line) => (line.startsWith('data: {') ? JSON.parse(line.slice(6)) : []))
          : [JSON.parse(text)];
      const { usage } = objects.at(-1)!;
      count(`vllm:prompt_tokens_total${name}}`, usage.prompt_tokens);
      count(`vllm:generation_tokens_total${name}}`, usage.completion_tokens);
      count(`vllm:e2e_request_latency_seconds_count${name}}`);
      const reasons = objects.flatMap(({ choices }) => choices.map((choice: Json) => choice.finish_reason));
      // All that were generated count, not only the best of them.
      const times = 'best_of' in body ? 3 : 1;
      for (const reason of reasons.filter(Boolean))
        count(`vllm:request_success_total${name},finished_reason="${reason}"}`, times);
    }),
  );
  const leaving = new AbortController();
  const long = { model: 'soft', prompt: 'a', max_tokens: 4900, ignore_eos: true };
  const left = [{ n: 2 }, { stream: true }, {}].map((more) =>
    send({ ...long, ...more }, leaving.signal).then((response) => response.text()),
  );
  await expect.poll(() => server.engine.stats().running).toBe(4);
  leaving.abort();
  for (const each of left) await expect(each).rejects.toThrow();
  count('promptune:cancelled_total', 4);
  count('promptune:http_requests_total{status="499"}', 3);

  const metrics = async () => {
    const samples = samplesIn(await (await fetch(`${server.url}/metrics`)).text());
    count('promptune:http_requests_total{status="200"}');
    return samples;
  };
  await expect
    .poll(async () => (await metrics()).get('promptune:http_requests_total{status="499"}'), {
      timeout: 20_000,
    })
    .toBe(3);
  const samples = await metrics();
  count('promptune:http_requests_total{status="200"}', -1); // the last one was not over when it was written
  // The tokens of those who left were partly theirs.
  for (const name of ['vllm:prompt_tokens_total', 'vllm:generation_tokens_total'])
    for (const all of [samples, counted]) all.delete(`${name}{model_name="soft"}`);
  expect(Object.fromEntries([...counted].map(([name]) => [name, samples.get(name)]))).toEqual(
    Object.fromEntries(counted),
  );
  const ofModels = [...samples.keys()].filter((name) => /_total/.test(name));
  for (const name of ofModels.filter((each) => !counted.has(each))) expect(samples.get(name), name).toBe(0);
});
