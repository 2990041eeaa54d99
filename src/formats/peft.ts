/**
 * @file An adapter's folder as Hugging Face PEFT lays it out: adapter_config.json, adapter_model.safetensors, README.md.
 * What the tensors mean is the methods' business.
 */
import { join } from '#platform';
import { FileError } from '../errors.js';
import type { Tensor, TrainableTensors } from '../tensor.js';
import { compositionName } from './composition.js';
import { listFolder, writeFileAtomic, writeFolderAtomic } from './files.js';
import { readJsonObject, sortKeys } from './json.js';
import { readAllFloat32, writeSafetensors } from './safetensors.js';

export interface PeftConfig {
  /** `peft_type`, such as PROMPT_TUNING. */
  readonly peftType: string;
  readonly taskType?: string;
  readonly baseModelNameOrPath?: string;
  /** adapter_config.json as it was read, keys that are not known here included. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface PeftAdapter {
  readonly folder: string;
  readonly config: PeftConfig;
  readonly tensors: TrainableTensors;
  /** What was trained, where PEFT's file has only what came of it: the weights of a prompt's encoder. Not read by PEFT. */
  readonly trainable?: TrainableTensors;
}

const configName = 'adapter_config.json';
const weightsName = 'adapter_model.safetensors';
const trainableName = 'trainable.safetensors';

/** @throws FileError where the folder is no adapter, or one of its files is damaged or in a format that is not read */
export async function readPeftAdapter(folder: string): Promise<PeftAdapter> {
  const names = await listFolder(folder, 'an adapter folder');
  if (names.has(compositionName))
    throw new FileError(
      folder,
      compositionName,
      'these are several adapters; give the folder of one of them',
    );
  if (!names.has(configName))
    throw new FileError(folder, configName, 'the file is missing, so this is not an adapter folder');
  if (!names.has(weightsName)) {
    const problem = names.has('adapter_model.bin')
      ? "this adapter has its tensors in PyTorch's pickle format, which can run code when it is loaded and is not read; save it again in PEFT with safe_serialization=True"
      : 'the file is missing, so the adapter has no tensors';
    throw new FileError(folder, weightsName, problem);
  }
  const raw = await readJsonObject(join(folder, configName));
  if (typeof raw.peft_type !== 'string')
    throw new FileError(join(folder, configName), 'peft_type', 'it is missing; every PEFT adapter has it');
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const trainable = names.has(trainableName) ? await readAllFloat32(join(folder, trainableName)) : undefined;
  return {
    folder,
    config: {
      peftType: raw.peft_type,
      taskType: text(raw.task_type),
      baseModelNameOrPath: text(raw.base_model_name_or_path),
      raw,
    },
    tensors: await readAllFloat32(join(folder, weightsName)),
    trainable,
  };
}

export interface AdapterContent {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** See PeftAdapter. */
  readonly trainable?: ReadonlyMap<string, Tensor>;
}

/**
 * Writes an adapter that PEFT loads. The folder appears whole or not at all, and replaces an existing one.
 * @param config what becomes adapter_config.json, with sorted keys and, as in every file of PEFT's, `inference_mode: true`
 */
export async function writePeftAdapter(
  folder: string,
  { config, tensors, trainable }: AdapterContent,
): Promise<void> {
  const saved = { ...config, inference_mode: true };
  await writeFolderAtomic(folder, async (temporary) => {
    await writeFileAtomic(join(temporary, configName), JSON.stringify(saved, sortKeys, 2)); // as PEFT: no newline at the end
    await writeSafetensors(join(temporary, weightsName), tensors);
    if (trainable) await writeSafetensors(join(temporary, trainableName), trainable);
    await writeFileAtomic(join(temporary, 'README.md'), modelCard(saved));
  });
}

/** Whether a README.md is the one that `writePeftAdapter` wrote, and nobody has changed. */
export function isOwnCard(readme: string, { config }: PeftAdapter): boolean {
  return readme === modelCard(config.raw);
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
