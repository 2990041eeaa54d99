/** @file Whether there is a GPU for tests, and small models for it. */
import { join } from 'node:path';
import { writeJsonAtomic } from '../../src/formats/files.js';
import { writeSafetensors } from '../../src/formats/safetensors.js';
import { input, matmul, toOnnx } from '../../src/graph/index.js';
import { familyOf } from '../../src/models/families.js';
import { seededRandom } from '../../src/random.js';
import { Session } from '../../src/runtime/index.js';
import { float32Tensor } from '../../src/tensor.js';

/** Whether ONNX Runtime finds a GPU, be it one in software. */
export async function isGpuThere(): Promise<boolean> {
  const x = input('x', 'float32', [1, 1]);
  try {
    const session = await Session.create(toOnnx({ y: matmul(x, x) }).bytes, { device: 'webgpu' });
    await session.dispose();
    return true;
  } catch (error) {
    console.log(`no GPU: ${(error as Error).message}`);
    return false;
  }
}

/** Wide enough for matrices in blocks of 4 bits. */
export const configs: Record<string, Record<string, unknown>> = {
  gpt2: { model_type: 'gpt2', vocab_size: 80, n_embd: 64, n_layer: 2, n_head: 2, n_positions: 64 },
  llama: {
    model_type: 'llama',
    vocab_size: 80,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 64,
  },
  t5: {
    model_type: 't5',
    vocab_size: 80,
    d_model: 64,
    d_kv: 16,
    d_ff: 128,
    num_layers: 2,
    num_heads: 4,
    decoder_start_token_id: 0,
  },
};

/** A model with random weights. */
export async function writeModel(folder: string, config: Record<string, unknown>): Promise<void> {
  const { parameters } = familyOf({ config, configPath: 'config.json' } as never).configure(
    config,
    'config.json',
  );
  const random = seededRandom(1);
  const tensors = [...parameters].map(([name, shape]) => {
    const isScale = shape.length === 1 && name.endsWith('weight');
    const tensor = float32Tensor(shape);
    for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = Number(isScale) + 0.1 * random.normal();
    return [name, tensor] as const;
  });
  await writeJsonAtomic(join(folder, 'config.json'), config);
  await writeSafetensors(join(folder, 'model.safetensors'), new Map(tensors));
}
