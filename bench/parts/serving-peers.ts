/**
 * @file `servingPeers`: clients at once on our engine, on llama.cpp and on transformers, each with the same model, in
 *   32, 8 and 4 bits, taking turns. Adapters are LoRAs, which all of them have, and soft prompts, which only we do.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportAsGguf } from '../../src/adapters/export-gguf.js';
import { exportModelAsGguf } from '../../src/adapters/export-model-gguf.js';
import type { Adapter } from '../../src/attach/method.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createEngine } from '../../src/serving/index.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { randomPrompts } from '../decoding.js';
import { writeGpt2Tokenizer } from '../gpt2-tokenizer.js';
import { interleave, type Times } from '../measure.js';
import type { Part } from '../part.js';
import { llamaTimelines, loadLlama } from '../peers/llama-cpp.js';
import { peerPython, startPeer } from '../peers/peer-process.js';
import { comparedThreads } from '../peers/threads.js';
import type { Row, Target } from '../report.js';
import { firstTokens, quantile, randomAdapter, secondsOfAll, type Timeline, timed } from '../serving.js';

const newTokens = 24;
const counts = [1, 4, 8, 16];
const precisions = [
  { title: '32 bits', dtype: 'fp32', gguf: 'float32' },
  { title: '8 bits', dtype: 'q8', gguf: 'q8_0' },
  { title: '4 bits', dtype: 'q4', gguf: 'q4_1' },
] as const;

type Peer = 'here' | 'llama.cpp' | 'transformers';
/** Serves some clients at once. */
type Serve = () => Promise<Timeline[]>;

export const servingPeers: Part = async ({ model: folder, peers, scratch }) => {
  const threads = await comparedThreads();
  writeGpt2Tokenizer(folder, join(peers, '../../test/golden/tokenizers'));
  const plain = await loadModel(folder);
  const tokenizer = await loadTokenizer(folder);
  const prompts = randomPrompts(plain, 16, 32);
  const adapters: Record<string, Adapter> = {};
  const [loras, softs, loraFiles]: [string[], string[], string[]] = [[], [], []];
  for (let i = 1; i <= 8; i++) {
    adapters[`lora-${i}`] = await randomAdapter(plain, 'lora', { r: 8 }, i);
    adapters[`soft-${i}`] = await randomAdapter(plain, 'prompt-tuning', { numVirtualTokens: 20 }, i);
    loras.push(`lora-${i}`);
    softs.push(`soft-${i}`);
    loraFiles.push(join(scratch, `lora-${i}.gguf`));
    await exportAsGguf(adapters[`lora-${i}`]!, plain, loraFiles.at(-1)!);
  }
  const python = peerPython(['torch', 'transformers']);
  const batches = join(scratch, 'served-prompts.json');
  writeFileSync(batches, JSON.stringify(counts.map((count) => prompts.slice(0, count))));

  const rows: Row[] = [];
  const targets: Target[] = [];
  let [hasLlama, versions] = [false, ''];
  for (const { title, dtype, gguf } of precisions) {
    const model = await loadModel(folder, folder, { dtype, cacheDir: join(scratch, 'precision') });
    const file = join(scratch, `served-${gguf}.gguf`);
    await exportModelAsGguf({ model: plain, tokenizer, output: file, dtype: gguf });
    const engine = await createEngine({ model, tokenizer, adapters, threads });
    const llama = await loadLlama(file);
    hasLlama = llama !== undefined;
    const transformers =
      python && dtype === 'fp32'
        ? await startPeer<{ seconds: number; first: number }>(
            python,
            join(peers, 'transformers_generate.py'),
            [folder, batches, `${newTokens}`, `${threads}`],
          )
        : undefined;
    versions ||= transformers?.versions ?? '';

    const here =
      (count: number, ids: readonly string[] = []): Serve =>
      () =>
        Promise.all(
          prompts
            .slice(0, count)
            .map((prompt, i) => timed(engine, { model: ids[i], prompt, maxNewTokens: newTokens })),
        );
    const there =
      (count: number, files?: readonly string[]): Serve =>
      () =>
        llamaTimelines(llama!, { prompts: prompts.slice(0, count), newTokens, threads, loras: files });
    const measure = async (name: string, count: number, cases: Partial<Record<Peer, Serve>>) => {
      console.error(`  ${title}, ${name} …`);
      const { row, times } = await compared(count, cases);
      rows.push({ case: `${title}, ${name}`, threads, ...row });
      return times;
    };
    for (const [i, count] of counts.entries())
      await measure(count === 1 ? '1 client' : `${count} clients`, count, {
        here: here(count),
        ...(llama && { 'llama.cpp': there(count) }),
        ...(transformers && {
          transformers: async () => {
            const { seconds, first } = await transformers.ask(i);
            return Array.from({ length: count }, () => ({ sent: 0, tokens: [1000 * first, 1000 * seconds] }));
          },
        }),
      });
    const times = await measure('8 clients with 8 LoRAs', 8, {
      here: here(8, loras),
      ...(llama && { 'llama.cpp': there(8, loraFiles) }),
    });
    await measure('8 clients with 8 soft prompts', 8, { here: here(8, softs) });
    const [mine, theirs] = [times.here!, times['llama.cpp']];
    if (theirs)
      targets.push({
        name: `8 clients with 8 LoRAs, ${title}: over llama.cpp`,
        value: theirs.median / mine.median,
        unit: '×',
        atLeast: 1,
      });
    transformers?.stop();
    await llama?.dispose();
    await engine.dispose();
  }
  return {
    rows,
    targets,
    notes: [
      `GPT-2 small's shape, 32 tokens of prompt, ${newTokens} new ones, greedy; ms until the first token of a client.`,
      'llama.cpp (node-llama-cpp; Q8_0, Q4_1) has one batch for all clients, but a context for each LoRA, one after the other, and no soft prompts; transformers generates a batch that is whole from the start.',
      ...(hasLlama
        ? []
        : ['PROMPTUNE_PEER_LLAMA names no folder with node-llama-cpp: llama.cpp is left out.']),
      versions || 'No Python with transformers: it is left out.',
    ],
  };
};

/** The tokens per second of each peer for `count` clients, and how long they wait for their first token. */
async function compared(count: number, cases: Partial<Record<Peer, Serve>>) {
  const first: Partial<Record<Peer, number[]>> = {};
  const timedCases = Object.entries(cases).map(([peer, serve]) => {
    const run = async () => {
      const timelines = await serve();
      first[peer as Peer] = [...(first[peer as Peer] ?? []), ...firstTokens(timelines)];
      return secondsOfAll(timelines);
    };
    return [peer, run] as const;
  });
  const times: Partial<Record<Peer, Times>> = await interleave(3, Object.fromEntries(timedCases));
  const each = Object.entries(times) as [Peer, Times][];
  const row: Row = {
    ...Object.fromEntries(
      each.map(([peer, { median }]) => [
        peer === 'here' ? 'tokens/s, here' : peer,
        (count * newTokens) / median,
      ]),
    ),
    ...Object.fromEntries(
      each.flatMap(([peer]) => {
        const waits = first[peer]!.slice(count); // without the first round, which warms up
        return [
          [`p50 ms, ${peer}`, quantile(waits, 0.5)],
          [`p99 ms, ${peer}`, quantile(waits, 0.99)],
        ];
      }),
    ),
  };
  return { row, times };
}
