/** @file Generation with the prompt that a selector chooses for each input. */

import { UsageError } from '../errors.js';
import type { GeneratedRow } from '../generation/generate.js';
import {
  createTextGenerator,
  type TextGenerator,
  type TextRequestOptions,
} from '../generation/text-generator.js';
import type { LanguageModel } from '../models/model.js';
import { recordOf } from '../records/data.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import { templateFor } from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { adapterOf, type Candidate } from './candidates.js';
import { inputTemplate } from './rows.js';
import type { Choice, Selector } from './selector.js';

export interface Chosen extends Choice {
  /** The row's input. */
  readonly input: string;
  /** The candidate's prompt for the row, which the model continues. */
  readonly prompt: string;
}

export interface SelectiveGenerator {
  /** Chooses a prompt for each row. Throws an error that names the row if a field is missing. */
  choose(rows: readonly Fields[], options?: { signal?: AbortSignal }): Promise<Chosen[]>;
  /** Continues the chosen prompts, in one batch per adapter. */
  generate(chosen: readonly Chosen[], options?: TextRequestOptions): Promise<GeneratedRow[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SelectiveGeneratorOptions {
  selector: Selector;
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
}

/** Adapters of candidates are loaded when they are first chosen. Does not dispose of the selector. */
export function createSelectiveGenerator({
  selector,
  ...options
}: SelectiveGeneratorOptions): SelectiveGenerator {
  const generators = new Map<string, Promise<TextGenerator>>();
  const keyOf = ({ adapter, task }: Candidate) => JSON.stringify([adapter, task]);
  const generatorOf = (candidate: Candidate) => {
    const known = generators.get(keyOf(candidate));
    if (known) return known;
    const made = adapterOf(candidate, options.model).then((adapter) =>
      createTextGenerator({ ...options, adapter }),
    );
    generators.set(keyOf(candidate), made);
    made.catch(() => generators.delete(keyOf(candidate))); // the next request tries again
    return made;
  };

  return {
    async choose(rows, { signal } = {}) {
      const records = rows.map(recordOf);
      const texts = records.map((record) => render(inputTemplate(selector.inputField), record));
      for (const [i, text] of texts.entries()) {
        if (text === '') throw dataError(records[i]!, say`the field ${selector.inputField} is empty`);
      }
      const choices = await selector.select(texts, { signal });
      return choices.map((choice, i) => {
        return { ...choice, input: texts[i]!, prompt: promptOf(choice.candidate, selector, records[i]!) };
      });
    },
    async generate(chosen, request = {}) {
      const results: GeneratedRow[] = new Array(chosen.length);
      const groups = new Map<string, number[]>();
      for (const [i, { candidate }] of chosen.entries())
        groups.set(keyOf(candidate), [...(groups.get(keyOf(candidate)) ?? []), i]);
      for (const indices of groups.values()) {
        const generator = await generatorOf(chosen[indices[0]!]!.candidate);
        const rows = await generator.generate(
          indices.map((i) => ({ text: chosen[i]!.prompt, raw: true })),
          request,
        );
        for (const [i, index] of indices.entries()) results[index] = rows[i]!;
      }
      return results;
    },
    async dispose() {
      for (const generator of generators.values()) await (await generator).dispose();
      generators.clear();
    },
    [Symbol.asyncDispose]() {
      return this.dispose();
    },
  };
}

/** What a candidate makes of a row, whose answer may be missing. */
export function promptOf(
  { template }: Candidate,
  { inputField }: Pick<Selector, 'inputField'>,
  record: DataRecord,
): string {
  return render(template ?? inputTemplate(inputField), record);
}

/** Renders a template; answers are not needed. */
function render(template: string, record: DataRecord): string {
  const { prompt, completion } = templateFor(record, { template })(record);
  if (prompt === undefined) return completion;
  if (typeof prompt === 'string') return prompt;
  throw new UsageError(
    say`a candidate's template is text only; remove {soft:…} from ${JSON.stringify(template)}`,
  );
}
