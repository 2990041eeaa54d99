/**
 * @file llama.cpp by node-llama-cpp, from the folder that PROMPTUNE_PEER_LLAMA names:
 *   npm install --prefix DIR --ignore-scripts --omit=optional node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Timeline } from '../serving.js';

interface LlamaContext {
  getSequence(): {
    evaluate(ids: readonly number[], options: object): AsyncIterable<number>;
    dispose(): void;
  };
  dispose(): Promise<void>;
}

export interface LlamaModel {
  createContext(options: object): Promise<LlamaContext>;
  dispose(): Promise<void>;
}

/** Loads a GGUF file; undefined without the library. */
export async function loadLlama(file: string): Promise<LlamaModel | undefined> {
  const folder = process.env.PROMPTUNE_PEER_LLAMA;
  const library = folder && join(resolve(folder), 'node_modules/node-llama-cpp/dist/index.js');
  if (!library || !existsSync(library)) return undefined;
  const { getLlama } = await import(pathToFileURL(library).href);
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });
  return llama.loadModel({ modelPath: file });
}

export interface LlamaLoad {
  readonly prompts: readonly (readonly number[])[];
  readonly newTokens: number;
  readonly threads: number;
  /** LoRA of each prompt in a GGUF file. Prompts with different ones need contexts of their own. */
  readonly loras?: readonly string[];
}

/**
 * Continues all prompts at once, with the most likely tokens: in one batch or, where there are LoRAs, in a context for
 * each prompt, one after the other. Making the contexts is not counted.
 */
export async function llamaTimelines(
  model: LlamaModel,
  { prompts, newTokens, threads, loras }: LlamaLoad,
): Promise<Timeline[]> {
  const length = Math.max(...prompts.map(({ length }) => length)) + newTokens + 8;
  const groups = loras ? prompts.map((prompt, i) => ({ own: [prompt], lora: loras[i] })) : [{ own: prompts }];
  const contexts: LlamaContext[] = [];
  for (const { own, ...group } of groups)
    contexts.push(
      await model.createContext({
        ...{ contextSize: length, sequences: own.length, threads, batchSize: 512 },
        ...('lora' in group && { lora: { adapters: [{ filePath: group.lora }] } }),
      }),
    );
  const sent = performance.now();
  const timelines: Timeline[] = [];
  for (const [i, { own }] of groups.entries()) {
    const continued = own.map(async (prompt): Promise<Timeline> => {
      const sequence = contexts[i]!.getSequence();
      const tokens: number[] = [];
      for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true }))
        if (tokens.push(performance.now()) === newTokens) break;
      sequence.dispose();
      return { sent, tokens };
    });
    timelines.push(...(await Promise.all(continued)));
  }
  for (const context of contexts) await context.dispose();
  return timelines;
}
