/**
 * @file The addresses of the package's files, beside this one or in packages next to it. Each stands here as bundlers
 *   find it: Vite and webpack put a copy into what they build, and without a bundler it is an address as it is.
 */
import type { RuntimeBuild } from '../runtime/web/engine-thread.js';

/** Where the files are that are fetched at run time. */
export interface BrowserFiles {
  /** The script of the library's worker, and that of the engine's. Workers must be of the page's own origin. */
  readonly worker: string;
  readonly engine: string;
  /** What unpacks pages of Parquet files. */
  readonly compressors: string;
  /** What the library says in Chinese. */
  readonly chinese: string;
  /** onnxruntime-web's builds: for the CPU, for the GPU, and for the GPU of browsers without JSPI. */
  readonly runtime: Readonly<Record<'cpu' | 'jspi' | 'asyncify', RuntimeBuild>>;
  /** The files of promptune-mini by their names. */
  readonly mini: Readonly<Record<string, string>>;
}

export const defaultFiles = (): BrowserFiles => ({
  worker: new URL('./worker.js', import.meta.url).href,
  engine: new URL('./engine.js', import.meta.url).href,
  compressors: new URL('./compressors.js', import.meta.url).href,
  chinese: new URL('./chinese.js', import.meta.url).href,
  runtime: {
    cpu: {
      api: new URL('../../../onnxruntime-web/dist/ort.wasm.min.mjs', import.meta.url).href,
      mjs: new URL('../../../onnxruntime-web/dist/ort-wasm-simd-threaded.mjs', import.meta.url).href,
      wasm: new URL('../../../onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', import.meta.url).href,
    },
    jspi: {
      api: new URL('../../../onnxruntime-web/dist/ort.jspi.min.mjs', import.meta.url).href,
      mjs: new URL('../../../onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.mjs', import.meta.url).href,
      wasm: new URL('../../../onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.wasm', import.meta.url).href,
    },
    asyncify: {
      api: new URL('../../../onnxruntime-web/dist/ort.webgpu.min.mjs', import.meta.url).href,
      mjs: new URL('../../../onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs', import.meta.url).href,
      wasm: new URL('../../../onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url)
        .href,
    },
  },
  mini: {
    'config.json': new URL('../../models/promptune-mini/config.json', import.meta.url).href,
    'model.safetensors': new URL('../../models/promptune-mini/model.safetensors', import.meta.url).href,
    'tokenizer.json': new URL('../../models/promptune-mini/tokenizer.json', import.meta.url).href,
    'tokenizer_config.json': new URL('../../models/promptune-mini/tokenizer_config.json', import.meta.url)
      .href,
  },
});
