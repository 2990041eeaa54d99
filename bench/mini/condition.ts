/** @file One way to put the model to a task: which weights, what is learned, and what stands around the input. */
import type { Adapter, LanguageModel, Tokenizer } from '../../src/index.js';

/** A row of a task as fields for templates. */
export interface Row {
  /** What the model is given, less the line break that ends it in some tasks. */
  readonly input: string;
  readonly completion: string;
  /** The completion with a capital. */
  readonly Completion: string;
  /** Of questions: what is told before, with a space at its end, and the question itself. */
  readonly context: string;
  readonly question: string;
}

/** A text prompt: what is written around a row's input, and how the answer is written after it. */
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
