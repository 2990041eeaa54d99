/** @file Which adapters of the folder cannot be served. */
import { type Language, spoken } from '../say.js';
import type { AdapterChange } from '../workspace/index.js';

export interface RefusedAdapter {
  readonly id: string;
  readonly problem: string;
  /** Of the problem. */
  readonly language: Language;
}

export class AdapterChanges {
  readonly #refused = new Map<string, RefusedAdapter>();

  see({ id, change, error }: AdapterChange): void {
    if (change === 'refused')
      this.#refused.set(id, { id, problem: error!.message, language: spoken().language });
    else if (change !== 'noted') this.#refused.delete(id);
  }

  refused(): RefusedAdapter[] {
    return [...this.#refused.values()];
  }
}
