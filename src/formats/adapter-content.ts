/**
 * @file An adapter's files as a plain value, which methods return on saving and take on loading. `adapter-files.ts`
 *   turns it into files, `adapter-folder.ts` reads and writes folders.
 */
import { FileError, UsageError } from '../errors.js';
import { say } from '../say.js';
import type { Tensor, TrainableTensors } from '../tensor.js';
import type { JsonObject } from './json.js';
import type { AdapterBase, AdapterTraining, AdapterUsage } from './own-file.js';

export type { AdapterBase, AdapterTraining, AdapterUsage };

export type AdapterContent = SingleContent | PartsContent | ModelContent;

/** A single adapter, in one of the file formats. */
export type SingleContent = PeftContent | AdapterHubContent;

interface Origin {
  /** The folder it was read from, for error messages. Undefined for content made in memory. */
  readonly where?: string;
}

interface Placed {
  /** Where the soft tokens go, such as `{soft:9}{text}{soft:3}`. Default: before the text. */
  readonly template?: string;
}

/** What is noted in promptune.json. Adapters of other libraries and of earlier versions lack some or all of it. */
export interface AdapterNotes {
  /** The model it was learned on. Without a digest for a GGUF file. */
  readonly base?: AdapterBase;
  readonly usage?: AdapterUsage;
  readonly training?: AdapterTraining;
}

/** An adapter in the layout of Hugging Face PEFT. */
export interface PeftContent extends Origin, Placed, AdapterNotes {
  readonly form: 'peft';
  /** adapter_config.json, including unknown keys. */
  readonly config: Readonly<JsonObject> & { readonly peft_type: string };
  readonly tensors: TrainableTensors;
  /** What was trained, if PEFT's file only has the result: the weights of a prompt encoder. PEFT does not read it. */
  readonly trainable?: TrainableTensors;
}

/** An adapter in the layout of AdapterHub's `adapters` library. */
export interface AdapterHubContent extends Origin, AdapterNotes {
  readonly form: 'adapterhub';
  /** adapter_config.json, whose `config` holds the adapter's settings. */
  readonly config: Readonly<JsonObject> & { readonly config: Readonly<JsonObject> };
  /** By their names in the file, without the adapter's name (`adapters.<name>.`). */
  readonly tensors: TrainableTensors;
}

/** Several adapters that belong together, in the order of their composition. */
export interface PartsContent extends Origin, Placed, AdapterNotes {
  readonly form: 'parts';
  readonly parts: readonly { readonly name: string; readonly content: SingleContent }[];
}

/** A whole model in transformers' layout: the result of full fine-tuning. */
export interface ModelContent extends Origin, AdapterNotes {
  readonly form: 'model';
  /** config.json */
  readonly config: Readonly<JsonObject>;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Its tokenizer's files, by name. */
  readonly others: ReadonlyMap<string, Uint8Array>;
}

/** An adapter's folder, its content, or an adapter that knows its content. */
export type AdapterSource = string | HeldAdapter;

/** An adapter in memory: its content, or an adapter that knows its content. */
export type HeldAdapter = AdapterContent | { content?(): AdapterContent | Promise<AdapterContent> };

/** Whether it is an adapter or an adapter's content, which no JSON can be. */
export function isHeldAdapter(value: unknown): value is HeldAdapter {
  if (typeof value !== 'object' || value === null) return false;
  if (!('form' in value)) return 'content' in value && typeof value.content === 'function';
  if (value.form !== 'parts') return 'tensors' in value && value.tensors instanceof Map;
  const { parts } = value as PartsContent;
  return Array.isArray(parts) && parts.every((part) => isHeldAdapter(part?.content));
}

/** @throws UsageError for an adapter without files, such as one composed of others */
export async function heldContent(held: HeldAdapter): Promise<AdapterContent> {
  if ('form' in held) return held;
  if (held.content) return held.content();
  throw new UsageError(say`this adapter has no files; use one that was loaded or trained`, {
    code: 'unsupported',
  });
}

/** The path of one of an adapter's files, for error messages. */
const pathIn = ({ where }: Origin, file: string): string => (where === undefined ? file : `${where}/${file}`);

/** An adapter's name in error messages. */
export const nameOf = ({ where }: Origin): string => where ?? say`an adapter in memory`;

export const configPath = (content: SingleContent): string => pathIn(content, 'adapter_config.json');

export const weightsPath = (content: SingleContent): string =>
  pathIn(content, content.form === 'peft' ? 'adapter_model.safetensors' : 'adapter.safetensors');

/** Its adapters: one, or one per part; none for a whole model. */
export function singlesIn(content: AdapterContent): readonly SingleContent[] {
  if (content.form === 'model') return [];
  return content.form === 'parts' ? content.parts.map((part) => part.content) : [content];
}

/** The notes alone. */
export const notesOf = ({ base, usage, training }: AdapterNotes): AdapterNotes => ({
  ...(base && { base }),
  ...(usage && { usage }),
  ...(training && { training }),
});

export const withNotes = (content: AdapterContent, notes: AdapterNotes): AdapterContent => ({
  ...content,
  ...notesOf(notes),
});

/** The base model's name in the adapter's configuration. */
export function baseModelOf({ form, config }: SingleContent): string | undefined {
  const name = form === 'peft' ? config.base_model_name_or_path : config.model_name;
  return typeof name === 'string' ? name : undefined;
}

/** AdapterHub's `architecture`, such as `lora`; `bottleneck` if there is none, as in files of bottleneck adapters. */
export function architectureOf({ config }: AdapterHubContent): string {
  const { architecture } = config.config;
  return typeof architecture === 'string' ? architecture : 'bottleneck';
}

/** @throws FileError if there are several adapters or a whole model */
export function expectSingle(content: AdapterContent): SingleContent {
  if (content.form === 'parts')
    throw new FileError(
      nameOf(content),
      'promptune.json',
      say`these are several adapters, expected one; use the folder of one of them`,
    );
  if (content.form === 'model')
    throw new FileError(nameOf(content), undefined, say`this is a whole model, expected an adapter`);
  return content;
}

/** @throws FileError if it is anything but one adapter in PEFT's format */
export function expectPeft(content: AdapterContent): PeftContent {
  const single = expectSingle(content);
  if (single.form === 'peft') return single;
  throw new FileError(configPath(single), 'peft_type', say`it is missing; every PEFT adapter has it`);
}
