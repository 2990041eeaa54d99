import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { PromptuneError, UsageError } from '../errors.js';
import { evaluateLoss } from '../evaluation/loss.js';
import { readRows } from '../records/data.js';
import type { Fields } from '../records/record-formats.js';
import { openDataset } from '../text/dataset.js';
import { withTextBefore } from '../text/template-compiler.js';
import { type ChatServer, startChatServer } from './chat-server.fixture.js';
import type { SearchConfig } from './config.js';
import { type SearchEvent, type SearchPromptOptions, searchPrompt } from './search-prompt.js';
import { toyTemplates, useToy } from './toy-search.fixture.js';

useWarmRuntime();
const toy = useToy();

let server: ChatServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const quick = {
  gcg: { method: 'gcg', steps: 3, numTokens: 4, numCandidates: 10, topK: 12, batchSize: 8 },
  pez: { method: 'pez', steps: 12, numTokens: 4, evalEvery: 3, batchSize: 8, learningRate: 0.5 },
} as const;

function search(config: Partial<SearchConfig>, more: Partial<SearchPromptOptions> = {}) {
  const { model, tokenizer, data, validation } = toy();
  const options = { model, tokenizer, data, validation, ...toyTemplates, ...config, ...more };
  return searchPrompt(options as SearchPromptOptions);
}

/** The loss of a text in the template, by what knows nothing of searches. */
async function lossInTemplate(text: string): Promise<number> {
  const { model, tokenizer, validation: path } = toy();
  const template = withTextBefore(text, toyTemplates.template);
  const dataset = await openDataset({ data: path, tokenizer, ...toyTemplates, template });
  const { loss } = await evaluateLoss({ model, dataset });
  await dataset.dispose();
  return loss;
}

it('finds the same in rows as in the file that they are of', async () => {
  const { data, validation } = toy();
  const rowsOf = async (path: string) => {
    const rows: Fields[] = [];
    for await (const row of readRows(path)) rows.push(row);
    return rows;
  };
  const [ofFile, ofRows] = [
    await search(quick.gcg),
    await search(quick.gcg, { data: await rowsOf(data), validation: readRows(validation) }),
  ];
  expect(ofRows).toMatchObject({ text: ofFile.text, loss: ofFile.loss, history: ofFile.history });
  expect(ofRows.settings).toMatchObject({ data: 'rows in memory', validation: 'rows in memory', steps: 3 });
  JSON.stringify(ofRows);
});

describe.each(['gcg', 'pez'] as const)('%s', (method) => {
  it('finds a better text, and reports the loss that it has as text', async () => {
    const events: SearchEvent[] = [];
    const result = await search(quick[method], { onEvent: (event) => events.push(event) });
    const { text, tokenIds, start, noPrompt, history } = result;
    expect(result.loss).toBeLessThan(start.loss - 0.01);
    expect(result.betterThanStart).toBe(true);
    expect(result.betterThanNoPrompt).toBe(result.loss < noPrompt.loss);
    expect(result.step).toBeGreaterThan(0);
    expect(result.loss).toBe(Math.min(...history.map(({ loss }) => loss)));
    for (const scored of [result, start, noPrompt]) {
      expect(scored.loss).toBe(await lossInTemplate(scored.text));
      expect(scored.perplexity).toBe(Math.exp(scored.loss));
      expect(scored.tokenIds).toEqual(toy().tokenizer.encode(scored.text));
    }
    expect(noPrompt.text).toBe('');
    expect(start.tokenIds).toHaveLength(4);
    expect(toy().tokenizer.decode(tokenIds)).toBe(text);
    expect(text).not.toMatch(/[\p{C}\uFFFD]/u);

    expect(events[0]).toMatchObject({
      type: 'start',
      method,
      examples: 20,
      validationExamples: 10,
      totalSteps: quick[method].steps,
      start,
      noPrompt,
    });
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
    expect(steps).toEqual(Array.from({ length: quick[method].steps }, (_, i) => i + 1));
    const validations = events.flatMap((event) => (event.type === 'validation' ? [event] : []));
    expect(validations.map(({ step, text, loss }) => ({ step, text, loss }))).toEqual(
      history.slice(1).map(({ step, text, loss }) => ({ step, text, loss })),
    );
    expect(validations.at(-1)!.best).toBe(result.loss);
  });

  it('is fixed by its seed', async () => {
    const short = { ...quick[method], steps: 1, evalEvery: 1 };
    const first = await search(short);
    expect(await search(short)).toEqual(first);
    expect((await search({ ...short, seed: 7 })).start.text).not.toBe(first.start.text);
  });
});

it("gcg's loss on the examples of a step is that of the text as well, and only falls on the same examples", async () => {
  const { data } = toy();
  const result = await search({ ...quick.gcg, batchSize: 20, validation: data });
  for (const { loss, searchLoss } of result.history.slice(1)) expect(searchLoss).toBeCloseTo(loss, 4);
  const losses = result.history.map(({ loss }) => loss);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
});

it('starts from a text, unchanged or extended, in which only tokens of the requested kind replace others', async () => {
  const as = await search({
    ...quick.gcg,
    numTokens: undefined,
    initText: 'the cat:\n',
    steps: 2,
    characters: 'chinese',
  });
  expect(as.start.text).toBe('the cat:\n');
  const kept = toy().tokenizer.encode('the cat:\n');
  expect(as.tokenIds).toHaveLength(kept.length);
  const put = as.tokenIds.filter((id, i) => id !== kept[i]);
  expect(toy().tokenizer.decode(put)).toMatch(/^[\p{Script=Han}\u3000-\uffff]+$/u);

  const filled = await search({ ...quick.pez, initText: 'the', steps: 1 });
  expect(filled.start.text).toMatch(/^the/);
  expect(filled.start.tokenIds).toHaveLength(4);
});

it('reports that nothing better was found', async () => {
  const result = await search({ ...quick.pez, learningRate: 1e-9, steps: 2, evalEvery: 1 });
  expect(result).toMatchObject({ betterThanStart: false, step: 0, ...result.start, history: [{ step: 0 }] });
});

it('splits held-out data off, counts a plain text from its second token, and keeps room for the prompt', async () => {
  const { folder } = toy();
  const path = join(folder, 'texts.txt');
  await writeFile(path, Array.from({ length: 10 }, (_, i) => `${'the cat '.repeat(40)}${i}`).join('\n'));
  const result = await search({
    ...quick.gcg,
    steps: 1,
    data: path,
    validation: 0.3,
    template: undefined,
    completionTemplate: undefined,
  });
  expect(result.labelTokens).toBe(3 * (64 - 4 - 1));
  expect(result.settings).toMatchObject({ validation: 0.3, batchSize: 8, seed: 42, truncation: 'prompt' });
});

describe('opro', () => {
  const instructions = (...texts: string[]) =>
    texts.map((text) => `<instruction>${text}</instruction>`).join('\n');
  const withServer = async (config: object, answer: Parameters<typeof startChatServer>[0], query = '') => {
    server = await startChatServer(answer);
    const own = {
      method: 'opro',
      endpoint: `${server.url}${query}`,
      endpointModel: 'm',
      steps: 2,
      numCandidates: 2,
      numTokens: 20,
    };
    return search({ ...own, ...config } as Partial<SearchConfig>);
  };

  it('scores the texts of the service by our model, and hides the key', async () => {
    let calls = 0;
    const answers = [instructions('the {cat}', 'mat'), instructions('猫猫', 'x'.repeat(80))];
    const result = await withServer({ apiKey: 'secret' }, () => answers[calls++]);
    expect(result.start).toEqual(result.noPrompt);
    expect(result.history.map(({ text }) => text)).toEqual(['', 'the {cat}\n', 'mat\n', '猫猫\n']);
    for (const { text, loss } of result.history) expect(loss).toBe(await lossInTemplate(text));
    expect(result.loss).toBe(Math.min(...result.history.map(({ loss }) => loss)));
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(server!.requests).toHaveLength(2);
    const [first, second] = server!.requests.map(({ body }) => body.messages[0]!.content);
    expect(first!.match(/Input: .+\nOutput: .+/g)).toHaveLength(5);
    expect(first).not.toContain('Loss:');
    const mat = result.history.find(({ text }) => text === 'mat\n')!;
    expect(second).toContain(`Instruction: mat\nLoss: ${mat.loss.toFixed(4)}`);
    expect(second!.split('\n\n')[2]).not.toBe(first!.split('\n\n')[2]);
  });

  it('notes an address without its query, where a key may stand under any name', async () => {
    const result = await withServer({ steps: 1 }, () => instructions('mat'), '?code=k3y-in-query');
    expect(server!.requests[0]!.path).toBe('/v1/chat/completions?code=k3y-in-query');
    expect(result.settings.endpoint).toBe(`${server!.url}?…`);
    expect(JSON.stringify(result)).not.toContain('k3y');
  });

  it('fails as the service does', async () => {
    const asking = withServer({}, () => 'nonsense');
    await expect(asking).resolves.toMatchObject({ step: 0, betterThanStart: false });
    await server!.close();
    const patient = withServer({ steps: 3 }, () => 'nonsense');
    await expect(patient).rejects.toThrow(PromptuneError);
    await expect(patient).rejects.toThrow('has no instruction: "nonsense", in each of 3 rounds in a row');
  });
});

describe('the signal', () => {
  it('ends a search with the best so far', async () => {
    const controller = new AbortController();
    const onEvent = (event: SearchEvent) => {
      if (event.type === 'validation' && event.step === 2) controller.abort();
    };
    const stopped = await search(quick.gcg, { onEvent, signal: controller.signal });
    const whole = await search({ ...quick.gcg, steps: 2 });
    expect(stopped).toMatchObject({ stopped: true, text: whole.text, loss: whole.loss });
    expect(stopped.history).toEqual(whole.history);
    expect(whole.stopped).toBe(false);
  });

  it('ends one without a result with its reason', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(search(quick.gcg, { signal })).rejects.toThrow('enough');
  });
});

describe('refuses', () => {
  const opro = { method: 'opro', endpoint: 'http://localhost:1/v1', endpointModel: 'm' };
  it.each<[object, string]>([
    [{ method: 'gpt' }, 'method: expected one of gcg, pez, opro, got "gpt"'],
    [{ learningRate: 1 }, 'learningRate: not used by method "gcg"'],
    [{ method: 'pez', numCandidates: 3 }, 'numCandidates: not used by method "pez"'],
    [{ numCandidate: 3 }, 'numCandidate: the key is unknown; did you mean "numCandidates"?'],
    [{ ...opro, endpoint: undefined }, 'endpoint: required by method "opro"'],
    [{ ...opro, endpoint: 'localhost' }, 'endpoint: expected an address such as'],
    [{ ...opro, topK: 2 }, 'topK: not used by method "opro"'],
    [{ steps: 0 }, 'steps: '],
    [{ initText: 'the cat sat', numTokens: 1 }, /^numTokens is 1, but initText has \d+ tokens; raise it/],
    [{ numTokens: 64 }, "64 virtual tokens leave no room in the model's 64 positions"],
  ] as [object, string][])('%j', async (config, message) => {
    const asking = search(config as Partial<SearchConfig>);
    await expect(asking).rejects.toThrow(UsageError);
    await expect(asking).rejects.toThrow(message);
  });
});
