/** @file The models that jobs may name: the served one, and those that are on this machine. */
import { optionError } from '../errors.js';
import { listModels } from '../hub/index.js';
import type { ModelDtype } from '../models/dtype.js';
import type { Pretrained } from '../open-pretrained.js';
import { fromPretrained } from '../pretrained.js';
import { say } from '../say.js';
import type { Models } from './api/index.js';

/** How the served model was opened. */
export interface ServedModelSource {
  readonly name: string;
  readonly revision?: string;
  readonly dtype?: ModelDtype;
}

export class StudioModels {
  readonly served: ServedModelSource;
  readonly #pretrained: Pretrained;
  /** The last other one that was opened. Weights are mapped, and cost no memory while nothing runs. */
  #other: { readonly key: string; readonly pretrained: Promise<Pretrained> } | undefined;

  constructor(served: ServedModelSource, pretrained: Pretrained) {
    this.served = served;
    this.#pretrained = pretrained;
  }

  /**
   * @param name default: the served model
   * @param how as a job opens it. Default: as the server opened its own, or as the model is stored
   * @throws UsageError for a model that is not on this machine: the studio neither downloads nor reads other folders
   */
  async open(name = this.served.name, how: Omit<ServedModelSource, 'name'> = {}): Promise<Pretrained> {
    const isServed = name === this.served.name;
    const { revision = isServed ? this.served.revision : undefined } = how;
    const { dtype = isServed ? this.served.dtype : undefined } = how;
    if (isServed && revision === this.served.revision && dtype === this.served.dtype) return this.#pretrained;
    if (!isServed) await this.check(name);
    const key = JSON.stringify([name, revision, dtype]);
    if (this.#other?.key !== key) {
      const pretrained = fromPretrained(name, { revision, dtype, offline: true });
      this.#other = { key, pretrained };
      pretrained.catch(() => {
        this.#other = undefined;
      });
    }
    return this.#other!.pretrained;
  }

  /** Throws as `open`, without opening it. */
  async check(name: string): Promise<void> {
    const { models } = await this.list();
    const found = models.find((model) => model.name === name);
    if (found && found.problem === undefined) return;
    throw optionError(
      'model',
      found?.problem ??
        say`${JSON.stringify(name)} is not on this machine; download it, or open the studio over it`,
      { code: 'not-found' },
    );
  }

  async list(): Promise<Models> {
    const present = (await listModels()).map(({ name, family, dtype, bytes, problem }) => ({
      ...{ name, family, dtype, bytes, problem },
      isServed: name === this.served.name,
    }));
    if (present.some(({ isServed }) => isServed)) return { models: present };
    return { models: [{ name: this.served.name, bytes: 0, isServed: true }, ...present] };
  }
}
