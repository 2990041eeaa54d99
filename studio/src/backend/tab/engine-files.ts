/**
 * @file The files beside the page with which it learns by itself, as src/studio/static-page.ts puts them:
 *   promptune/browser, ONNX Runtime for the CPU, promptune-mini, and what a server would say of methods and presets.
 */
import type * as Library from 'promptune/browser';
import type { Methods, Presets } from '../backend.js';

const at = (name: string) => new URL(`./engine/${name}`, document.baseURI).href;

const json = async <T>(name: string): Promise<T> => (await fetch(at(name))).json() as Promise<T>;

export const methodsFile = () => json<Methods>('methods.json');
export const presetsFile = () => json<Presets>('presets.json');
export const versionFile = () => json<{ version: string }>('version.json');

export async function startEngine(): Promise<Library.Promptune> {
  const { startPromptune } = (await import(/* @vite-ignore */ at('index.js'))) as typeof Library;
  const cpu = {
    api: at('ort.wasm.min.mjs'),
    mjs: at('ort-wasm-simd-threaded.mjs'),
    wasm: at('ort-wasm-simd-threaded.wasm'),
  };
  const mini = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
  return startPromptune({
    files: {
      runtime: { cpu, jspi: cpu, asyncify: cpu },
      mini: Object.fromEntries(mini.map((name) => [name, at(`promptune-mini/${name}`)])),
    },
  });
}
