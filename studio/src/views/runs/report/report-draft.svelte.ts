/** @file A report that is being asked for: kept while the page is open. */
import type { NewBenchmark, NewComparison, NewEvaluation } from '../../../backend/backend.js';
import type { ChosenData } from '../../learn/chosen-data.js';

export const reportTypes = ['evaluate', 'compare', 'benchmark'] as const;
export type ReportType = (typeof reportTypes)[number];

/** What answers are: texts that are written, or labels that are chosen. */
export type Answers = 'texts' | 'labels';

interface Values {
  readonly type: ReportType;
  /** '' for the one that is proposed. */
  readonly name: string;
  /** To learn from. */
  readonly data?: ChosenData;
  /** To measure on. */
  readonly test?: ChosenData;
  readonly answers: Answers;
  readonly metrics: readonly string[];
  /** Separated by commas; '' for those that the rows have. */
  readonly labels: string;
  /** The field with the right answer; '' for the completion. */
  readonly referenceField: string;
  readonly template: string;
  readonly completionTemplate: string;
  readonly maxNewTokens: number;
  /** What is evaluated; '' for the model alone. */
  readonly adapter: string;
  readonly methods: readonly string[];
  readonly seeds: string;
  /** Undefined for as many as in training. */
  readonly maxSteps: number | undefined;
  readonly isUntunedScored: boolean;
  /** Written by hand, one per line. */
  readonly prompts: string;
  readonly shots: number;
  readonly isSearched: boolean;
}

const fresh: Values = {
  ...{ type: 'evaluate', name: '', answers: 'texts', metrics: ['chrf2', 'rouge-l'] },
  ...{ labels: '', referenceField: '', template: '', completionTemplate: '', maxNewTokens: 64, adapter: '' },
  ...{ methods: ['prompt-tuning', 'prefix-tuning', 'lora'], seeds: '0', maxSteps: undefined },
  ...{ isUntunedScored: true, prompts: '', shots: 8, isSearched: false },
};

/** Texts in a list that is separated by commas. */
export const listed = (text: string): string[] =>
  text
    .split(/[,，]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

class ReportDraft {
  #values = $state.raw<Values>(fresh);

  get values(): Values {
    return this.#values;
  }

  change(changes: Partial<Values>): void {
    this.#values = { ...this.#values, ...changes };
  }

  /** @param ofRows labels that the rows have */
  #labels(ofRows: readonly string[]): readonly string[] {
    const given = listed(this.#values.labels);
    return given.length > 0 ? given : ofRows;
  }

  get #reading() {
    const { template, completionTemplate } = this.#values;
    return { ...(template && { template }), ...(completionTemplate && { completionTemplate }) };
  }

  /** @param hasHead whether the adapter has labels of its own */
  toEvaluation(name: string, ofRows: readonly string[], hasHead: boolean): NewEvaluation {
    const { adapter, test, answers, metrics, referenceField, maxNewTokens } = this.#values;
    const scoring = hasHead
      ? {}
      : answers === 'labels'
        ? { labels: [...this.#labels(ofRows)] }
        : {
            metrics: [...metrics],
            generation: { maxNewTokens },
            ...(referenceField && { referenceField }),
          };
    const reading = this.#reading;
    return {
      ...{ name, adapters: adapter === '' ? [] : [adapter], data: test!.path, answers: scoring },
      ...(Object.keys(reading).length > 0 && { reading }),
    };
  }

  toComparison(name: string, ofRows: readonly string[]): NewComparison {
    const { data, test, methods, seeds, maxSteps, isUntunedScored, answers, metrics } = this.#values;
    const { referenceField, maxNewTokens } = this.#values;
    const scoring =
      answers === 'labels'
        ? { labels: this.#labels(ofRows) }
        : { metrics, generation: { maxNewTokens }, ...(referenceField && { referenceField }) };
    return {
      name,
      config: {
        ...{ data: data!.path, test: test!.path, methods, seeds: listed(seeds).map(Number) },
        ...(maxSteps !== undefined && { maxSteps }),
        ...{ ...this.#reading, ...scoring, untuned: isUntunedScored },
      },
    };
  }

  toBenchmark(name: string): NewBenchmark {
    const { data, test, methods, maxSteps, answers, metrics, referenceField, maxNewTokens } = this.#values;
    const { prompts, shots, isSearched, template, completionTemplate } = this.#values;
    const written = prompts.split('\n').filter((line) => line.trim() !== '');
    return {
      name,
      config: {
        ...{ data: data!.path, test: test!.path, methods, shots, prompts: written },
        ...(answers === 'texts' && { metrics, maxNewTokens }),
        ...(answers === 'texts' && referenceField && { referenceField }),
        ...(answers === 'labels' && referenceField && { labelField: referenceField }),
        ...(maxSteps !== undefined && { maxSteps }),
        ...(!isSearched && { searchSteps: 0 }),
        ...(template && { template }),
        ...(completionTemplate && { completionTemplate }),
      },
    };
  }
}

export const reportDraft = new ReportDraft();
