/** @file What every part of the benchmark is given. */
import type { Report } from './report.js';

export interface Context {
  /** Folder of a model of GPT-2 small's shape. */
  readonly model: string;
  /** Folder of a smaller one, for steps that train every weight. */
  readonly smallModel: string;
  /** A data file of E2E's form and the folder of a tokenizer, where the user gave them. */
  readonly e2e?: { readonly data: string; readonly tokenizer: string };
  /** Folder of the peers' scripts. */
  readonly peers: string;
  /** A folder for temporary files. */
  readonly scratch: string;
}

/** One part: measures, and reports what it found. */
export type Part = (context: Context) => Promise<Report>;
