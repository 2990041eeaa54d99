/** @file Loads an adapter's files for a model. */
import { composeAdapters } from '../attach/compose.js';
import { withHead } from '../attach/head.js';
import { splitHead } from '../attach/head-files.js';
import type { Adapter, Method } from '../attach/method.js';
import { placePrompt } from '../attach/placed-prompt.js';
import { withUsage } from '../attach/with-usage.js';
import { FileError, UsageError } from '../errors.js';
import {
  type AdapterContent,
  type AdapterSource,
  architectureOf,
  configPath,
  nameOf,
  type PeftContent,
  type SingleContent,
} from '../formats/adapter-content.js';
import { contentOf } from '../formats/adapter-folder.js';
import { headAlone } from '../methods/head-alone.js';
import { methods } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import { otherBaseNote } from './base.js';
import { type SavedAdapter, savable } from './saved-adapter.js';

export interface LoadAdapterOptions {
  /** Your own methods, whose adapters may be loaded too. */
  readonly methods?: readonly Method[];
  /** Ends reading between two tensors. */
  readonly signal?: AbortSignal;
}

/**
 * The adapter in a folder (PEFT's form, AdapterHub's, several such folders as one run had them, or a run's), or of
 * content that was read or trained before.
 * @throws FileError if the files are broken, of a kind not known here, or made for another model; the signal's reason
 */
export async function loadAdapter(
  source: AdapterSource,
  model: LanguageModel,
  { methods: own = [], signal }: LoadAdapterOptions = {},
): Promise<SavedAdapter> {
  const content = await contentOf(source, signal);
  const adapter = adapterOf(content, model, [...own, ...methods]);
  const note = await otherBaseNote(content, model);
  return savable({
    ...withUsage(adapter, content.usage),
    content: () => content,
    ...(note !== undefined && { note }),
  });
}

function adapterOf(content: AdapterContent, model: LanguageModel, known: readonly Method[]): Adapter {
  if (content.form === 'model')
    throw new UsageError(
      say`these are the files of a whole model, not of an adapter; save them, and load that model`,
      { code: 'unsupported' },
    );
  const adapter =
    content.form === 'parts' ? composed(content.parts, model, known) : single(content, model, known);
  const template = content.form === 'adapterhub' ? undefined : content.template;
  return template === undefined ? adapter : placePrompt(adapter, template, adapter.numVirtualTokens);
}

/** The head of several adapters is a separate part. */
function composed(
  parts: readonly { readonly content: SingleContent }[],
  model: LanguageModel,
  known: readonly Method[],
): Adapter {
  const adapters = parts.map(({ content }) => single(content, model, known));
  const isHead = ({ method }: Adapter) => method === headAlone.name;
  const { head } = adapters.find(isHead) ?? {};
  const whole = composeAdapters(adapters.filter((adapter) => !isHead(adapter)));
  return head ? withHead(whole, head) : whole;
}

function single(content: SingleContent, model: LanguageModel, known: readonly Method[]): Adapter {
  if (content.form === 'peft') return ofPeft(content, model, known);
  const architecture = architectureOf(content);
  const method = known.find(({ adapterHubArchitecture }) => adapterHubArchitecture === architecture);
  if (method?.loadAdapterHub) return method.loadAdapterHub(content, model);
  const readable = known.flatMap(({ adapterHubArchitecture }) => adapterHubArchitecture ?? []);
  throw new FileError(
    nameOf(content),
    'config.architecture',
    say`AdapterHub's adapters of type ${architecture} are not supported, only ${readable.join(', ')}`,
  );
}

/** PEFT's tasks. An adapter that changes layers may have none. */
const taskTypes = ['CAUSAL_LM', 'SEQ_2_SEQ_LM', 'SEQ_CLS', 'TOKEN_CLS', 'QUESTION_ANS', 'FEATURE_EXTRACTION'];

function ofPeft(content: PeftContent, model: LanguageModel, known: readonly Method[]): Adapter {
  const { task_type: task = null } = content.config;
  const wrongTask = (problem: string) => new FileError(configPath(content), 'task_type', problem);
  if (task !== null && !taskTypes.includes(task as string))
    throw wrongTask(say`${JSON.stringify(task)} is not supported; expected one of ${taskTypes.join(', ')}`);
  if (task === 'SEQ_2_SEQ_LM' && !model.encoder)
    throw wrongTask(say`it is ${task}, but ${model.name} has no encoder`);
  const { files, head } = splitHead(content, model);
  const { peft_type: type } = files.config;
  const method = known.find(({ peftType }) => peftType === type);
  if (method?.load) {
    const adapter = method.load(files, model);
    return head ? withHead(adapter, head) : adapter;
  }
  const readable = known.flatMap(({ peftType }) => peftType ?? []).join(', ');
  throw new FileError(
    nameOf(content),
    'peft_type',
    say`adapters of type ${type} are not supported, only ${readable}`,
  );
}
