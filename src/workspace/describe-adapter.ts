/** @file Describes an adapter: configuration, size, tensors, and the nearest tokens of its vectors. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdapter } from '../adapters/load-adapter.js';
import { PromptuneError } from '../errors.js';
import { nearestTokens } from '../evaluation/nearest-tokens.js';
import {
  type AdapterNotes,
  architectureOf,
  baseModelOf,
  notesOf,
  type SingleContent,
  singlesIn,
} from '../formats/adapter-content.js';
import { readAdapter } from '../formats/adapter-folder.js';
import type { Pretrained } from '../open-pretrained.js';
import { fromPretrained, type PretrainedOptions } from '../pretrained.js';
import { say } from '../say.js';
import { findAdapter } from './find-adapter.js';

export interface VirtualToken {
  /** Length of the vector. */
  readonly norm: number;
  readonly nearest: readonly { readonly token: string; readonly id: number; readonly similarity: number }[];
}

export interface AdapterDescription {
  readonly folder: string;
  readonly bytes: number;
  /** PEFT's type, or AdapterHub's. */
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly parameters: number;
  }[];
  /** For an adapter with virtual tokens. */
  readonly virtualTokens?: readonly VirtualToken[];
  /** Why the nearest tokens are not known: the model cannot be opened. */
  readonly note?: string;
  /** Why the adapter cannot be used, or not for the model. */
  readonly problem?: string;
}

export interface DescribeAdapterOptions
  extends Pick<PretrainedOptions, 'revision' | 'offline' | 'dtype' | 'signal' | 'onProgress'> {
  /**
   * Model whose embeddings the vectors are compared with. Default: the adapter's base model, if it is on this machine.
   */
  model?: string;
  /** Number of tokens per virtual token. */
  nearest: number;
}

/**
 * Describes an adapter, or each part of several that belong together.
 * @param path its folder, or that of its run
 * @throws FileError for files that are not an adapter's; where `model` is given, what `fromPretrained` throws
 */
export async function describeAdapter(
  path: string,
  options: DescribeAdapterOptions,
): Promise<{ folder: string; parts: AdapterDescription[]; notes: AdapterNotes }> {
  const folder = await findAdapter(path);
  const parts: AdapterDescription[] = [];
  const content = await readAdapter(folder, options.signal);
  for (const part of singlesIn(content)) parts.push(await describePart(part, options));
  return { folder, parts, notes: notesOf(content) };
}

async function describePart(
  content: SingleContent,
  options: DescribeAdapterOptions,
): Promise<AdapterDescription> {
  const folder = content.where!;
  const bytes = await folderBytes(folder);
  const withModel = await withModelIfKnown(content, options);
  const tensors = [...content.tensors].map(([name, { shape, data }]) => ({
    name,
    shape,
    parameters: data.length,
  }));
  const kind =
    content.form === 'adapterhub' ? `${architectureOf(content)} (AdapterHub)` : content.config.peft_type;
  const broken = [...content.tensors].find(([, { data }]) => !data.every(Number.isFinite));
  const problem = broken && say`${broken[0]} has numbers that are NaN or infinite; train the adapter again`;
  return { folder, bytes, kind, config: content.config, tensors, ...withModel, ...(problem && { problem }) };
}

async function folderBytes(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** What only the model tells, if it is available. The adapter's own base model is not downloaded. */
async function withModelIfKnown(
  content: SingleContent,
  options: DescribeAdapterOptions,
): Promise<Pick<AdapterDescription, 'virtualTokens' | 'note' | 'problem'>> {
  const { model: named, nearest, ...others } = options;
  const name = named ?? baseModelOf(content);
  const hasVectors = 'num_virtual_tokens' in content.config;
  if (name === undefined) return hasVectors ? { note: say`The adapter does not name its base model.` } : {};
  let opened: Pretrained;
  try {
    opened = await fromPretrained(name, named === undefined ? { ...others, offline: true } : others);
  } catch (error) {
    if (named !== undefined || !(error instanceof PromptuneError)) throw error;
    return hasVectors ? { note: error.message } : {};
  }
  try {
    return { virtualTokens: await virtualTokens(content, opened, nearest) };
  } catch (error) {
    if (!(error instanceof PromptuneError)) throw error;
    return { problem: error.message };
  }
}

async function virtualTokens(
  content: SingleContent,
  { model, tokenizer }: Pretrained,
  nearest: number,
): Promise<VirtualToken[] | undefined> {
  const vectors = (await loadAdapter(content, model)).tensors.get('prompt_embeddings');
  const size = model.config.hiddenSize;
  if (vectors?.shape[1] !== size) return undefined; // such as a prefix, which holds keys and values
  const rows = await nearestTokens(model, vectors, Math.min(nearest, model.config.vocabSize));
  return rows.map((row, i) => ({
    norm: Math.hypot(...vectors.data.subarray(i * size, (i + 1) * size)),
    nearest: row.map(({ id, similarity }) => ({ token: tokenizer.tokenOf(id), id, similarity })),
  }));
}
