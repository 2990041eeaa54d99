/**
 * @file Hugging Face PEFT's adapter format: adapter_config.json, adapter_model.safetensors, README.md. Methods
 *   interpret the settings and tensors.
 */
import { FileError } from '../errors.js';
import { say } from '../say.js';
import type { PeftContent } from './adapter-content.js';
import type { FilesInPieces } from './adapter-files.js';
import { type JsonObject, sortKeys } from './json.js';
import { safetensorsChunks } from './safetensors.js';

/**
 * @param where the adapter's folder
 * @throws FileError if the configuration lacks the type of the adapter
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
      say`it is missing; every PEFT adapter has it`,
    );
  return { form: 'peft', where, config: { ...config, peft_type }, ...tensors };
}

/**
 * The files of an adapter, for PEFT. The keys of adapter_config.json are sorted and `inference_mode` is true, as in
 * every file that PEFT writes.
 */
export function peftFiles({ config, tensors, trainable }: PeftContent): FilesInPieces {
  const saved = { ...config, inference_mode: true };
  return new Map<string, string | readonly Uint8Array[]>([
    ['adapter_config.json', JSON.stringify(saved, sortKeys, 2)], // like PEFT, no final newline
    ['adapter_model.safetensors', safetensorsChunks(tensors)],
    ...(trainable ? [['trainable.safetensors', safetensorsChunks(trainable)] as const] : []),
    ['README.md', modelCard(saved)],
  ]);
}

/** A README.md whose front matter tells the Hugging Face Hub the base model. */
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
