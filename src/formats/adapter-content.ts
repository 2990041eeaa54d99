/**
 * @file What an adapter's files hold, as a plain value: what methods give when they are saved and take when they are
 *   loaded. `adapter-files.ts` makes files of it, `adapter-folder.ts` reads and writes folders.
 */
import { FileError, UsageError } from '../errors.js';
import type { Tensor, TrainableTensors } from '../tensor.js';
import type { JsonObject } from './json.js';

export type AdapterContent = SingleContent | PartsContent | ModelContent;

/** One adapter in one form. */
export type SingleContent = PeftContent | AdapterHubContent;

interface Origin {
  /** The folder that it was read from, for errors. Default: it was in no folder. */
  readonly where?: string;
}

interface Placed {
  /** Where the soft tokens stand, if not before the text: a template such as `{soft:9}{text}{soft:3}`. */
  readonly template?: string;
}

/** An adapter as Hugging Face PEFT lays it out. */
export interface PeftContent extends Origin, Placed {
  readonly form: 'peft';
  /** adapter_config.json, keys that are not known here included. */
  readonly config: Readonly<JsonObject> & { readonly peft_type: string };
  readonly tensors: TrainableTensors;
  /**
   * What was trained, where PEFT's file has only what came of it: the weights of a prompt's encoder. Not read by
   * PEFT.
   */
  readonly trainable?: TrainableTensors;
}

/** An adapter as AdapterHub's library `adapters` lays it out. */
export interface AdapterHubContent extends Origin {
  readonly form: 'adapterhub';
  /** adapter_config.json, whose `config` holds the adapter's settings. */
  readonly config: Readonly<JsonObject> & { readonly config: Readonly<JsonObject> };
  /** By their names in the file, without the part that is the adapter's own name (`adapters.<name>.`). */
  readonly tensors: TrainableTensors;
}

/** Several adapters that belong together, in the order in which they are composed. */
export interface PartsContent extends Origin, Placed {
  readonly form: 'parts';
  readonly parts: readonly { readonly name: string; readonly content: SingleContent }[];
}

/** A whole model, as transformers saves it: what full fine-tuning gives. */
export interface ModelContent extends Origin {
  readonly form: 'model';
  /** config.json */
  readonly config: Readonly<JsonObject>;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Its tokenizer's files, by name. */
  readonly others: ReadonlyMap<string, Uint8Array>;
}

/** An adapter to work on: its folder, its content, or an adapter that knows its content. */
export type AdapterSource = string | HeldAdapter;

/** The same without a folder. */
export type HeldAdapter = AdapterContent | { content?(): AdapterContent | Promise<AdapterContent> };

/** @throws UsageError for an adapter that has no files, such as one that was composed of others */
export async function heldContent(held: HeldAdapter): Promise<AdapterContent> {
  if ('form' in held) return held;
  if (held.content) return held.content();
  throw new UsageError('this adapter has no files; give one that was loaded or trained');
}

/** The path of a file of an adapter, for errors. */
export const pathIn = ({ where }: Origin, file: string): string =>
  where === undefined ? file : `${where}/${file}`;

/** What an adapter is called in messages. */
export const nameOf = ({ where }: Origin): string => where ?? 'an adapter in memory';

export const configPath = (content: SingleContent): string => pathIn(content, 'adapter_config.json');

export const weightsPath = (content: SingleContent): string =>
  pathIn(content, content.form === 'peft' ? 'adapter_model.safetensors' : 'adapter.safetensors');

/** The adapters in it, of which there is one unless it has parts; none of a whole model. */
export function singlesIn(content: AdapterContent): readonly SingleContent[] {
  if (content.form === 'model') return [];
  return content.form === 'parts' ? content.parts.map((part) => part.content) : [content];
}

/** The model that an adapter was learned for, as it calls it. */
export function baseModelOf({ form, config }: SingleContent): string | undefined {
  const name = form === 'peft' ? config.base_model_name_or_path : config.model_name;
  return typeof name === 'string' ? name : undefined;
}

/** AdapterHub's `architecture`, such as lora. Bottleneck adapters have none in the file, and `bottleneck` here. */
export function architectureOf({ config }: AdapterHubContent): string {
  const { architecture } = config.config;
  return typeof architecture === 'string' ? architecture : 'bottleneck';
}

/** @throws FileError where there are several adapters, or a whole model */
export function expectSingle(content: AdapterContent): SingleContent {
  if (content.form === 'parts')
    throw new FileError(
      nameOf(content),
      'promptune.json',
      'these are several adapters; give the folder of one of them',
    );
  if (content.form === 'model')
    throw new FileError(nameOf(content), undefined, 'this is a whole model, expected an adapter');
  return content;
}

/** @throws FileError where it is something else than one adapter in PEFT's form */
export function expectPeft(content: AdapterContent): PeftContent {
  const single = expectSingle(content);
  if (single.form === 'peft') return single;
  throw new FileError(configPath(single), 'peft_type', 'it is missing; every PEFT adapter has it');
}
