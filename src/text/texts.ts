/** @file The texts of data files one after the other, as a tokenizer is trained on them. */
import { openRecords } from '../records/records.js';
import { type TemplateOptions, templateFor } from './template.js';

export interface TextsOptions extends TemplateOptions {
  /** See openRecords. */
  paths: readonly string[];
  signal?: AbortSignal;
}

/** The text of every record: prompt and completion, where it has both. Throws as openDataset does. */
export async function* readTexts({ paths, signal, ...templates }: TextsOptions): AsyncGenerator<string> {
  for (const path of paths) {
    const records = await openRecords(path, { signal });
    try {
      const textOf = templateFor(await records.get(0), templates);
      for await (const record of records) {
        const { prompt = '', completion } = textOf(record);
        yield prompt + completion;
      }
    } finally {
      await records.close();
    }
  }
}
