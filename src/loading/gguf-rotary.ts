/**
 * @file The rotary positions of a GGUF file as fields of config.json. Every key below `<architecture>.rope.` is used,
 *   known to have no effect, or refused by name: an ignored one could silently change every answer.
 */
import { FileError } from '../errors.js';
import { say } from '../say.js';
import type { GgufKeys } from './gguf-names.js';

/** Keys that would change the result in unsupported ways, with the values that do not. */
const neutral: Readonly<Record<string, readonly unknown[]>> = {
  'scaling.alpha': [0, 1],
  'scaling.attn_factor': [1],
  'scaling.yarn_log_multiplier': [0],
  'scaling.yarn_ext_factor': [-1, 1],
};

/** Keys that are read here or with the architecture. `finetuned` records how the model was made and changes nothing. */
const used: ReadonlySet<string> = new Set([
  'dimension_count',
  'dimension_count_swa',
  'dimension_sections',
  'freq_base',
  'freq_base_swa',
  'scale_linear',
  'scaling.type',
  'scaling.factor',
  'scaling.original_context_length',
  'scaling.finetuned',
  'scaling.yarn_attn_factor',
  'scaling.yarn_beta_fast',
  'scaling.yarn_beta_slow',
]);

/**
 * `rope_theta`, and `rope_scaling` if positions are scaled; Llama 3's scaling is a tensor, which gguf-model.ts reads.
 * @param headDim size of a head, all of which is rotated
 * @throws FileError for a key that changes the rotation in an unsupported way
 */
export function ggufRotary(
  keys: GgufKeys,
  headDim: number,
  { theta = 10_000, hasLocalBase = false }: { theta?: number; hasLocalBase?: boolean } = {},
): { rope_theta: number; rope_scaling?: Record<string, unknown>; rope_local_base_freq?: number } {
  const start = `${keys.architecture}.rope.`;
  const refuse = (name: string, problem: string) => new FileError(keys.file.path, start + name, problem);
  for (const [key, value] of keys.file.metadata) {
    if (!key.startsWith(start)) continue;
    const name = key.slice(start.length);
    if (neutral[name]?.includes(value) || used.has(name)) continue;
    throw refuse(name, say`${value} changes the rotary positions in a way that is not supported`);
  }
  for (const name of ['dimension_count', 'dimension_count_swa']) {
    const count = keys.optional(`rope.${name}`);
    if (count !== undefined && count !== headDim)
      throw refuse(
        name,
        say`${count} of a head's ${headDim} numbers are rotated, expected all in a
          ${keys.architecture}`,
      );
  }
  const sections = keys.file.metadata.get(`${start}dimension_sections`);
  if (Array.isArray(sections) && sections.some((size) => size !== 0))
    throw refuse('dimension_sections', say`positions in several dimensions are not supported`);
  const local = keys.optional('rope.freq_base_swa');
  const base = keys.number('rope.freq_base', theta);
  if (local !== undefined && !hasLocalBase && local !== base)
    throw refuse('freq_base_swa', say`a ${keys.architecture} has one base for all layers here`);
  return {
    rope_theta: base,
    ...scaling(keys, refuse),
    ...(hasLocalBase && { rope_local_base_freq: local ?? 10_000 }),
  };
}

function scaling(
  keys: GgufKeys,
  refuse: (name: string, problem: string) => FileError,
): { rope_scaling?: Record<string, unknown> } {
  const written = keys.file.metadata.get(`${keys.architecture}.rope.scaling.type`);
  const kind = written ?? 'linear'; // llama.cpp's default if there is a factor
  if (kind === 'none') return {};
  if (kind !== 'linear' && kind !== 'yarn') throw refuse('scaling.type', say`"${kind}" is not supported`);
  const factor = keys.optional('rope.scaling.factor') ?? keys.optional('rope.scale_linear');
  if (factor === undefined && written !== undefined)
    throw refuse('scaling.factor', say`expected the factor of ${written} scaling, found none`);
  if (factor === undefined || factor === 0 || (factor === 1 && kind === 'linear')) return {};
  if (kind === 'linear') return { rope_scaling: { rope_type: kind, factor } };
  const original = keys.optional('rope.scaling.original_context_length');
  const betaFast = keys.optional('rope.scaling.yarn_beta_fast');
  const betaSlow = keys.optional('rope.scaling.yarn_beta_slow');
  const attention = keys.optional('rope.scaling.yarn_attn_factor') ?? 1;
  return {
    rope_scaling: {
      rope_type: kind,
      factor,
      ...(original !== undefined && { original_max_position_embeddings: original }),
      ...(betaFast !== undefined && { beta_fast: betaFast }),
      ...(betaSlow !== undefined && { beta_slow: betaSlow }),
      // llama.cpp multiplies this by YaRN's own factor, 0.1·ln(factor) + 1; config.json has the product.
      ...(attention !== 1 && { attention_factor: attention * (0.1 * Math.log(factor) + 1) }),
    },
  };
}
