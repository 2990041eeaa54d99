/** @file The context of every part of the benchmark. */
import type { Report } from './report.js';

export interface Context {
  /** Folder of a model of GPT-2 small's shape. */
  readonly model: string;
  /** Folder of a smaller one, for steps that train every weight. */
  readonly smallModel: string;
  /** A data file in E2E's format and the folder of a tokenizer, if the user named them. */
  readonly e2e?: { readonly data: string; readonly tokenizer: string };
  /** A GGUF file for comparisons with llama.cpp, if the user named one. */
  readonly gguf?: string;
  /** Folder of the peers' scripts. */
  readonly peers: string;
  /** A folder for temporary files. */
  readonly scratch: string;
}

/** One part: measures, and returns its report. */
export type Part = (context: Context) => Promise<Report>;
