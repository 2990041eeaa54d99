/** @file The data of a run with DPO: pairs with what the frozen model thinks of them, which is computed once. */
import { join, sha256 } from '#platform';
import { writeJsonAtomic } from '../formats/files.js';
import { readJsonObjectIfPresent } from '../formats/json.js';
import { type ReferenceOptions, referenceMargins } from '../loss/reference-margins.js';
import type { LanguageModel } from '../models/model.js';
import { dataSchema } from '../text/data-config.js';
import type { Dataset } from '../text/dataset.js';
import type { InputDigests } from './run-inputs.js';

/** In a run's folder: the margins, and of what they were computed. */
export const referenceFile = 'reference-margins.json';

export interface RunData {
  readonly dataset: Dataset;
  readonly validation: Dataset | undefined;
}

export interface ReferenceDataOptions extends ReferenceOptions {
  /** The run's folder, which keeps the margins, and what is in them. Default: they are in memory only. */
  kept?: { readonly folder: string; readonly origin: ReferenceOrigin };
}

/** What the margins depend on: where that is another, they are computed again. */
export interface ReferenceOrigin {
  /** As in config.yaml. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: InputDigests;
  readonly maxLength: number;
}

/** The same data with the margins of the frozen model. */
export async function withReference(
  model: LanguageModel,
  { dataset, validation }: RunData,
  { kept, ...options }: ReferenceDataOptions,
): Promise<RunData> {
  const key = kept && keyOf(kept.origin);
  const path = kept && join(kept.folder, referenceFile);
  const found = path && key ? await readKept(path, key, [dataset, validation]) : undefined;
  const margins = found ?? {
    training: await referenceMargins(model, dataset, options),
    ...(validation && { validation: await referenceMargins(model, validation, options) }),
  };
  if (!found && path) {
    const listed = Object.entries(margins).map(([part, numbers]) => [part, [...numbers]]);
    await writeJsonAtomic(path, { key, ...Object.fromEntries(listed) });
  }
  return {
    dataset: withMargins(dataset, margins.training),
    validation: validation && withMargins(validation, margins.validation!),
  };
}

/** Keys of the configuration that say which examples there are. */
const dataKeys = ['data', 'validation', 'seed', 'dtype', ...Object.keys(dataSchema.shape)];

function keyOf({ config, ...rest }: ReferenceOrigin): string {
  const hash = sha256();
  hash.update(JSON.stringify({ ...rest, config: dataKeys.map((key) => [key, config[key]]) }));
  return hash.hex();
}

interface Margins {
  readonly training: Float32Array;
  readonly validation?: Float32Array;
}

/** Undefined if there are none, or of something else. */
async function readKept(
  path: string,
  key: string,
  [dataset, validation]: readonly [Dataset, Dataset | undefined],
): Promise<Margins | undefined> {
  const kept = await readJsonObjectIfPresent(path);
  const [training, ofValidation = []] = [kept?.training, kept?.validation] as (
    | readonly number[]
    | undefined
  )[];
  const isWhole = training?.length === dataset.length && ofValidation.length === (validation?.length ?? 0);
  if (kept?.key !== key || !isWhole) return undefined;
  return {
    training: Float32Array.from(training),
    ...(validation && { validation: Float32Array.from(ofValidation) }),
  };
}

const withMargins = (pairs: Dataset, margins: Float32Array): Dataset => ({
  ...pairs,
  get: async (index) => ({ ...(await pairs.get(index)), referenceMargin: margins[index]! }),
  async dispose() {},
});
