/** @file The linear layers that a method changes, by PEFT's rules for `target_modules` and its defaults per family. */
import * as z from 'zod';
import { UsageError } from '../../errors.js';
import type { LanguageModel } from '../../models/model.js';
import type { LinearLayer } from '../../models/weights.js';
import { say } from '../../say.js';
import { inOption, namePattern } from './name-patterns.js';

const encoders = {
  lora: ['query', 'value'],
  ia3: ['key', 'value', 'output.dense'],
  feedforward: ['output.dense'],
};
const keyValue = {
  lora: ['q_proj', 'v_proj'],
  ia3: ['k_proj', 'v_proj', 'down_proj'],
  feedforward: ['down_proj'],
};
const queryValue = { ...keyValue, ia3: ['q_proj', 'v_proj', 'down_proj'] };

/** PEFT's default targets by `model_type`. IA3 scales the input of its `feedforward` layers. */
const defaults: Readonly<
  Record<string, { lora: readonly string[]; ia3: readonly string[]; feedforward: readonly string[] }>
> = {
  gpt2: { lora: ['c_attn'], ia3: ['c_attn', 'mlp.c_proj'], feedforward: ['mlp.c_proj'] },
  bert: encoders,
  roberta: encoders,
  llama: keyValue,
  mistral: keyValue,
  qwen2: queryValue,
  qwen3: queryValue,
  gemma: queryValue,
  gemma2: queryValue,
  gemma3_text: queryValue,
  gpt_neox: {
    lora: ['query_key_value'],
    ia3: ['query_key_value', 'dense_4h_to_h'],
    feedforward: ['dense_4h_to_h'],
  },
  opt: { lora: ['q_proj', 'v_proj'], ia3: ['q_proj', 'k_proj', 'fc2'], feedforward: ['fc2'] },
  t5: { lora: ['q', 'v'], ia3: ['k', 'v', 'wo'], feedforward: ['wo'] },
  mt5: { lora: ['q', 'v'], ia3: ['k', 'v', 'wi_1'], feedforward: [] },
  phi: {
    lora: ['q_proj', 'v_proj', 'fc1', 'fc2'],
    ia3: ['q_proj', 'v_proj', 'fc2'],
    feedforward: ['fc2'],
  },
};

export function defaultTargets(model: LanguageModel) {
  const found = defaults[model.config.modelType];
  if (found) return found;
  throw new UsageError(
    say`models of type ${model.config.modelType} have no default layers; set targetModules`,
  );
}

/** Layer names or suffixes, "all-linear", or a regular expression for the whole name. */
export type Targets = string | readonly string[];

export const targetModulesOption = z
  .union([z.array(z.string()).min(1), z.string()])
  .optional()
  .describe(
    'names or suffixes of linear layers, all-linear, or a regular expression (default: those of PEFT for the family)',
  );

/** PEFT's rule: a name matches if it is the target or ends with a dot and the target. */
export const endsWithTarget = (name: string, targets: readonly string[]) =>
  targets.some((target) => name === target || name.endsWith(`.${target}`));

/** The layers of `model` that match `targets`. Throws a UsageError if none does or a pattern is invalid. */
export function targetLayers(model: LanguageModel, targets: Targets): ReadonlyMap<string, LinearLayer> {
  const fits = matcherOf(targets);
  const chosen = new Map([...model.linearLayers].filter(([name]) => fits(name)));
  if (chosen.size > 0) return chosen;
  const known = new Set([...model.linearLayers.keys()].map((name) => name.replace(/^.*\d+\./, '')));
  throw new UsageError(
    say`targetModules ${JSON.stringify(targets)} matches no layer of ${model.name}; its layers have
      ${[...known].join(', ')}`,
  );
}

function matcherOf(targets: Targets): (name: string) => boolean {
  if (`${targets}` === 'all-linear') return () => true;
  if (typeof targets !== 'string') return (name) => endsWithTarget(name, targets);
  return namePattern(targets, inOption('targetModules'));
}
