/** @file Verbalizers: the words of each label (PET, Schick & Schütze 2021). */
import { optionError } from '../errors.js';
import { dataError } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import { fieldText } from './fields.js';
import { type LayoutLanguage, languageOf, layoutWords } from './layout-words.js';
import { compileText } from './template-compiler.js';
import type { Tokenizer } from './tokenizer.js';

/** One or more words of each label. Training uses the first. */
export type VerbalizerOption = Readonly<Record<string, string | readonly string[]>>;

export interface Verbalizer {
  readonly labels: readonly string[];
  /** Those of all labels. */
  readonly words: readonly string[];
  wordsOf(label: string): readonly string[];
  /** The label of a record. Throws an error that names the record if the verbalizer does not have it. */
  labelOf(record: DataRecord): string;
  /** The record with a word in place of its label. */
  withWord(record: DataRecord, word: string): DataRecord;
}

/** What words of labels stand in. */
export interface LabelPlace {
  /** Default: the field of the label, after a space unless the layout is Chinese. */
  readonly completionTemplate?: string;
  /** Default: `label`. */
  readonly labelField?: string;
  /** Default: that of the words. */
  readonly layoutLanguage?: LayoutLanguage;
}

/** The completion template of words of labels. */
export function labelTemplate(
  words: Pick<Verbalizer, 'words'>,
  { completionTemplate, labelField = 'label', layoutLanguage = languageOf(words.words) }: LabelPlace,
): string {
  return completionTemplate ?? `${layoutWords(layoutLanguage).gap}{${labelField}}`;
}

/**
 * The first token of each label's words, as they occur in a completion template.
 * @throws UsageError if two words begin with the same token
 */
export function firstTokens(
  words: Verbalizer,
  tokenizer: Pick<Tokenizer, 'encode' | 'tokenOf'>,
  place: LabelPlace,
): number[][] {
  const { labelField = 'label' } = place;
  const { render: textOf } = compileText(labelTemplate(words, place), 'completionTemplate');
  const wordOf = new Map<number, string>();
  return words.labels.map((label) =>
    words.wordsOf(label).map((word) => {
      const text = textOf({ place: say`the verbalizer`, fields: { [labelField]: word } });
      const [id] = tokenizer.encode(text, { continues: true });
      if (id === undefined)
        throw optionError('verbalizer', say`the word ${JSON.stringify(word)} has no token`);
      const other = wordOf.get(id);
      if (other !== undefined)
        throw optionError(
          'verbalizer',
          say`${JSON.stringify(other)} and ${JSON.stringify(word)} start with the same token,
            ${JSON.stringify(tokenizer.tokenOf(id))}; use other words`,
        );
      wordOf.set(id, word);
      return id;
    }),
  );
}

/** Tokens from which on a word is a long label: its probability is that of many tokens, and it takes longer. */
const longWord = 4;

/** One line about words of many tokens, where a completion template has them; none if there are none. */
export function longWordWarnings(
  words: Verbalizer,
  tokenizer: Pick<Tokenizer, 'encode'>,
  place: LabelPlace,
): string[] {
  const { labelField = 'label' } = place;
  const { render: textOf } = compileText(labelTemplate(words, place), 'completionTemplate');
  const long = words.labels.flatMap((label) =>
    words.wordsOf(label).flatMap((word) => {
      const text = textOf({ place: say`the verbalizer`, fields: { [labelField]: word } });
      const { length } = tokenizer.encode(text, { continues: true });
      return length >= longWord ? [say`${JSON.stringify(word)} has ${length}`] : [];
    }),
  );
  if (long.length === 0) return [];
  return [
    say`words of labels have many tokens with this model (${long.join(', ')}): shorter ones are
      surer and faster`,
  ];
}

/** @throws UsageError for fewer than two labels, a label without a word, or a word of two labels */
export function verbalizerOf(option: VerbalizerOption, labelField = 'label'): Verbalizer {
  const words = new Map(Object.entries(option).map(([label, given]) => [label, [given].flat()]));
  if (words.size < 2) throw optionError('verbalizer', say`expected at least two labels`);
  const seen = new Map<string, string>();
  for (const [label, list] of words) {
    if (list.length === 0 || list.some((word) => word.trim() === ''))
      throw optionError(
        'verbalizer',
        say`the label ${JSON.stringify(label)} needs at least one non-empty word`,
      );
    for (const word of list) {
      const other = seen.get(word);
      if (other !== undefined)
        throw optionError(
          'verbalizer',
          say`the word ${JSON.stringify(word)} belongs to both ${JSON.stringify(other)} and
            ${JSON.stringify(label)}`,
        );
      seen.set(word, label);
    }
  }
  const labels = [...words.keys()];
  const labelOf = (record: DataRecord) => {
    const label = fieldText(record, labelField);
    if (words.has(label)) return label;
    throw dataError(
      record,
      say`the label ${JSON.stringify(label)} is not in the verbalizer, which has
        ${labels.join(', ')}`,
    );
  };
  return {
    labels,
    words: [...seen.keys()],
    wordsOf: (label) => words.get(label)!,
    labelOf,
    withWord: (record, word) => ({ ...record, fields: { ...record.fields, [labelField]: word } }),
  };
}
