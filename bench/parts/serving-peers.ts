/**
 * @file `servingPeers`: clients at once on our engine, on llama.cpp and on transformers, each with the same model in
 *   float32, alternating. Adapters are LoRAs, which all of them have.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { exportAsGguf } from '../../src/adapters/export-gguf.js';
import { exportModelAsGguf } from '../../src/adapters/export-model-gguf.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createEngine } from '../../src/serving/index.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { randomPrompts } from '../decoding.js';
import { writeGpt2Tokenizer } from '../gpt2-tokenizer.js';
import { interleave } from '../measure.js';
import type { Part } from '../part.js';
import { llamaSeconds, loadLlama } from '../peers/llama-cpp.js';
import { peerPython, startPeer } from '../peers/peer-process.js';
import type { Row } from '../report.js';
import { randomAdapter, timed } from '../serving.js';

const newTokens = 24;
const counts = [1, 4, 8, 16];
const threads = availableParallelism();

type Cases = Record<string, () => Promise<unknown>>;

export const servingPeers: Part = async ({ model: folder, peers, scratch }) => {
  writeGpt2Tokenizer(folder, join(peers, '../../test/golden/tokenizers'));
  const model = await loadModel(folder);
  const tokenizer = await loadTokenizer(folder);
  const file = join(scratch, 'served.gguf');
  await exportModelAsGguf({ model, tokenizer, output: file, dtype: 'float32' });
  const names = Array.from({ length: 8 }, (_, i) => `lora-${i}`);
  const adapters = Object.fromEntries(
    await Promise.all(
      names.map(async (name, i) => [name, await randomAdapter(model, 'lora', { r: 8 }, i + 1)] as const),
    ),
  );
  const loras = names.map((name) => join(scratch, `${name}.gguf`));
  for (const [i, name] of names.entries()) await exportAsGguf(adapters[name]!, model, loras[i]!);

  const prompts = randomPrompts(model, 16, 32);
  const engine = await createEngine({ model, tokenizer, adapters, threads });
  const llama = await loadLlama(file);
  const python = peerPython(['torch', 'transformers']);
  const batches = join(scratch, 'served-prompts.json');
  writeFileSync(batches, JSON.stringify(counts.map((count) => prompts.slice(0, count))));
  const transformers = python
    ? await startPeer<{ seconds: number }>(python, join(peers, 'transformers_generate.py'), [
        ...[folder, batches, `${newTokens}`, `${threads}`],
      ])
    : undefined;

  const ours = (some: readonly (readonly number[])[], ids: readonly (string | undefined)[]) =>
    Promise.all(some.map((prompt, i) => timed(engine, { model: ids[i], prompt, maxNewTokens: newTokens })));
  const rows: Row[] = [];
  const speeds = (name: string, count: number, times: Record<string, { median: number }>) => {
    const speed = Object.entries(times).map(([peer, each]) => [peer, (count * newTokens) / each.median]);
    rows.push({ case: name, ...Object.fromEntries(speed) });
  };
  for (const [i, count] of counts.entries()) {
    const some = prompts.slice(0, count);
    const cases: Cases = { 'tokens/s, here': () => ours(some, []) };
    if (llama) cases['llama.cpp'] = () => llamaSeconds(llama, { prompts: some, newTokens, threads });
    if (transformers) cases.transformers = async () => (await transformers.ask(i)).seconds;
    speeds(`${count} ${count === 1 ? 'client' : 'clients'}`, count, await interleave(2, cases));
  }
  const eight = prompts.slice(0, 8);
  const cases: Cases = { 'tokens/s, here': () => ours(eight, names) };
  if (llama) cases['llama.cpp'] = () => llamaSeconds(llama, { prompts: eight, newTokens, threads, loras });
  const times = await interleave(2, cases);
  speeds('8 clients with 8 LoRAs', 8, times);
  transformers?.stop();
  await llama?.dispose();
  await engine.dispose();

  const [mine, theirs] = [times['tokens/s, here']!, times['llama.cpp']];
  return {
    rows,
    ...(theirs && {
      targets: [
        {
          name: '8 clients with 8 LoRAs: over llama.cpp',
          value: theirs.median / mine.median,
          unit: '×',
          atLeast: 1,
        },
      ],
    }),
    notes: [
      `GPT-2 small's shape, float32, ${threads} threads, 32 tokens of prompt, ${newTokens} new ones, greedy. They take turns.`,
      'llama.cpp (node-llama-cpp) has one batch for all clients, but a context for each LoRA; transformers generates a batch that is whole from the start.',
      ...(llama ? [] : ['PROMPTUNE_PEER_LLAMA names no folder with node-llama-cpp: llama.cpp is left out.']),
      ...(python ? [transformers!.versions] : ['No Python with transformers: it is left out.']),
    ],
  };
};
