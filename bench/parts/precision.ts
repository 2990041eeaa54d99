/** @file `precision`: memory and time of models of common sizes, by the number of bits of their matrices. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelDtypes } from '../../src/models/dtype.js';
import { llama } from '../../src/models/llama.js';
import { makeRandomModel, smolLM2 } from '../make-model.js';
import type { Part } from '../part.js';
import type { PrecisionCost } from '../precision-once.js';
import type { Row, Target } from '../report.js';

const script = fileURLToPath(new URL('../precision-once.js', import.meta.url));

/** Fields of config.json. Weights are random, in bfloat16, as such models are published. */
const shapes = {
  '135 M (SmolLM2)': {
    model_type: 'llama',
    ...smolLM2,
  },
  '0.5 B (Qwen2.5)': {
    model_type: 'qwen2',
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
    num_attention_heads: 14,
    num_key_value_heads: 2,
    vocab_size: 151936,
    max_position_embeddings: 32768,
    tie_word_embeddings: true,
  },
  '1.5 B (Qwen2.5)': {
    model_type: 'qwen2',
    hidden_size: 1536,
    intermediate_size: 8960,
    num_hidden_layers: 28,
    num_attention_heads: 12,
    num_key_value_heads: 2,
    vocab_size: 151936,
    max_position_embeddings: 32768,
    tie_word_embeddings: true,
  },
} as const;

/**
 * PROMPTUNE_BENCH_MODELS, such as "135 M,0.5 B", selects some of them, and PROMPTUNE_BENCH_DTYPES, such as "fp32,q4",
 * some precisions. The largest model takes up to 10 GB, mapped weights included.
 */
const selected = (process.env.PROMPTUNE_BENCH_MODELS ?? '').split(',');
const dtypes =
  process.env.PROMPTUNE_BENCH_DTYPES?.split(',') ?? modelDtypes.filter((name) => name !== 'auto');

export const precision: Part = async ({ scratch }) => {
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const [title, shape] of Object.entries(shapes)) {
    if (!selected.some((name) => title.startsWith(name))) continue;
    const folder = join(scratch, title);
    await makeRandomModel(folder, llama, shape, 'bfloat16');
    for (const dtype of dtypes) {
      const cacheDir = join(scratch, 'precision-cache');
      const cost = (job: string): PrecisionCost =>
        JSON.parse(
          execFileSync(process.execPath, [script, folder, dtype, cacheDir, job], { encoding: 'utf8' }),
        );
      cost('load');
      const [train, low, generate] = [cost('train'), cost('train-in-low-memory'), cost('generate')];
      rmSync(cacheDir, { recursive: true, force: true });
      rows.push({
        model: title,
        dtype,
        'weights MB': train.weightBytes / 1e6,
        'training: private MB': train.privateBytes / 1e6,
        'training: peak resident MB': train.peakBytes / 1e6,
        's per step': train.seconds,
        'low memory: private MB': low.privateBytes / 1e6,
        'low memory: peak resident MB': low.peakBytes / 1e6,
        'low memory: s per step': low.seconds,
        'generation: private MB': generate.privateBytes / 1e6,
        'generation: peak resident MB': generate.peakBytes / 1e6,
        'ms per token': 1000 * generate.seconds,
      });
      const target = { unit: 'MB', atMost: 4000 };
      const name = `a soft prompt for ${title.slice(0, 5)} in ${dtype}: peak resident memory`;
      if (title.startsWith('0.5 B')) targets.push({ ...target, name, value: train.peakBytes / 1e6 });
      if (title.startsWith('1.5 B') && dtype === 'q4')
        targets.push({ ...target, name: `${name}, low memory`, value: low.peakBytes / 1e6 });
    }
    rmSync(folder, { recursive: true });
  }
  return { rows, targets };
};
