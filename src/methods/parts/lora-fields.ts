/**
 * @file Fields of a LoRA's adapter_config.json, as PEFT 0.21 interprets them. Unsupported fields that would change the
 *   result are refused by name; those that PEFT ignores are ignored.
 */
import * as z from 'zod';
import { FileError } from '../../errors.js';
import { type AdapterContent, configPath, type PeftContent } from '../../formats/adapter-content.js';
import { say } from '../../say.js';
import { byPattern, inConfig } from './name-patterns.js';
import { configFields, refuseFields } from './stored-config.js';

const schema = z.object({
  r: z.int().positive().default(8),
  lora_alpha: z.number().default(8),
  rank_pattern: z.record(z.string(), z.int().positive()).nullish(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.boolean().nullish(),
});

/**
 * The factor and kind of a LoRA, from adapter_config.json.
 * @throws FileError for a field of the wrong type, or one that changes the result in an unsupported way
 */
export function loraFields(files: PeftContent) {
  refuseBaseChange(files);
  refuseFields(files, {
    bias: ['none'],
    lora_bias: [false],
    modules_to_save: [],
    layer_replication: [],
    trainable_token_indices: [],
    target_parameters: [],
    use_qalora: [false],
    use_bdlora: [false],
    alora_invocation_tokens: [],
    arrow_config: [],
    velora_config: [],
    monteclora_config: [],
    kasa_config: [],
  });
  const { r, lora_alpha, use_rslora, use_dora, ...patterns } = configFields(files, schema);
  const alphaOf = byPattern(patterns.alpha_pattern ?? {}, lora_alpha, inConfig(files, 'alpha_pattern'));
  const rankOf = byPattern(patterns.rank_pattern ?? {}, r, inConfig(files, 'rank_pattern'));
  return {
    /** s of a layer. Throws a FileError where the rank of its tensors is not what the configuration says. */
    scaleOf(layer: string, rank: number): number {
      const expected = rankOf(layer);
      if (rank === expected) return scaleOf(alphaOf(layer), rank, use_rslora ?? false);
      const field = expected === r ? 'r' : 'rank_pattern';
      const problem = say`it gives ${layer} the rank ${expected}, but the tensors of this layer have the rank
        ${rank}`;
      throw new FileError(configPath(files), field, problem);
    },
    useDora: use_dora ?? false,
  };
}

/** s of a layer. */
export const scaleOf = (alpha: number, rank: number, useRslora: boolean): number =>
  alpha / (useRslora ? Math.sqrt(rank) : rank);

/** Initializations with which PEFT changes the base weights whenever it loads the adapter. */
const changesBase = /^(?:pissa.*|corda.*|olora|mica|loftq|lora_ga)$/i;
const leavesBase = /^(?:gaussian|eva|orthogonal)$/i;

/**
 * PiSSA, OLoRA and others start from parts of the weights, and subtract them from the base model: W becomes W − s·BA
 * with the initial A and B (PiSSA: arXiv:2404.02948). PEFT does so again at every load, so the tensors mean something
 * else on top of the unchanged weights.
 * @throws FileError for such an adapter
 */
export function refuseBaseChange(content: AdapterContent): void {
  if (content.form !== 'peft' || content.config.peft_type !== 'LORA') return;
  const start = content.config.init_lora_weights;
  if (start === undefined || start === null || typeof start === 'boolean') return;
  if (typeof start === 'string' && leavesBase.test(start)) return;
  const problem =
    typeof start === 'string' && changesBase.test(start)
      ? say`${JSON.stringify(start)} changes the base model's weights when PEFT loads the adapter,
        which is not supported; save it in PEFT as a plain LoRA (save_pretrained with
        path_initial_model_for_weight_conversion)`
      : say`${JSON.stringify(start)} is not supported; expected true, false, gaussian, eva or
        orthogonal`;
  throw new FileError(configPath(content), 'init_lora_weights', problem);
}
