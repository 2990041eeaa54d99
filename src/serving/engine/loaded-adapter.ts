/**
 * @file An adapter as rows of a running batch use it: what a row begins with, and the lines of its slot. Made once,
 *   when the adapter is loaded; adapters that cannot be used row by row are refused then.
 */
import { changesModel } from '../../attach/compose.js';
import { inputText } from '../../attach/input-text.js';
import type { Adapter, Sites } from '../../attach/method.js';
import { type Pool, slotLines } from '../../attach/slots.js';
import { tensorInputs } from '../../attach/tensor-inputs.js';
import { feedsFor, inputIds, textInputs } from '../../attach/text-inputs.js';
import { UsageError } from '../../errors.js';
import { contentDigest } from '../../formats/content-digest.js';
import { promptGraph } from '../../generation/decode-graph.js';
import { type OnnxGraph, toOnnx, type Value } from '../../graph/index.js';
import type { LanguageModel } from '../../models/model.js';
import { cacheNames } from '../../runtime/cache-names.js';
import { type Device, onnxOptionsFor } from '../../runtime/device.js';
import { type NamedTensors, type RowPrompt, Session, type SessionOptions } from '../../runtime/index.js';
import { say } from '../../say.js';
import type { Tensor } from '../../tensor.js';

/** What stands before a row's text, or inside it. */
export interface Beginning {
  /** Keys and values of a prefix, before everything else. */
  readonly past?: RowPrompt;
  /** Vectors [count, hidden] of soft tokens. */
  readonly softTokens?: Float32Array;
}

export interface LoadedAdapter {
  /** Unique in the process; identifies what is kept for the adapter. */
  readonly key: number;
  readonly adapter: Adapter;
  /** The SHA-256 of its content. */
  readonly version: string;
  /** The same for all texts; if it depends on the text, `beginningsOf` computes it. */
  readonly beginning?: Beginning;
  beginningsOf?(texts: readonly (readonly number[])[]): Promise<readonly Beginning[]>;
  /** Whether a row may have no text: the soft prompt then predicts the first token. */
  readonly predictsFirst: boolean;
  /** The layer from which rows see what they begin with. */
  readonly firstLayer: number;
  /** If the adapter changes layers: its lines in the pools of a graph (see `slotLines`). */
  readonly lines?: ReadonlyMap<string, Pool & { readonly lines: Float32Array }>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

let nextKey = 1;

/** What is kept in a cache is kept under a number that nothing else of the process has. */
export const newCacheKey = () => nextKey++;

/** @throws UsageError with the reason, for an adapter that cannot share a batch with others */
export async function loadForRows(
  adapter: Adapter,
  version: string,
  model: LanguageModel,
  { maxRank, ...options }: Pick<SessionOptions, 'device' | 'threads'> & { readonly maxRank: number },
): Promise<LoadedAdapter> {
  const { method, tasks, numVirtualTokens, tensors, readsText } = adapter;
  if (tasks) throw unsupported(say`it has several tasks; select one of them first (tasks.adapterFor)`);
  const { maxPositions } = model.config;
  if (numVirtualTokens >= maxPositions)
    throw unsupported(
      say`its ${numVirtualTokens} virtual tokens leave no room in the model's ${maxPositions}
        positions`,
    );
  const infinite = [...tensors].find(([, { data }]) => !data.every(Number.isFinite));
  if (infinite) throw unsupported(say`its tensor ${infinite[0]} has numbers that are not finite`);

  const inputs = tensorInputs(tensors);
  const sites = adapter.attach(inputs, readsText ? inputText(model, inputIds.value) : undefined);
  if (sites.parameters?.size)
    throw unsupported(say`it replaces weights of the model (${method}), which rows of one batch share`);
  const isChange = changesModel(sites);
  if (isChange && !adapter.rowChanges)
    throw unsupported(say`${method} changes layers in a way that rows of one batch cannot have apart`);
  const lines = isChange ? slotLines(await adapter.rowChanges!(), model) : undefined;
  const rank = Math.max(0, ...[...(lines?.values() ?? [])].map(rankOf));
  if (rank > maxRank) throw unsupported(say`its rank ${rank} is above the server's maxLoraRank (${maxRank})`);
  const begun = readsText
    ? await beginningOfEach(sites, adapter, model, options)
    : { beginning: await sharedBeginning(sites, inputs, adapter, model, options) };
  const predictsFirst = !readsText && sites.prompt !== undefined;
  return {
    ...{ key: newCacheKey(), adapter, version, predictsFirst, firstLayer: sites.latePrompt?.layer ?? 0 },
    ...(lines && { lines }),
    dispose: async () => {},
    [Symbol.asyncDispose]: async () => {},
    ...begun,
  };
}

/** The digest of an adapter's content, or of its tensors where it has no files. */
export const versionOf = async (adapter: Adapter): Promise<string> =>
  contentDigest((await adapter.content?.()) ?? { method: adapter.method, tensors: adapter.tensors });

async function sharedBeginning(
  sites: Sites,
  inputs: ReadonlyMap<string, Value>,
  adapter: Adapter,
  model: LanguageModel,
  options: SessionOptions,
): Promise<Beginning> {
  const { tensors } = adapter;
  const vectors = sites.prompt ?? sites.softTokens;
  const [trained] = [...inputs].find(([, value]) => value === vectors) ?? [];
  // A plain soft prompt is its own vectors: even with thousands of them, none needs a session.
  const own = trained === undefined ? undefined : { softTokens: tensors.get(trained)!.data };
  const graph = beginningGraph(own ? undefined : vectors, sites, adapter, model, options.device);
  if (!graph) return { ...own };
  const session = await Session.create(graph.bytes, { ...options, weights: model.files });
  try {
    const used = [...tensors].filter(([name]) => graph.inputs.has(name));
    return { ...beginningIn(await session.run(Object.fromEntries(used)), 0, 1), ...own };
  } finally {
    await session.dispose();
  }
}

async function beginningOfEach(
  sites: Sites,
  adapter: Adapter,
  model: LanguageModel,
  options: SessionOptions,
): Promise<Pick<LoadedAdapter, 'beginningsOf' | 'dispose' | typeof Symbol.asyncDispose>> {
  const graph = beginningGraph(sites.prompt, sites, adapter, model, options.device)!;
  const session = await Session.create(graph.bytes, { ...options, weights: model.files });
  await session.hold(Object.fromEntries([...adapter.tensors].filter(([name]) => graph.inputs.has(name))));
  return {
    beginningsOf: async (texts) => {
      const rows = texts.map((ids) => ({ ids }));
      const outputs = await session.run(feedsFor(textInputs, graph.inputs, rows));
      return texts.map((_, row) => beginningIn(outputs, row, texts.length));
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

const rankOf = ({ kind, width, lines }: Pool & { readonly lines: Float32Array }) =>
  kind === 'ranks' ? lines.length / width : 0;

const unsupported = (reason: string) => new UsageError(reason, { code: 'unsupported' });

const promptName = 'prompt';

function beginningGraph(
  vectors: Value | undefined,
  { past, latePrompt }: Sites,
  adapter: Adapter,
  model: LanguageModel,
  device?: Device,
): OnnxGraph | undefined {
  if (latePrompt) return promptGraph(model, adapter, device);
  if (past && past.length !== model.config.numLayers)
    throw unsupported(say`its keys and values are not those of all layers`);
  const pasts = (past ?? []).flatMap(({ key, value }, layer) => {
    const { newKey, newValue } = cacheNames(layer);
    return [[newKey, key] as const, [newValue, value] as const];
  });
  if (!vectors && pasts.length === 0) return undefined;
  const outputs = { ...Object.fromEntries(pasts), ...(vectors && { [promptName]: vectors }) };
  return toOnnx(outputs, onnxOptionsFor(device));
}

/** The part of a run's outputs that belongs to one of `rows` texts; outputs that are the same for all have one row. */
function beginningIn(outputs: NamedTensors, row: number, rows: number): Beginning {
  const { [promptName]: vectors, ...past } = outputs;
  const [firstPast] = Object.values(past);
  return {
    ...(firstPast && { past: { tensors: past, row: firstPast.shape[0] === 1 ? 0 : row } }),
    ...(vectors && { softTokens: rowOf(vectors as Tensor<'float32'>, row, rows) }),
  };
}

function rowOf({ shape, data }: Tensor<'float32'>, row: number, rows: number): Float32Array {
  if (shape.length === 2 || shape[0] === 1) return data;
  const size = data.length / rows;
  return data.slice(row * size, (row + 1) * size);
}
