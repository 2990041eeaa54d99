/**
 * @file What a run writes while it learns: continuations of the same prompts before its first step, every so many steps
 *   and at its end. Decoding is greedy, so texts differ by what was learned alone.
 */
import { join } from '#platform';
import type { Adapter, Learner } from '../attach/method.js';
import { withUsage } from '../attach/with-usage.js';
import { optionError, PromptuneError } from '../errors.js';
import type { AdapterUsage } from '../formats/adapter-content.js';
import { readTextIfPresent, writeFileAtomic } from '../formats/files.js';
import { isJsonObject } from '../formats/json.js';
import { type Prompt, promptAsUsed, promptEncoder } from '../generation/prompts.js';
import { createTextGenerator } from '../generation/text-generator.js';
import type { LanguageModel } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Sample, TrainingEvent } from '../training/events.js';
import type { Observer } from '../training/train.js';

/** In a run's folder: a line per sampled step. */
export const samplesName = 'samples.jsonl';

/** Most tokens of a text. */
const longest = 64;

export interface SampledStep {
  readonly step: number;
  readonly samples: readonly Sample[];
}

export interface SamplerOptions extends Pick<Observer, 'every'> {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly learner: Learner;
  readonly usage: AdapterUsage;
  readonly prompts: readonly string[];
  /** The run's folder, if it has one. */
  readonly folder?: string;
  readonly device?: Device;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
}

/** @throws UsageError for a prompt that does not fit the run's template, before anything is learned */
export function createSampler(settings: SamplerOptions): Observer {
  const { folder, prompts, every, signal, onEvent, ...options } = settings;
  checkPrompts(prompts, options);
  let taken: readonly SampledStep[] = [];
  return {
    every,
    async begin(step) {
      const before = folder === undefined ? [] : await readSamples(folder);
      taken = before.filter((each) => each.step <= step);
      if (folder !== undefined && taken.length < before.length) await writeSamples(folder, taken);
    },
    async at(step) {
      if (signal?.aborted || taken.some((each) => each.step === step)) return;
      const samples = await textsNow(prompts, options);
      taken = [...taken, { step, samples }];
      if (folder !== undefined) await writeSamples(folder, taken);
      onEvent({ type: 'sample', step, samples });
    },
  };
}

type Sampled = Pick<SamplerOptions, 'model' | 'tokenizer' | 'learner' | 'usage' | 'device' | 'threads'>;

/** The adapter as it will be used; of several tasks, that of the first. */
function adapterOf({ learner, usage }: Sampled): Adapter {
  const adapter = withUsage(learner, usage);
  return adapter.tasks?.adapterFor(0) ?? adapter;
}

/** A text, or the fields of a template as a JSON object. */
function promptOf(written: string): Prompt {
  if (!written.trimStart().startsWith('{')) return written;
  try {
    const fields: unknown = JSON.parse(written);
    return isJsonObject(fields) ? { text: fields } : written;
  } catch {
    return written; // a text that happens to start with a brace
  }
}

function checkPrompts(prompts: readonly string[], sampled: Sampled): void {
  const adapter = adapterOf(sampled);
  const encode = promptEncoder(sampled.tokenizer, sampled.model);
  for (const prompt of prompts)
    try {
      encode(promptAsUsed(promptOf(prompt), sampled.usage), adapter);
    } catch (error) {
      if (!(error instanceof PromptuneError)) throw error;
      throw optionError('samplePrompts', `${JSON.stringify(prompt)}: ${error.message}`, { cause: error });
    }
}

/** A generator copies the tensors, so each time there is a new one. */
async function textsNow(prompts: readonly string[], sampled: Sampled): Promise<Sample[]> {
  const { model, tokenizer, device, threads } = sampled;
  const generator = createTextGenerator({ model, tokenizer, adapter: adapterOf(sampled), device, threads });
  try {
    const rows = await generator.generate(prompts.map(promptOf), { maxNewTokens: longest });
    return rows.map(({ text }, i) => ({ prompt: prompts[i]!, text }));
  } finally {
    await generator.dispose();
  }
}

/** What a run has written; nothing for one without samples. A line that was cut off is left out. */
export async function readSamples(folder: string): Promise<SampledStep[]> {
  const text = (await readTextIfPresent(join(folder, samplesName))) ?? '';
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as SampledStep];
    } catch {
      return [];
    }
  });
}

const writeSamples = (folder: string, samples: readonly SampledStep[]) =>
  writeFileAtomic(join(folder, samplesName), samples.map((each) => `${JSON.stringify(each)}\n`).join(''));
