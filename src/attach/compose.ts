/**
 * @file Composes several adapters into one by merging what they put into a model's graph, site by site.
 *
 * Prefixes come first, in the given order, then soft prompts, in theirs. A prefix is fixed keys and values. A soft
 * prompt goes through the layers like text, so it sees the prefixes and the soft prompts before it. Changes of a layer
 * are nested: the first adapter's is the innermost, and the next one sees the layer as changed by it.
 */
import { UsageError } from '../errors.js';
import { add, concat, type Dim, expand, subtract, type Value } from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type { LinearChange, SubLayerChange } from '../models/weights.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';
import type { InputText } from './input-text.js';
import type { Adapter, Sites } from './method.js';
import { joinRowChanges, type RowChanges } from './row-changes.js';
import { tensorInputs } from './tensor-inputs.js';

/** Joins the names of the methods of a composition, as in "prompt-tuning+lora". */
export const methodSeparator = '+';

/** An adapter and the name that prefixes its tensors in a composition. */
export interface NamedAdapter {
  readonly name: string;
  readonly adapter: Adapter;
}

/**
 * One adapter that does what all of them do, used like the first one that says how. It shares their tensors, renamed to
 * `<method>/<tensor>`, or `<method>-2/<tensor>` and so on for repeated methods.
 *
 * @throws UsageError if they cannot be combined
 */
export function composeAdapters(adapters: readonly Adapter[]): Adapter {
  if (adapters.length === 0) throw new UsageError(say`there is no adapter to compose; expected at least one`);
  if (adapters.length === 1) return adapters[0]!;
  const placed = adapters.find(({ placement }) => placement);
  if (placed)
    throw new UsageError(
      say`${placed.method} has soft tokens in the template
        ${JSON.stringify(placed.placement!.template)}; use it alone, or train all methods in one
        run`,
      { code: 'unsupported' },
    );
  const headed = adapters.find(({ head }) => head);
  if (headed)
    throw new UsageError(
      say`${headed.method} was trained to label texts (${headed.head!.taskType}), and its head was
        not trained with other adapters; use it alone`,
      { code: 'unsupported' },
    );
  const parts = nameParts(adapters);
  const withTasks = parts.filter(({ adapter }) => adapter.tasks);
  const [first, second] = withTasks;
  if (second)
    throw new UsageError(
      say`${first!.name} and ${second.name} both have tasks, but a text can have only one task;
        select a task of one of them first (tasks.adapterFor)`,
      { code: 'unsupported' },
    );
  const readsText = adapters.some((adapter) => adapter.readsText);
  const { usage } = adapters.find((adapter) => adapter.usage) ?? {};
  if (first && readsText)
    throw new UsageError(
      say`${first.name} has a prompt per task, and another adapter one per text; select a task first
        (tasks.adapterFor)`,
      { code: 'unsupported' },
    );
  return {
    method: adapters.map(({ method }) => method).join(methodSeparator),
    tensors: joinTensors(parts),
    numVirtualTokens: adapters.reduce((sum, { numVirtualTokens }) => sum + numVirtualTokens, 0),
    ...(first && {
      tasks: {
        count: first.adapter.tasks!.count,
        adapterFor: (task) =>
          composeAdapters(
            adapters.map((adapter) =>
              adapter === first.adapter ? adapter.tasks!.adapterFor(task) : adapter,
            ),
          ),
      },
    }),
    ...(readsText && { readsText }),
    ...(usage && { usage }),
    ...(adapters.some(({ rowChanges }) => rowChanges) && { rowChanges: () => rowChangesOf(adapters) }),
    ...(adapters.some(({ derived }) => derived) && { derived: () => derivedOf(parts) }),
    constrain: () => {
      for (const adapter of adapters) adapter.constrain?.();
    },
    attach: (values, text) => mergeSites(parts.map((part) => sitesOf(part, values, text))),
  };
}

async function derivedOf(parts: readonly NamedAdapter[]): Promise<TrainableTensors> {
  const all: TrainableTensors = new Map();
  for (const { name, adapter } of parts)
    for (const [tensor, value] of (await adapter.derived?.()) ?? []) all.set(tensorName(name, tensor), value);
  return all;
}

async function rowChangesOf(adapters: readonly Adapter[]): Promise<RowChanges> {
  const changes: RowChanges[] = [];
  for (const { method, tensors, readsText, rowChanges, attach } of adapters) {
    if (rowChanges) changes.push(await rowChanges());
    else if (!readsText && changesModel(attach(tensorInputs(tensors))))
      throw new UsageError(say`${method} changes layers in a way that rows of one batch cannot have apart`, {
        code: 'unsupported',
      });
  }
  return joinRowChanges(changes);
}

/** Whether it changes more than what precedes the text. */
export const changesModel = ({ linear, subLayers, parameters }: Sites): boolean =>
  [linear, subLayers, parameters].some((changes) => changes && changes.size > 0);

/** Adapters with unique names: their methods, numbered from the second of a kind on. */
export function nameParts(adapters: readonly Adapter[]): NamedAdapter[] {
  const seen = new Map<string, number>();
  return adapters.map((adapter) => {
    const count = (seen.get(adapter.method) ?? 0) + 1;
    seen.set(adapter.method, count);
    return { name: count === 1 ? adapter.method : `${adapter.method}-${count}`, adapter };
  });
}

const tensorName = (part: string, tensor: string) => `${part}/${tensor}`;

/** The tensors of all parts in one map. A tensor may occur once only, since the runtime knows it by one name. */
export function joinTensors(parts: readonly NamedAdapter[]): TrainableTensors {
  const joined: TrainableTensors = new Map();
  const ownerOf = new Map<unknown, string>();
  for (const { name, adapter } of parts) {
    for (const [tensor, value] of adapter.tensors) {
      const owner = ownerOf.get(value);
      if (owner !== undefined)
        throw new UsageError(
          say`${owner} and ${name} are the same adapter; load its folder twice to use it twice`,
        );
      ownerOf.set(value, name);
      joined.set(tensorName(name, tensor), value);
    }
  }
  return joined;
}

/** What one part puts into the graph, given the values of all parts' tensors. */
export function sitesOf(
  { name, adapter }: NamedAdapter,
  values: ReadonlyMap<string, Value>,
  text?: InputText,
): Sites {
  const prefix = tensorName(name, '');
  const own = [...values].filter(([tensor]) => tensor.startsWith(prefix));
  return adapter.attach(new Map(own.map(([tensor, value]) => [tensor.slice(prefix.length), value])), text);
}

/** Merges sites in the given order. Throws a UsageError if two replace the same parameter. */
function mergeSites(sites: readonly Sites[]): Sites {
  const prompts = sites.flatMap(({ prompt }) => prompt ?? []);
  const decoderPrompts = sites.flatMap(({ decoderPrompt }) => decoderPrompt ?? []);
  const pasts = sites.flatMap(({ past }) => (past ? [past] : []));
  let before = 0; // vectors of earlier prompts
  const promptLabels = sites.flatMap(({ prompt, promptLabels: own = [] }) => {
    const moved = own.map((label) => ({ ...label, position: label.position + before }));
    before += (prompt?.shape.at(-2) ?? 0) as number;
    return moved;
  });
  const penalties = sites.flatMap(({ penalty }) => penalty ?? []);
  const [latePrompt, ...others] = sites.flatMap(({ latePrompt: own }) => own ?? []);
  if (latePrompt && others.length + prompts.length + pasts.length > 0)
    throw new UsageError(
      say`a prompt that enters at a later layer cannot follow or precede another prompt; use only
        one of them`,
      { code: 'unsupported' },
    );
  return {
    ...(latePrompt && { latePrompt }),
    ...(prompts.length > 0 && { prompt: joinPrompts(prompts) }),
    ...(decoderPrompts.length > 0 && { decoderPrompt: joinPrompts(decoderPrompts) }),
    ...(pasts.length > 0 && { past: pasts.reduce(joinPasts) }),
    ...(penalties.length > 0 && { penalty: penalties.reduce(add) }),
    ...(promptLabels.length > 0 && { promptLabels }),
    parameters: mergeMaps(
      sites.map(({ parameters }) => parameters),
      (_, __, name) => {
        throw new UsageError(say`two adapters replace the parameter ${name}; use only one of them`, {
          code: 'unsupported',
        });
      },
    ),
    linear: mergeMaps(
      sites.map(({ linear }) => linear),
      nestLinear,
    ),
    subLayers: mergeMaps(
      sites.map(({ subLayers }) => subLayers),
      nestSubLayers,
    ),
  };
}

/** Concatenates prompts [P, hidden] or [n, P, hidden]. If one has a row per task or text, the result has. */
function joinPrompts(prompts: readonly Value[]): Value {
  const rows = prompts.find(({ shape }) => shape.length === 3)?.shape[0];
  if (rows === undefined) return concat(prompts, 0);
  return concat(
    prompts.map((prompt) => expand(prompt, [rows, ...prompt.shape.slice(-2)])),
    1,
  );
}

/** Concatenates keys and values per layer. Either may have one row for all. */
export function joinPasts(earlier: readonly KeyValue[], later: readonly KeyValue[]): readonly KeyValue[] {
  const join = (a: Value, b: Value) => {
    const batch = (a.shape[0] === 1 ? b.shape[0] : a.shape[0]) as Dim;
    return concat(
      [a, b].map((part) => expand(part, [batch, ...part.shape.slice(1)])),
      2,
    );
  };
  return earlier.map(({ key, value }, layer) => ({
    key: join(key, later[layer]!.key),
    value: join(value, later[layer]!.value),
  }));
}

const nestLinear =
  (inner: LinearChange, outer: LinearChange): LinearChange =>
  (use) =>
    outer({ ...use, compute: (input) => inner({ ...use, input }) });

/** To the outer change, everything the inner one adds to the residual is the sub-layer's output. */
const nestSubLayers =
  (inner: SubLayerChange, outer: SubLayerChange): SubLayerChange =>
  (use) =>
    outer({ ...use, output: subtract(inner(use), use.residual) });

function mergeMaps<T>(
  maps: readonly (ReadonlyMap<string, T> | undefined)[],
  both: (inner: T, outer: T, name: string) => T,
): ReadonlyMap<string, T> {
  const merged = new Map<string, T>();
  for (const map of maps) {
    for (const [name, value] of map ?? []) {
      const earlier = merged.get(name);
      merged.set(name, earlier === undefined ? value : both(earlier, value, name));
    }
  }
  return merged;
}
