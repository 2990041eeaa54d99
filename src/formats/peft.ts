/**
 * @file An adapter's files as Hugging Face PEFT lays them out: adapter_config.json, adapter_model.safetensors,
 *   README.md. What the tensors mean is the methods' business.
 */
import { FileError } from '../errors.js';
import type { PeftContent } from './adapter-content.js';
import type { FilesInPieces } from './adapter-files.js';
import { type JsonObject, sortKeys } from './json.js';
import { safetensorsChunks } from './safetensors.js';

/**
 * @param where the adapter's folder
 * @throws FileError where the configuration does not say what kind of adapter it is
 */
export function parsePeft(
  where: string,
  config: Readonly<JsonObject>,
  tensors: Pick<PeftContent, 'tensors' | 'trainable'>,
): PeftContent {
  const { peft_type } = config;
  if (typeof peft_type !== 'string')
    throw new FileError(
      `${where}/adapter_config.json`,
      'peft_type',
      'it is missing; every PEFT adapter has it',
    );
  return { form: 'peft', where, config: { ...config, peft_type }, ...tensors };
}

/**
 * The files of an adapter that PEFT loads. The keys of adapter_config.json are sorted and, as in every file of
 * PEFT's, `inference_mode` is true.
 */
export function peftFiles({ config, tensors, trainable }: PeftContent): FilesInPieces {
  const saved = { ...config, inference_mode: true };
  return new Map<string, string | readonly Uint8Array[]>([
    ['adapter_config.json', JSON.stringify(saved, sortKeys, 2)], // as PEFT: no newline at the end
    ['adapter_model.safetensors', safetensorsChunks(tensors)],
    ...(trainable ? [['trainable.safetensors', safetensorsChunks(trainable)] as const] : []),
    ['README.md', modelCard(saved)],
  ]);
}

/** Whether a README.md is the one that every adapter is saved with, and nobody has changed. */
export function isOwnCard(readme: string, { config }: PeftContent): boolean {
  return readme === modelCard(config);
}

/** The front matter by which the Hugging Face Hub knows an adapter and its base model. */
function modelCard(config: Readonly<Record<string, unknown>>): string {
  const base =
    typeof config.base_model_name_or_path === 'string' ? config.base_model_name_or_path : undefined;
  const lines = [
    '---',
    ...(base ? [`base_model: ${JSON.stringify(base)}`] : []),
    'library_name: peft',
    ...(config.task_type === 'CAUSAL_LM' ? ['pipeline_tag: text-generation'] : []),
    'tags:',
    ...(base ? [`- ${JSON.stringify(`base_model:adapter:${base}`)}`] : []),
    '- promptune',
    '---',
    '',
    `A ${String(config.peft_type)} adapter${base ? ` for ${base}` : ''}, learned with Promptune.`,
    '',
  ];
  return lines.join('\n');
}
