/** @file `serving`: rows of different adapters beside base rows, registered prompts, and requests that join others. */
import type { Adapter } from '../../src/attach/method.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createEngine, type Engine } from '../../src/serving/index.js';
import { randomPrompts } from '../decoding.js';
import { interleave } from '../measure.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';
import {
  cpuSecondsOf,
  cpuSecondsPerStep,
  promptsLike,
  quantile,
  randomAdapter,
  silentTokenizer,
  timed,
} from '../serving.js';

const promptLength = 32;
const steps = 16;
const registered = 1000;

export const serving: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  const tokenizer = silentTokenizer(model);
  const named = async (count: number, name: string, method: string, config: object) => {
    const adapters: [string, Adapter][] = [];
    for (let i = 0; i < count; i++)
      adapters.push([`${name}-${i}`, await randomAdapter(model, method, config, i + 1)]);
    return Object.fromEntries(adapters);
  };
  const soft = await randomAdapter(model, 'prompt-tuning', { numVirtualTokens: 20 }, 1);
  const softs = Object.fromEntries(promptsLike(soft, registered).map((adapter, i) => [`soft-${i}`, adapter]));
  const loras = await named(8, 'lora', 'lora', { r: 8 });
  const wide = await named(8, 'wide', 'lora', { r: 8, targetModules: 'all-linear' });
  const cartridge = await randomAdapter(model, 'cartridge', { numVirtualTokens: 512 }, 1);
  const eightSofts = Object.fromEntries(Object.entries(softs).slice(0, 8));
  const options = { model, tokenizer, maxRows: 8, threads: 1 };

  const decoder = await createModelDecoder({ model, threads: 1 });
  const plain = await createEngine(options);
  const few = await createEngine({ ...options, adapters: eightSofts });
  const many = await createEngine({
    ...options,
    adapters: { ...softs, ...loras, cartridge },
  });
  const wideEngine = await createEngine({ ...options, adapters: wide });
  const prompts = randomPrompts(model, 8, promptLength);
  const step = (engine: Engine, ids: readonly (string | undefined)[]) =>
    cpuSecondsPerStep(
      (maxNewTokens) =>
        Promise.all(ids.map((id, i) => timed(engine, { model: id, prompt: prompts[i]!, maxNewTokens }))),
      steps,
    );
  const base: undefined[] = new Array(8).fill(undefined);
  const eight = (name: string) => base.map((_, i) => `${name}-${i}`);

  const times = await interleave(4, {
    generate: () => cpuSecondsPerStep((maxNewTokens) => generate(decoder, prompts, { maxNewTokens }), steps),
    one: () => step(plain, [undefined]),
    base: () => step(plain, base),
    idle: () => step(many, base),
    softs: () => step(few, eight('soft')),
    softsOfMany: () => step(many, eight('soft')),
    loras: () => step(many, eight('lora')),
    wide: () => step(wideEngine, eight('wide')),
  });

  const long = randomPrompts(model, 1, 512)[0]!;
  const firstToken = (request: { model?: string; prompt: readonly number[] }) =>
    cpuSecondsOf(() => timed(many, { ...request, maxNewTokens: 1 }));
  const first = await interleave(3, {
    base: () => firstToken({ prompt: prompts[0]! }),
    soft: () => firstToken({ model: 'soft-0', prompt: prompts[0]! }),
    cartridge: () => firstToken({ model: 'cartridge', prompt: prompts[0]! }),
    text: () => firstToken({ prompt: [...long, ...prompts[0]!] }),
  });

  const gaps: number[] = [];
  for (let round = 0; round < 2; round++) {
    const decoding = prompts.slice(0, 7).map((prompt) => timed(plain, { prompt, maxNewTokens: 64 }));
    await new Promise((later) => setTimeout(later, 1000 * 10 * times.base.median));
    await timed(plain, { prompt: long, maxNewTokens: 1 });
    for (const { tokens } of await Promise.all(decoding))
      gaps.push(...tokens.slice(1).map((time, i) => time - tokens[i]!));
  }
  for (const each of [decoder, plain, few, many, wideEngine]) await each.dispose();

  const row = (name: string, { median, min, max }: (typeof times)['one'], tokens: number): Row => ({
    case: name,
    'tokens/s': tokens / median,
    'slowest run': tokens / max,
    'fastest run': tokens / min,
    'CPU ms': 1000 * median,
  });
  const share = (part: { median: number }, of: { median: number }) => (100 * of.median) / part.median;
  const ratio = quantile(gaps, 0.99) / quantile(gaps, 0.5);
  return {
    rows: [
      row('`generate`, batch 8', times.generate, 8),
      row('one stream', times.one, 1),
      row('8 base rows', times.base, 8),
      row(`8 base rows, with ${registered} prompts and 8 LoRAs loaded`, times.idle, 8),
      row('8 different soft prompts of 20', times.softs, 8),
      row(`8 of ${registered} soft prompts of 20`, times.softsOfMany, 8),
      row('8 different LoRAs (r 8, attention)', times.loras, 8),
      row('8 different LoRAs (r 8, all linear layers)', times.wide, 8),
      ...Object.entries(first).map(([name, { median, min, max }]) => ({
        case: `first token, ${firstTokenCases[name as keyof typeof firstTokenCases]}`,
        'CPU ms': 1000 * median,
        'fastest run': 1000 * min,
        'slowest run': 1000 * max,
      })),
      {
        case: '7 rows while 512 tokens of prompt join: between tokens, median',
        ms: quantile(gaps, 0.5),
      },
      {
        case: '7 rows while 512 tokens of prompt join: between tokens, 99 %',
        ms: quantile(gaps, 0.99),
      },
    ],
    targets: [
      {
        name: '8 soft prompts: share of base rows',
        value: share(times.softs, times.base),
        unit: '%',
        atLeast: 95,
      },
      { name: '8 LoRAs: share of base rows', value: share(times.loras, times.base), unit: '%', atLeast: 80 },
      {
        name: 'slots idle: share of base rows',
        value: share(times.idle, times.base),
        unit: '%',
        atLeast: 97,
      },
      {
        name: `${registered} prompts: share of 8 registered`,
        value: share(times.softsOfMany, times.softs),
        unit: '%',
        atLeast: 95,
      },
      {
        name: 'batch 8 over one stream',
        value: (8 * times.one.median) / times.base.median,
        unit: '×',
        atLeast: 3,
      },
      {
        name: 'batch 8: share of `generate`',
        value: share(times.base, times.generate),
        unit: '%',
        atLeast: 95,
      },
      {
        name: 'a prefill that joins: 99 % over the median between tokens',
        value: ratio,
        unit: '×',
        atMost: 2,
      },
    ],
    notes: [
      `Mapped weights, float32, greedy, ${promptLength} tokens of prompt. The cases take turns.`,
      'One thread, and CPU time instead of the time of the clock, but between tokens: the ratios hold on a busy machine.',
    ],
  };
};

const firstTokenCases = {
  base: 'of a text of 32 tokens',
  soft: 'behind a soft prompt of 20',
  cartridge: 'behind a cartridge of 512',
  text: 'behind 512 tokens of text',
};
