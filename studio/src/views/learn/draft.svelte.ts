/** @file The run that is being set up: kept by the browser, so that a reload loses nothing. */
import type { DataCheck, NewJob, Preset, RunDetails } from '../../backend/backend.js';
import { stored } from '../../shell/stored.js';
import { type Values, withValue } from '../../ui/schema-form.js';
import { type ChosenData, stemOf } from './chosen-data.js';

interface Kept {
  readonly data?: ChosenData;
  readonly name: string;
  /** Undefined for the served one. */
  readonly model?: string;
  readonly method: string;
  /** By method, so that trying another loses none. */
  readonly methodOptions: Readonly<Record<string, Values>>;
  /** The other keys of the configuration. */
  readonly settings: Values;
  /** As the user wrote them, one per line; undefined for those of the first rows. */
  readonly samples?: string;
  readonly isTuned: boolean;
}

/** Settings of how rows become texts and tokens, but for the templates. */
export const readingKeys: readonly string[] = [
  ...['chat', 'taskType', 'labelField', 'verbalizer', 'labels', 'maxLength', 'truncation', 'trainOn'],
  ...['appendEos', 'packing', 'encoding', 'columns', 'header'],
];
export const templateKeys: readonly string[] = ['template', 'completionTemplate'];

const fresh: Kept = {
  name: '',
  method: 'prompt-tuning',
  methodOptions: {},
  settings: {},
  isTuned: false,
};

/** Of a prompt while it learns: enough for a smooth path. */
const snapshots = 40;

const kept = stored('draft');

function restored(): Kept {
  try {
    return { ...fresh, ...(JSON.parse(kept.read() ?? '{}') as Partial<Kept>) };
  } catch {
    return fresh;
  }
}

export class Draft {
  #kept = $state.raw<Kept>(restored());
  #proposed = $state('');
  /** Whether a run writes samples while it learns. */
  canSample = $state(false);

  get data() {
    return this.#kept.data;
  }
  get method() {
    return this.#kept.method;
  }
  get methodOptions(): Values {
    return this.#kept.methodOptions[this.method] ?? {};
  }
  get settings() {
    return this.#kept.settings;
  }
  get model() {
    return this.#kept.model;
  }
  get isTuned() {
    return this.#kept.isTuned;
  }
  /** What the user called it; '' for the name that is proposed. */
  get name() {
    return this.#kept.name;
  }
  get proposedName(): string {
    return `${(this.data && stemOf(this.data)) || 'run'}-${this.method}`;
  }
  get samples(): string {
    return this.#kept.samples ?? this.#proposed;
  }

  /** Inputs of the first rows, to watch unless the user writes others. */
  propose(inputs: readonly string[]): void {
    this.#proposed = inputs.join('\n');
  }

  change(changes: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...changes };
    kept.write(JSON.stringify(this.#kept));
  }

  set(key: string, value: unknown): void {
    this.change({ settings: withValue(this.settings, key, value) });
  }

  setOptions(options: Values): void {
    this.change({ methodOptions: { ...this.#kept.methodOptions, [this.method]: options } });
  }

  /** Other rows: what was said about reading the rows before is forgotten. */
  useData(data: ChosenData): void {
    const settings = { ...this.settings };
    for (const key of ['template', 'completionTemplate', 'verbalizer', 'chat', 'labelField', 'labels'])
      delete settings[key];
    this.change({ data, settings, samples: undefined });
  }

  usePreset(preset: Preset, data: ChosenData): void {
    const { method = fresh.method, methodOptions = {}, ...settings } = preset.config;
    const chosen = String(method);
    this.change({
      data,
      settings,
      method: chosen,
      methodOptions: { ...this.#kept.methodOptions, [chosen]: methodOptions as Values },
      samples: undefined,
    });
  }

  /** As it was asked for before. */
  useRequest({ config, model, auto = false }: NewJob): void {
    this.useRun({ config, model, data: typeof config.data === 'string' ? config.data : undefined });
    this.change({ isTuned: auto });
  }

  /** From a run that was, without its rows where they are out of reach. */
  useRun({
    config,
    model,
    data: path,
  }: Partial<Pick<RunDetails, 'model' | 'data'>> & Pick<RunDetails, 'config'>): void {
    const { method = fresh.method, methodOptions = {}, samplePrompts, ...rest } = config;
    const { data: _, model: __, output: ___, traceEvery: ____, ...settings } = rest;
    const chosen = String(method);
    this.change({
      data: path === undefined ? undefined : { path, name: path.split('/').at(-1)! },
      model,
      method: chosen,
      methodOptions: { ...this.#kept.methodOptions, [chosen]: methodOptions as Values },
      settings,
      samples: Array.isArray(samplePrompts) ? samplePrompts.join('\n') : undefined,
    });
  }

  get #config(): Values {
    return {
      ...this.settings,
      data: this.data?.path,
      method: this.method,
      methodOptions: this.methodOptions,
    };
  }

  /** Without what is sampled: that follows from what is checked. */
  toCheck(): DataCheck {
    const keys = ['data', 'loss', 'method', 'methodOptions', ...templateKeys, ...readingKeys];
    const read = Object.entries(this.#config).filter(([key]) => keys.includes(key));
    return { model: this.model, config: Object.fromEntries(read), examples: 5 };
  }

  /** @param totalSteps of the run, if they are known: then its prompt's path is kept, for See */
  toJob(run: string, overwrite: boolean, totalSteps?: number): NewJob {
    const prompts = this.canSample ? this.samples.split('\n').filter((line) => line.trim() !== '') : [];
    const { sampleEvery, ...others } = this.#config;
    const traceEvery = totalSteps && Math.max(1, Math.round(totalSteps / snapshots));
    return {
      run,
      model: this.model,
      config: {
        ...(traceEvery && { traceEvery }),
        ...others,
        ...(prompts.length > 0 && { samplePrompts: prompts, sampleEvery }),
      },
      ...(this.isTuned && { auto: true }),
      ...(overwrite && { overwrite }),
    };
  }
}
