/**
 * @file Whether llama.cpp generates the same tokens with the GGUF files that Promptune writes: the bundled model, a
 *   LoRA beside it, and the LoRA merged into its weights. Exits with code 1 if one differs.
 *
 * npm install --prefix DIR --ignore-scripts --omit=optional node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1
 * npx tsx tools/conformance/check-llama-cpp.ts DIR
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Adapter,
  createTextGenerator,
  exportAsGguf,
  exportModelAsGguf,
  fromPretrained,
  trainAdapter,
} from 'promptune';

const prompts = ['A cute cat', 'Every morning', '每天早上', 'Hello, world! 12 345'];
const maxNewTokens = 24;

/** The part of node-llama-cpp's API used here; it is installed for this check only. */
interface LlamaModel {
  tokenize(text: string): number[];
  detokenize(tokens: readonly number[]): string;
  isEogToken(token: number): boolean;
  createContext(options: object): Promise<{
    getSequence(): { evaluate(ids: number[], options: object): AsyncIterable<number>; dispose(): void };
    dispose(): Promise<void>;
  }>;
}
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('give the folder that node-llama-cpp was installed in');
const library = join(resolve(directory), 'node_modules/node-llama-cpp/dist/index.js');
const { getLlama } = await import(pathToFileURL(library).href);
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });

const { model, tokenizer } = await fromPretrained('promptune-mini');
const folder = await mkdtemp(join(tmpdir(), 'promptune-llama-cpp-'));
const path = (name: string) => join(folder, name);
try {
  const { adapter } = await trainAdapter({
    model,
    tokenizer,
    data: Array.from({ length: 40 }, (_, i) => ({ text: `A cute cat, number ${i}, sleeps on the mat.` })),
    method: 'lora',
    methodOptions: { useRslora: true, loraAlpha: 16, rankPattern: { c_fc: 4 } },
    learningRate: 0.01,
    maxSteps: 20,
  });
  await exportModelAsGguf({ model, tokenizer, output: path('base.gguf'), dtype: 'float32' });
  await exportAsGguf(adapter, model, path('lora.gguf'));
  await exportModelAsGguf({ model, tokenizer, adapter, output: path('merged.gguf'), dtype: 'float32' });

  const base = await ours();
  const learned = await ours(adapter);
  report('the model', base, await theirs('base.gguf'));
  report('a LoRA', learned, await theirs('base.gguf', 'lora.gguf'));
  report('a merged model', learned, await theirs('merged.gguf'));
  if (base.join() === learned.join()) throw new Error('the LoRA changes nothing, so nothing was compared');
} finally {
  await llama.dispose();
  await rm(folder, { recursive: true, force: true });
}

async function ours(adapter?: Adapter): Promise<string[]> {
  await using generator = createTextGenerator({ model, tokenizer, adapter });
  return (await generator.generate(prompts, { maxNewTokens })).map(({ text }) => text);
}

async function theirs(file: string, lora?: string): Promise<string[]> {
  const loaded: LlamaModel = await llama.loadModel({ modelPath: path(file) });
  const context = await loaded.createContext({
    contextSize: 256,
    threads: 2,
    ...(lora && { lora: { adapters: [{ filePath: path(lora) }] } }),
  });
  const texts: string[] = [];
  for (const prompt of prompts) {
    const sequence = context.getSequence();
    const tokens: number[] = [];
    for await (const token of sequence.evaluate(loaded.tokenize(prompt), { temperature: 0 })) {
      if (loaded.isEogToken(token) || tokens.length === maxNewTokens) break;
      tokens.push(token);
    }
    texts.push(loaded.detokenize(tokens));
    sequence.dispose();
  }
  await context.dispose();
  return texts;
}

function report(name: string, expected: readonly string[], found: readonly string[]): void {
  const different = expected.findIndex((text, i) => text !== found[i]);
  console.log(`${name}: ${different < 0 ? `${expected.length} texts agree` : 'DIFFERS'}`);
  if (different < 0) return;
  console.log(
    `   here       ${JSON.stringify(expected[different])}\n   llama.cpp  ${JSON.stringify(found[different])}`,
  );
  process.exitCode = 1;
}
