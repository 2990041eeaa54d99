/**
 * @file `llamaCpp`: the same GGUF file here, in llama.cpp and in transformers: one stream, a batch of 8, and a prompt
 *   of 512. `--gguf` names the file; the default is a random model of GPT-2 small's shape in Q8_0.
 */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exportModelAsGguf } from '../../src/adapters/export-model-gguf.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { randomPrompts, secondsPerStep } from '../decoding.js';
import { writeGpt2Tokenizer } from '../gpt2-tokenizer.js';
import { interleave, type Times } from '../measure.js';
import type { Context, Part } from '../part.js';
import { type LlamaLoad, llamaTimelines, loadLlama } from '../peers/llama-cpp.js';
import { peerPython, startPeer } from '../peers/peer-process.js';
import { comparedThreads } from '../peers/threads.js';
import type { Row } from '../report.js';
import { cpuSecondsOf, secondsOfAll, secondsPerToken } from '../serving.js';

const newTokens = 32;

export const llamaCpp: Part = async (context) => {
  const file = context.gguf ?? (await exported(context));
  const llama = await loadLlama(file);
  if (!llama) {
    const note = 'PROMPTUNE_PEER_LLAMA names no folder with node-llama-cpp: nothing is compared';
    return { rows: [], notes: [note] };
  }
  const threads = await comparedThreads();
  const dtype = /q4/i.test(basename(file)) ? 'q4' : /q8/i.test(basename(file)) ? 'q8' : 'fp32';
  const model = await loadModel(file, file, { dtype, cacheDir: join(context.scratch, 'llama-cpp') });
  const decoder = await createModelDecoder({ model, threads });
  const single = await createModelDecoder({ model, threads: 1 });
  const shapes = { one: [1, 32], eight: [8, 32], prefill: [1, 512] } as const;
  const prompts = Object.values(shapes).map(([count, length]) => randomPrompts(model, count, length));
  const [one, eight, long] = prompts as [number[][], number[][], number[][]];
  const python = peerPython(['torch', 'transformers', 'gguf']);
  const batches = join(context.scratch, 'llama-cpp-prompts.json');
  writeFileSync(batches, JSON.stringify(prompts));
  const transformers = python
    ? await startPeer<{ seconds: number; first: number }>(
        python,
        join(context.peers, 'transformers_generate.py'),
        [file, batches, `${newTokens}`, `${threads}`],
      )
    : undefined;

  const prefill = async (on: typeof decoder) => {
    await on.reorder([]);
    await on.admit([{ ids: long[0]! }], 1);
  };
  const theirs = (load: Pick<LlamaLoad, 'prompts' | 'newTokens'>, on = threads) =>
    llamaTimelines(llama, { ...load, threads: on });
  const theirStep = async (some: number[][]) => secondsPerToken(await theirs({ prompts: some, newTokens }));
  /** CPU seconds of a step, the prefill not counted. */
  const cpuPerStep = async (run: (newTokens: number) => Promise<unknown>) =>
    (-(await cpuSecondsOf(() => run(2))) + (await cpuSecondsOf(() => run(2 + newTokens)))) / newTokens;
  const cpuOurs = (some: number[][]) =>
    cpuPerStep((maxNewTokens) => secondsPerStep(single, some, { maxNewTokens }));
  const cpuTheirs = (some: number[][]) =>
    cpuPerStep((count) => theirs({ prompts: some, newTokens: count }, 1));
  const clock = await interleave(5, {
    oneHere: () => secondsPerStep(decoder, one, { maxNewTokens: newTokens }),
    oneThere: () => theirStep(one),
    eightHere: () => secondsPerStep(decoder, eight, { maxNewTokens: newTokens }),
    eightThere: () => theirStep(eight),
    prefillHere: () => prefill(decoder),
    prefillThere: async () => secondsOfAll(await theirs({ prompts: long, newTokens: 1 })),
  });
  const cpu = await interleave(3, {
    oneHere: () => cpuOurs(one),
    oneThere: () => cpuTheirs(one),
    eightHere: () => cpuOurs(eight),
    eightThere: () => cpuTheirs(eight),
    prefillHere: () => cpuSecondsOf(() => prefill(single)),
    prefillThere: () => cpuSecondsOf(() => theirs({ prompts: long, newTokens: 1 }, 1)),
  });
  const peer: Partial<Record<keyof typeof shapes, Times>> =
    (transformers &&
      (await interleave(2, {
        one: async () => stepOf(await transformers.ask(0)),
        eight: async () => stepOf(await transformers.ask(1)),
        prefill: async () => (await transformers.ask(2)).first,
      }))) ||
    {};
  transformers?.stop();
  for (const each of [decoder, single, llama]) await each.dispose();

  const row = (name: string, shape: keyof typeof shapes, tokens: number): Row => {
    const [here, there] = [clock[`${shape}Here`], clock[`${shape}There`]];
    const [cpuHere, cpuThere] = [cpu[`${shape}Here`], cpu[`${shape}There`]];
    return {
      case: name,
      threads,
      'tokens/s, here': tokens / here.median,
      'llama.cpp': tokens / there.median,
      ...(peer[shape] && { 'transformers, float32': tokens / peer[shape].median }),
      '× llama.cpp': there.median / here.median,
      'CPU ms per token, here': (1000 * cpuHere.median) / tokens,
      'CPU ms, llama.cpp': (1000 * cpuThere.median) / tokens,
      '× by CPU time': cpuThere.median / cpuHere.median,
    };
  };
  return {
    rows: [row('one stream', 'one', 1), row('batch of 8', 'eight', 8), row('prefill of 512', 'prefill', 512)],
    notes: [
      `${basename(file)}, kept as ${dtype} here; 32 tokens of prompt, ${newTokens} new ones, greedy; prefills are not counted. They take turns.`,
      'CPU time is that of one thread: it hardly depends on other work of the machine. The peer is node-llama-cpp, with its own costs per token.',
      ...(transformers ? [transformers.versions] : ['No Python with transformers and gguf: it is left out.']),
    ],
  };
};

const stepOf = ({ seconds, first }: { seconds: number; first: number }) =>
  (seconds - first) / (newTokens - 1);

async function exported({ model: folder, peers, scratch }: Context): Promise<string> {
  writeGpt2Tokenizer(folder, join(peers, '../../test/golden/tokenizers'));
  const output = join(scratch, 'gpt2-small-q8_0.gguf');
  const [model, tokenizer] = [await loadModel(folder), await loadTokenizer(folder)];
  await exportModelAsGguf({ model, tokenizer, output, dtype: 'q8_0' });
  return output;
}
