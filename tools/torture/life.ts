/**
 * @file Requests of every kind to one generator and one server that live as long as the campaign: adapters change from
 *   request to request; requests are aborted, invalid, read halfway or concurrent; ONNX Runtime's thread ends amid
 *   them; and each that finishes must give what it gives alone.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { loadAdapter } from '../../src/adapters/load-adapter.js';
import { PromptuneError } from '../../src/errors.js';
import { createTextGenerator, type TextGenerator } from '../../src/generation/text-generator.js';
import { fromPretrained } from '../../src/pretrained.js';
import type { Random } from '../../src/random.js';
import { trainAdapter } from '../../src/runs/train-adapter.js';
import { createServer } from '../../src/serving/index.js';
import { EngineThreads } from '../../test/support/engine-threads.js';
import type { Attempt, Campaign } from './campaign.js';

const prompts = ['Once', 'The cat sat on', 'a', '12 + 13 =', 'Translate: good morning', 'x'.repeat(200)];
const adapterNames = [undefined, 'prompt', 'lora'] as const;
const settings = [
  { maxNewTokens: 6 },
  { maxNewTokens: 20 },
  { maxNewTokens: 5, numBeams: 3 },
  { maxNewTokens: 8, doSample: true, temperature: 0.8, seed: 3 },
  { maxNewTokens: 8, topK: 4, seed: 5 },
  { maxNewTokens: 8, repetitionPenalty: 1.3 },
  { maxNewTokens: 10, stop: ['e'] },
];

/**
 * How much more memory the process may need after the first thousand requests than before, in bytes. What it needs is
 * the least of a window: a new thread takes its time to give back what the one before it had.
 */
const growthLimit = 100 * 2 ** 20;
const warmRequests = 1000;
const window = 500;

/** Of so many requests one ends the thread: a new one takes seconds. */
const requestsPerEnd = 50;

type Request = { prompt: { text: string; adapter?: string }; options: (typeof settings)[number] };

const pick = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!;

function requestBy(random: Random): Request {
  const adapter = pick(adapterNames, random);
  return {
    prompt: { text: pick(prompts, random), ...(adapter && { adapter }) },
    options: pick(settings, random),
  };
}

/** One that the server's API has as well. */
const servedRequestBy = (random: Random): Request => ({
  ...requestBy(random),
  options: pick([settings[0]!, settings[1]!, settings[6]!], random),
});

export const life: Campaign = {
  about: 'requests of every kind to one generator and one server: right answers, flat memory',
  defaultCount: 10_000,
  isParallel: false,
  async start(folder) {
    const threads = new EngineThreads();
    const { model, tokenizer } = await fromPretrained();
    const data = [
      { prompt: 'good', completion: ' bad' },
      { prompt: 'black', completion: ' white' },
    ];
    const learned = async (method: 'lora' | 'prompt-tuning') => {
      const { adapter } = await trainAdapter({ model, tokenizer, data, method, maxSteps: 3 });
      await adapter.save(join(folder, method));
      return loadAdapter(join(folder, method), model);
    };
    const adapters = { prompt: await learned('prompt-tuning'), lora: await learned('lora') };
    const generator = createTextGenerator({ model, tokenizer, adapters, threads: 1 });
    const server = await createServer({ model, tokenizer, adapters, threads: 1, port: 0 });
    const alone = new Map<string, string>();

    /** The result of the request on a generator that has had no other. */
    async function expected({ prompt, options }: Request): Promise<string> {
      const key = JSON.stringify({ prompt, options });
      if (!alone.has(key)) {
        const own: TextGenerator = createTextGenerator({ model, tokenizer, adapters, threads: 1 });
        alone.set(key, (await own.generate(prompt, options)).text);
        await own.dispose();
      }
      return alone.get(key)!;
    }

    async function ask(request: Request): Promise<string | undefined> {
      const want = await expected(request);
      const { text } = await generator.generate(request.prompt, request.options);
      return text === want ? undefined : `wrong answer to ${JSON.stringify(request)}: ${text} for ${want}`;
    }

    /** What the server answers, or how it fails. */
    async function served({ prompt, options }: Request, signal?: AbortSignal): Promise<string | Error> {
      const response = await fetch(`${server.url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: prompt.adapter ?? model.name,
          prompt: prompt.text,
          max_tokens: options.maxNewTokens,
          temperature: 0,
          stop: options.stop,
        }),
        signal,
      });
      const answer = (await response.json()) as { choices: { text: string }[]; error: { message: string } };
      return response.ok ? answer.choices[0]!.text : new PromptuneError(answer.error.message);
    }

    async function askServer(request: Request): Promise<string | undefined> {
      const want = await expected(request);
      const given = await served(request);
      if (given === want) return undefined;
      return `wrong answer of the server to ${JSON.stringify(request)}: ${given} for ${want}`;
    }

    /** Ends the thread during requests: each gets its answer or the news, and the next ones must not notice. */
    async function whileThreadEnds(
      random: Random,
      requests: readonly Request[],
      send: (request: Request) => Promise<string | Error>,
    ): Promise<string | undefined> {
      const wanted = await Promise.all(requests.map(expected));
      const sent = requests.map((request) => send(request).catch((error: Error) => error));
      await wait(random.below(30));
      await threads.end();
      for (const [i, given] of (await Promise.all(sent)).entries()) {
        const isTold =
          given instanceof PromptuneError && /thread of ONNX Runtime has ended/.test(given.message);
        if (given !== wanted[i] && !isTold)
          return `the thread ended, and ${JSON.stringify(requests[i])} gave ${given}`;
      }
      return (await ask(requestBy(random))) ?? askServer(servedRequestBy(random));
    }

    const kinds: Record<string, (random: Random) => Promise<string | undefined>> = {
      one: (random) => ask(requestBy(random)),

      async streamed(random) {
        const request = requestBy(random);
        const want = await expected(request);
        let text = '';
        for await (const piece of generator.stream(request.prompt, request.options)) text += piece;
        return text === want ? undefined : `wrong stream for ${JSON.stringify(request)}: ${text} for ${want}`;
      },

      async 'half read'(random) {
        const { prompt, options } = requestBy(random);
        for await (const _ of generator.stream(prompt, options)) break;
        return ask(requestBy(random));
      },

      async batch(random) {
        const options = pick(settings, random);
        const requests = Array.from({ length: 2 + random.below(6) }, () => ({
          ...requestBy(random),
          options,
        }));
        // Each row of a sampled batch has its own stream of random numbers.
        if ('seed' in options) return ask(requests[0]!);
        const wanted = await Promise.all(requests.map(expected));
        const given = await generator.generate(
          requests.map(({ prompt }) => prompt),
          options,
        );
        const wrong = given.findIndex(({ text }, i) => text !== wanted[i]);
        return wrong < 0 ? undefined : `wrong row ${wrong} of a batch: ${JSON.stringify(requests[wrong])}`;
      },

      async 'at once'(random) {
        const requests = Array.from({ length: 2 + random.below(4) }, () => requestBy(random));
        return (await Promise.all(requests.map(ask))).find((problem) => problem !== undefined);
      },

      async aborted(random) {
        const { prompt, options } = requestBy(random);
        const stop = new AbortController();
        const running = generator.generate(prompt, { ...options, signal: stop.signal });
        setTimeout(() => stop.abort(new Error('enough')), random.below(20));
        const problem = await running.then(
          () => undefined,
          (error: Error) => (error.message === 'enough' ? undefined : `aborting gave ${error.message}`),
        );
        return problem ?? ask(requestBy(random));
      },

      'one, served': (random) => askServer(servedRequestBy(random)),

      async 'at once, served'(random) {
        const requests = Array.from({ length: 2 + random.below(4) }, () => servedRequestBy(random));
        return (await Promise.all(requests.map(askServer))).find((problem) => problem !== undefined);
      },

      async 'left, served'(random) {
        const stop = new AbortController();
        const asked = served(servedRequestBy(random), stop.signal).catch(() => {});
        await wait(random.below(20));
        stop.abort();
        await asked;
        return askServer(servedRequestBy(random));
      },

      async wrong(random) {
        const asked = pick<unknown>(
          [null, [5], { text: 1 }, { text: 'a', adapter: 'none' }, { messages: 3 }],
          random,
        );
        const problem = await generator.generate(asked as string).then(
          () => 'a wrong prompt was answered',
          (error: unknown) => (error instanceof PromptuneError ? undefined : `${error}`),
        );
        return problem ?? ask(requestBy(random));
      },
    };

    const ends: typeof kinds = {
      async 'thread ended'(random) {
        const requests = Array.from({ length: random.below(4) }, () => requestBy(random));
        return whileThreadEnds(
          random,
          requests,
          async ({ prompt, options }) => (await generator.generate(prompt, options)).text,
        );
      },

      async 'thread ended, served'(random) {
        const requests = Array.from({ length: random.below(4) }, () => servedRequestBy(random));
        return whileThreadEnds(random, requests, served);
      },
    };

    let warm = Number.POSITIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    return {
      async attempt(number, random): Promise<Attempt> {
        const chosen = number % requestsPerEnd === requestsPerEnd >> 1 ? ends : kinds;
        const row = pick(Object.keys(chosen), random);
        const problem = await chosen[row]!(random);
        least = Math.min(least, process.memoryUsage.rss());
        let grown: string | undefined;
        if (number % window === window - 1) {
          if (number < warmRequests) warm = least;
          else if (least - warm > growthLimit) grown = `grew by ${Math.round((least - warm) / 2 ** 20)} MiB`;
          least = Number.POSITIVE_INFINITY;
        }
        const fault = problem ?? grown;
        return { row, outcome: fault === undefined ? 'as alone' : 'otherwise', ...(fault && { fault }) };
      },
      async end() {
        threads.stop();
        await generator.dispose();
        await server.close();
      },
    };
  },
};
