/** @file The texts of data in sequence, for training a tokenizer. */
import { type Data, openData, storedSources } from '../records/data.js';
import type { ReadOptions } from '../records/text-encoding.js';
import { layoutLanguageOf, type TemplateOptions, templateFor } from './template.js';

export interface TextsOptions extends TemplateOptions, ReadOptions {
  data: Data;
}

/** The text of every record: prompt and completion if it has both. Throws as openDataset does. */
export async function* readTexts({
  data,
  encoding,
  columns,
  header,
  signal,
  ...templates
}: TextsOptions): AsyncGenerator<string> {
  for (const source of await storedSources(data, signal)) {
    const records = await openData(source, { encoding, columns, header, signal });
    try {
      const layoutLanguage = await layoutLanguageOf(records, templates);
      const textOf = templateFor(await records.get(0), { ...templates, layoutLanguage });
      for await (const record of records) {
        const { prompt = '', completion } = textOf(record);
        yield prompt + completion;
      }
    } finally {
      await records.close();
    }
  }
}
