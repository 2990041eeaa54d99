/**
 * @file Adapters that come, change and go under load: no request fails, no answer mixes two versions, an adapter that
 *   cannot be served changes nothing, and the process gives back what it took.
 */
import type { Adapter } from '../../../src/attach/method.js';
import type { LanguageModel } from '../../../src/models/model.js';
import type { Random } from '../../../src/random.js';
import { createServer, type Server } from '../../../src/serving/index.js';
import { float32Tensor } from '../../../src/tensor.js';
import { characterTokenizer, learned } from '../../../test/serving/adapters.js';
import type { Attempt } from '../campaign.js';
import { attemptOf, complete, memory, until } from './outcome.js';

const reloads = 100;
/** Loaded and unloaded between two reloads. */
const othersEach = 10;
const clients = 8;
/** Percent by which the process may be larger afterwards. */
const maxGrowth = 5;

const body = { prompt: [5, 17, 40], max_tokens: 24, temperature: 0, ignore_eos: true };

export async function reloadsUnderLoad(model: LanguageModel, random: Random): Promise<Attempt> {
  await using server = await createServer({
    ...{ model, tokenizer: characterTokenizer, port: 0, maxRows: 6, maxLoras: 3 },
  });
  const versions = await Promise.all([
    learned(model, 'prompt-tuning', { numVirtualTokens: 4 }, 1),
    learned(model, 'lora', { r: 2 }, 2),
    learned(model, 'prefix-tuning', { numVirtualTokens: 3 }, 3),
    learned(model, 'lora', { r: 3, targetModules: 'all-linear' }, 4),
  ]);
  const texts = await textsOf(server, versions);
  const faults: string[] = [];
  if (new Set(texts.values()).size < versions.length) faults.push('two versions write the same');
  await server.engine.load('changing', versions[0]!);
  const underLoad = async () => {
    let isOver = false;
    const client = async (number: number) => {
      let answers = 0;
      for (; !isOver; answers++) {
        const asked = { ...body, model: 'changing', stream: number % 2 === 0 };
        const { status, text, fingerprints } = await complete(server.url, asked);
        if (status !== 200) faults.push(`status ${status}: ${text}`);
        else if (fingerprints.length !== 1 || texts.get(fingerprints[0]!) !== text)
          faults.push(`of ${fingerprints.join(' and ')}: ${text}`);
      }
      return answers;
    };
    const running = Array.from({ length: clients }, (_, number) => client(number));
    for (let i = 1; i <= reloads; i++) {
      for (let j = 0; j < othersEach; j++) await comeAndGo(server, versions[random.below(4)]!, random);
      await server.engine.load('changing', versions[i % versions.length]!);
    }
    isOver = true;
    const answers = await Promise.all(running);
    const total = answers.reduce((sum, each) => sum + each, 0);
    if (total < reloads) faults.push(`only ${total} answers meanwhile`);
    if (!(await until(() => server.engine.stats().running === 0))) faults.push('rows are left');
    return memory();
  };
  const before = await underLoad(); // with what a process takes once
  const growth = (100 * ((await underLoad()) - before)) / before;
  if (growth > maxGrowth) faults.push(`${growth.toFixed(1)} % more memory`);
  const { failed } = server.engine.stats();
  if (failed > 0) faults.push(`${failed} texts failed`);
  return attemptOf(`${2 * reloads} reloads and ${2 * reloads * othersEach} others under load`, faults);
}

/** What each version writes, by its fingerprint. */
async function textsOf({ engine, url }: Server, versions: readonly Adapter[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const version of versions) {
    await engine.load('alone', version);
    const { text, fingerprints } = await complete(url, { ...body, model: 'alone' });
    texts.set(fingerprints[0]!, text);
  }
  await engine.unload('alone');
  return texts;
}

/** An adapter of a content of its own, which sometimes cannot be served. */
async function comeAndGo({ engine }: Server, like: Adapter, random: Random): Promise<void> {
  const isBad = random.below(10) === 0;
  const shift = isBad ? Number.NaN : random.normal();
  const tensors = [...like.tensors].map(([name, { shape, data }]) => {
    return [
      name,
      float32Tensor(
        shape,
        data.map((value) => value + shift),
      ),
    ] as const;
  });
  const other = { ...like, content: undefined, tensors: new Map(tensors) };
  if (!isBad) {
    await engine.load('other', other as Adapter);
    await engine.unload('other');
    return;
  }
  const refused = await engine.load('changing', other as Adapter).then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error('an adapter of NaN was loaded');
}
