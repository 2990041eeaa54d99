/**
 * @file What the fields of a LoRA's adapter_config.json say of its tensors, as PEFT 0.21 takes them. Fields that would
 * change the result in a way not supported here are refused by name; those that PEFT ignores are ignored.
 */
import { z } from 'zod';
import { FileError } from '../../errors.js';
import { type AdapterContent, configPath, type PeftContent } from '../../formats/adapter-content.js';
import { configFields, refuseFields } from './peft-layers.js';

/** With null for a default, as PEFT has it. */
const schema = z.object({
  lora_alpha: z.number().nullish(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.boolean().nullish(),
});

/**
 * The factor of a LoRA's product and its kind, from adapter_config.json.
 * @throws FileError for a field that is of another type, or that changes the result in a way not supported here
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
  const { lora_alpha, alpha_pattern, use_rslora, use_dora } = configFields(files, schema);
  return {
    loraAlpha: lora_alpha ?? 8,
    alphaPattern: alpha_pattern ?? {},
    useRslora: use_rslora ?? false,
    useDora: use_dora ?? false,
  };
}

/**
 * Starts by which PEFT changes the base weights whenever it loads the adapter, in the middle of which its tensors
 * stand.
 */
const changesBase = /^(?:pissa.*|corda.*|olora|mica|loftq|lora_ga)$/i;
const leavesBase = /^(?:gaussian|eva|orthogonal)$/i;

/**
 * PiSSA, OLoRA and others start from parts of the weights, and take these parts out of the base model: W becomes W −
 * s·BA with A and B at their start (PiSSA: arXiv:2404.02948). PEFT does so again with every load, so the tensors
 * alone, over the weights as they are, mean something else.
 * @throws FileError for such an adapter
 */
export function refuseBaseChange(content: AdapterContent): void {
  if (content.form !== 'peft' || content.config.peft_type !== 'LORA') return;
  const start = content.config.init_lora_weights;
  if (start === undefined || start === null || typeof start === 'boolean') return;
  if (typeof start === 'string' && leavesBase.test(start)) return;
  const problem =
    typeof start === 'string' && changesBase.test(start)
      ? `${JSON.stringify(start)} changes the base model's weights when PEFT loads the adapter, which is not supported; ` +
        'save it in PEFT as a plain LoRA (save_pretrained with path_initial_model_for_weight_conversion)'
      : `${JSON.stringify(start)} is not known; expected true, false, gaussian, eva or orthogonal`;
  throw new FileError(configPath(content), 'init_lora_weights', problem);
}

/** What the factor s of a LoRA's product follows from. */
interface Scaling {
  readonly loraAlpha: number;
  readonly alphaPattern: Readonly<Record<string, number>>;
  readonly useRslora: boolean;
}

/** PEFT's rule: the first pattern that fits the name from its start, or from after a dot, to its end. */
export function byPattern<T>(patterns: Readonly<Record<string, T>>, name: string, otherwise: T): T {
  const found = Object.entries(patterns).find(([pattern]) =>
    new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(name),
  );
  return found ? found[1] : otherwise;
}

/** s of a layer. */
export function scaleOf({ loraAlpha, alphaPattern, useRslora }: Scaling, name: string, rank: number): number {
  return byPattern(alphaPattern, name, loraAlpha) / (useRslora ? Math.sqrt(rank) : rank);
}
