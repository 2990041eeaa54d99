/**
 * @file The files beside the page with which it learns by itself, as src/studio/static-page.ts puts them:
 *   promptune/browser, ONNX Runtime, promptune-mini, and what a server would say of methods and presets.
 */
import type * as Library from 'promptune/browser';
import type { Language } from '../../messages/messages.svelte.js';
import type { MethodCosts, Methods, Presets } from '../backend.js';

const at = (name: string) => new URL(`./engine/${name}`, document.baseURI).href;

const json = async <T>(name: string): Promise<T> => (await fetch(at(name))).json() as Promise<T>;

export const methodsFile = () => json<Methods>('methods.json');
export const costsFile = () => json<MethodCosts>('costs.json');
export const presetsFile = () => json<Presets>('presets.json');
export const versionFile = () => json<{ version: string }>('version.json');

/** @param device `auto`: the GPU where the browser gives one */
export async function startEngine(device: 'auto' | 'cpu', language: Language): Promise<Library.Promptune> {
  const { startPromptune } = (await import(/* @vite-ignore */ at('index.js'))) as typeof Library;
  const build = (api: string, kind: string) => ({
    api: at(`ort.${api}.min.mjs`),
    mjs: at(`ort-wasm-simd-threaded${kind}.mjs`),
    wasm: at(`ort-wasm-simd-threaded${kind}.wasm`),
  });
  const mini = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
  return startPromptune({
    ...{ device, language },
    files: {
      runtime: {
        cpu: build('wasm', ''),
        jspi: build('jspi', '.jspi'),
        asyncify: build('webgpu', '.asyncify'),
      },
      mini: Object.fromEntries(mini.map((name) => [name, at(`promptune-mini/${name}`)])),
    },
  });
}
