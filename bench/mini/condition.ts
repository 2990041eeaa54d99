/** @file One way to make the model do a task: its weights, the adapter, and the layout of the input. */
import type { Adapter, LanguageModel, Tokenizer } from '../../src/index.js';

/** A row of a task as fields for templates. */
export interface Row {
  /** The input, without the line break at its end that some tasks have. */
  readonly input: string;
  readonly completion: string;
  /** The completion, capitalized. */
  readonly Completion: string;
  /** For questions: the context, with a space at its end, and the question itself. */
  readonly context: string;
  readonly question: string;
}

/** A text prompt: what is written around a row's input, and how its answer is written after it. */
export interface Layout {
  /** A template of the prompt, such as `Q: {input}\nA:`. */
  readonly prompt: string;
  /** A template of the completion, such as ` {completion}`. */
  readonly answer: string;
}

export interface Condition {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly adapter?: Adapter;
  readonly layout: Layout;
}

export function fill(template: string, row: Row): string {
  return template.replace(/\{(\w+)\}/g, (_, name: keyof Row) => row[name]);
}
