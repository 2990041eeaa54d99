/** @file How an adapter's training data was read, as its files note it: the default for reading other data with it. */
import { describeProblem, UsageError } from '../errors.js';
import type { AdapterUsage } from '../formats/own-file.js';
import { say } from '../say.js';
import { schemaProblems } from '../schema-problems.js';
import { type DataConfig, dataSchema, fileKeys } from './data-config.js';

/** The words of each label, and the field of the label. */
export type LabelWords = Required<Pick<DataConfig, 'verbalizer'>> & Pick<DataConfig, 'labelField'>;

/** The words that are noted, or labels that are their own words. */
export function labelWords(usage: AdapterUsage | undefined): LabelWords | undefined {
  const { verbalizer, labelField } = notedReading(usage);
  if (verbalizer) return { verbalizer, labelField };
  const { labels } = usage ?? {};
  if (!labels) return undefined;
  return {
    verbalizer: Object.fromEntries(labels.names.map((name) => [name, name])),
    labelField: labels.field,
  };
}

const schema = dataSchema.omit(fileKeys).strip();

/**
 * The settings that are noted. Those of later versions are left out. Earlier versions noted no language: their layouts
 * were all in English.
 * @param given settings that replace noted ones: a template replaces that of the model's chat format
 * @throws UsageError for notes that are damaged
 */
export function notedReading(
  usage: AdapterUsage | undefined,
  given: Partial<DataConfig> = {},
): Partial<DataConfig> {
  const noted = usage?.reading ?? {};
  const [problem] = schemaProblems(schema, noted);
  if (problem)
    throw new UsageError(say`promptune.json of the adapter (reading): ${describeProblem(problem)}`);
  const parsed = schema.parse(noted);
  const settings = Object.fromEntries(Object.entries(parsed).filter(([key]) => Object.hasOwn(noted, key)));
  const isWritten = given.template !== undefined || given.completionTemplate !== undefined;
  if (isWritten) delete settings.chat;
  if (given.chat) for (const key of ['template', 'completionTemplate', 'verbalizer']) delete settings[key];
  if (usage) settings.layoutLanguage ??= 'en';
  const replacing = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(replacing) };
}
