/** @file What `browser` measures in Node.js and in a page: a run with promptune-mini, and a text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Steps that are not measured: WebAssembly is compiled meanwhile. */
export const warmUpSteps = 60;

/** The run of presets/recommend-zh.yaml, without validation. */
export const runOptions = (root: string) => ({
  data: readFileSync(join(root, 'presets/recommend-zh.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line)),
  method: 'prompt-tuning' as const,
  methodOptions: { initText: '我喜欢苹果和梨。我想要桃子。' },
  template: "{{ soft(10) }}我喜欢{{ likes | join('和') }}。我想要",
  completionTemplate: '{{ recommendation }}',
  learningRate: 0.03,
  batchSize: 4,
  maxSteps: 2 * warmUpSteps,
});

export const prompt = '我喜欢苹果和梨。我想要';
export const generation = { maxNewTokens: 128, eosTokenId: [] as number[] };

/** The costs of a run and of a text on so many threads. */
export interface RunCosts {
  readonly losses: readonly number[];
  readonly ids: readonly number[];
  /** Of the first step, and the median of those that count. */
  readonly firstSeconds: number;
  readonly stepSeconds: number;
  /** Of all threads. */
  readonly stepCpuSeconds: number;
  readonly tokenSeconds: number;
  readonly tokenCpuSeconds: number;
}

/** Products of a step of promptune-mini on 72 vectors, in sizes that the tile of `productModule` divides. */
export const productShapes = [
  { rows: 72, depth: 256, columns: 1020 },
  { rows: 72, depth: 1024, columns: 252 },
  { rows: 30, depth: 256, columns: 7992 },
] as const;
