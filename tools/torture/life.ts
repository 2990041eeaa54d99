/**
 * @file Requests of every kind on one generator that lives as long as the campaign: adapters change from request to
 *   request; requests are aborted, invalid, read halfway or concurrent; and each that finishes must give what it gives
 *   alone.
 */
import { join } from 'node:path';
import { loadAdapter } from '../../src/adapters/load-adapter.js';
import { PromptuneError } from '../../src/errors.js';
import { createTextGenerator, type TextGenerator } from '../../src/generation/text-generator.js';
import { fromPretrained } from '../../src/pretrained.js';
import type { Random } from '../../src/random.js';
import { trainAdapter } from '../../src/runs/train-adapter.js';
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

/** How much private memory may grow between the first thousand requests and the end, in bytes. */
const growthLimit = 100 * 2 ** 20;
const warmRequests = 1000;

type Request = { prompt: { text: string; adapter?: string }; options: (typeof settings)[number] };

const pick = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!;

function requestBy(random: Random): Request {
  const adapter = pick(adapterNames, random);
  return {
    prompt: { text: pick(prompts, random), ...(adapter && { adapter }) },
    options: pick(settings, random),
  };
}

export const life: Campaign = {
  about: 'requests of every kind on one generator: right answers, flat memory',
  defaultCount: 10_000,
  async start(folder) {
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

    let warm = 0;
    return {
      async attempt(number, random): Promise<Attempt> {
        const row = pick(Object.keys(kinds), random);
        const problem = await kinds[row]!(random);
        const rss = process.memoryUsage.rss();
        if (number === warmRequests) warm = rss;
        const grown =
          warm > 0 && rss - warm > growthLimit
            ? `grew by ${Math.round((rss - warm) / 2 ** 20)} MiB`
            : undefined;
        const fault = problem ?? grown;
        return { row, outcome: fault === undefined ? 'as alone' : 'otherwise', ...(fault && { fault }) };
      },
      end: () => generator.dispose(),
    };
  },
};
