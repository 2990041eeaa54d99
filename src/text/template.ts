/** @file From a record's fields to the text of an example: a prompt and its completion, by the data's shape or by templates. */
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { fieldText } from './fields.js';
import type { PromptText } from './prompt-text.js';
import { conversationField, labeledShape, labeledTexts, promptOf, type Shape, shapeOf } from './shapes.js';
import { compileTemplate, compileText } from './template-compiler.js';
import { type Verbalizer, type VerbalizerOption, verbalizerOf } from './verbalizer.js';

/** What an example says. Without a prompt, `completion` is a text to learn as a whole. */
export interface ExampleText {
  readonly prompt?: PromptText;
  readonly completion: string;
}

export interface TemplateOptions {
  /**
   * The prompt, with a record's fields in braces: `{mr} ->`, and `{soft:5}` for five soft tokens, as often as wanted. With `{{` or
   * `{%` in it, it is a Jinja template: `{{ mr }}`, `{{ soft(5) }}`, and `{{ mask() }}` for masked language models.
   * Default: by the shape of the data (see shapes.ts).
   */
  template?: string;
  /**
   * The completion, in the same way: ` {ref}`. Default: by the shape of the data, if `template` does not use the field that it
   * comes from; with a verbalizer ` {label}`. Where there is none of these, `template` is not a prompt but a whole text to learn.
   */
  completionTemplate?: string;
  /** The words that stand for each label: in templates, the field of the label says the first of its label's. */
  verbalizer?: VerbalizerOption;
  /** The field of the label, for a verbalizer. Default: `label`. */
  labelField?: string;
}

/** How records become text, and the shape that was recognized, if their fields' names said it and nobody else. */
export interface Reading {
  /** Throws a FileError (a PromptuneError for records in memory) that names the record and the field. */
  readonly textOf: (record: DataRecord) => ExampleText;
  readonly shape?: string;
}

/**
 * How records like `first` become text. A template stands for its side, and the fields' names decide the rest. Both sides
 * are taken exactly as they are: no space is put between them, so that for GPT-2 a completion usually begins with one.
 *
 * @throws UsageError for a template that cannot be read, and an error that names `first` where no field fits
 */
export function readingOf(first: DataRecord, options: TemplateOptions = {}): Reading {
  const { verbalizer } = options;
  if (verbalizer === undefined) return plainReading(first, options);
  const { textWith, words, shape } = labelReadingOf(first, { ...options, verbalizer });
  return { textOf: (record) => textWith(record, words.wordsOf(words.labelOf(record))[0]!), shape };
}

/** How labeled records like `first` become text with any word in the place of their label. */
export interface LabelReading {
  readonly textWith: (record: DataRecord, word: string) => ExampleText;
  readonly words: Verbalizer;
  readonly shape?: string;
}

/** Throws as `readingOf`; `first` needs no label. */
export function labelReadingOf(
  first: DataRecord,
  options: TemplateOptions & { verbalizer: VerbalizerOption },
): LabelReading {
  const { labelField = 'label', completionTemplate = ` {${labelField}}` } = options;
  const words = verbalizerOf(options.verbalizer, labelField);
  const texts = labeledTexts(first.fields);
  const known = texts && labeledShape(texts, labelField);
  const { textOf, shape } = plainReading(first, { ...options, completionTemplate }, known);
  return { textWith: (record, word) => textOf(words.withWord(record, word)), words, shape };
}

/** `readingOf`, where only the text matters. */
export function templateFor(
  first: DataRecord,
  options: TemplateOptions = {},
): (record: DataRecord) => ExampleText {
  return readingOf(first, options).textOf;
}

function plainReading(
  first: DataRecord,
  options: TemplateOptions,
  shape: Shape | undefined = shapeOf(first.fields),
): Reading {
  const template = options.template === undefined ? undefined : compileTemplate(options.template, 'template');
  const completionTemplate =
    options.completionTemplate === undefined
      ? undefined
      : compileText(options.completionTemplate, 'completionTemplate');
  const said = shape && !shape.isPlain && !template ? { shape: shape.description } : {};

  const prompt = template?.render ?? shape?.prompt ?? promptOf(first.fields)?.render;
  const completion = completionTemplate ?? completionOf(first.fields, shape, template?.fields);
  if (prompt && completion)
    return { textOf: (record) => ({ prompt: prompt(record), completion: completion(record) }), ...said };

  const wholeText =
    options.template === undefined
      ? undefined
      : compileText(options.template, 'template, which is a whole text to learn here');
  const text = wholeText ?? (completionTemplate || shape?.prompt ? undefined : shape?.completion);
  if (text) return { textOf: (record) => ({ completion: text(record) }), ...said };
  throw noReading(first, completionTemplate !== undefined);
}

/** What the completion is where no template says it: by the shape, unless the prompt's template uses its field. */
function completionOf(
  fields: Fields,
  shape: Shape | undefined,
  usedByTemplate?: ReadonlySet<string>,
): ((record: DataRecord) => string) | undefined {
  if (shape?.prompt && !usedByTemplate?.has(shape.completionField)) return shape.completion;
  const name = ['completion', 'output'].find((name) => name in fields && !usedByTemplate?.has(name));
  return name === undefined ? undefined : (record) => fieldText(record, name);
}

function noReading(first: DataRecord, hasCompletion: boolean): Error {
  const fields = Object.keys(first.fields).join(', ') || 'none';
  if (conversationField(first.fields) !== undefined && !hasCompletion)
    return dataError(
      first,
      `the fields are ${fields}: these are conversations, and this model has no chat template to write them with. ` +
        'Take a model that has one, or give a template of your own, such as "{% for m in messages %}{{ m.content }}\\n{% endfor %}"',
    );
  const known = hasCompletion
    ? 'expected a prompt in prompt, instruction or input'
    : 'expected prompt and completion, input and output, instruction and output, or text';
  return dataError(
    first,
    `the fields are ${fields}; ${known}. Name them with a template, such as "{question}"`,
  );
}

/**
 * How records like `first` become a prompt alone, for data whose right answers are elsewhere. Throws as `readingOf`.
 */
export function promptFor(
  first: DataRecord,
  template: string | undefined,
): (record: DataRecord) => PromptText {
  const prompt =
    template === undefined
      ? (shapeOf(first.fields)?.prompt ?? promptOf(first.fields)?.render)
      : compileTemplate(template, 'template').render;
  if (prompt) return prompt;
  throw noReading(first, true);
}

/**
 * How records like `first` become one text, by a template, which may have masks, or by the first of `names` that they have. Throws as
 * `readingOf`.
 */
export function textFor(
  first: DataRecord,
  template: string | undefined,
  names: readonly string[],
): (record: DataRecord) => PromptText {
  if (template !== undefined) {
    const { masks, softTokens, render } = compileTemplate(template, 'template');
    const hasMasksAlone = masks > 0 && softTokens === 0;
    return hasMasksAlone ? render : compileText(template, 'template, whose texts have labels');
  }
  const name = names.find((candidate) => candidate in first.fields);
  if (name !== undefined) return (record) => fieldText(record, name);
  const fields = Object.keys(first.fields).join(', ') || 'none';
  throw dataError(
    first,
    `the fields are ${fields}; expected a text in ${names.join(', ')}. Name it with a template, such as "{review}"`,
  );
}

/** The places in a template. Throws a UsageError for a template that cannot be read. */
export function placesIn(template: string | undefined): { softTokens: number; masks: number } {
  return template === undefined ? { softTokens: 0, masks: 0 } : compileTemplate(template, 'template');
}

/** How many soft tokens a template has. Throws as `placesIn`. */
export const softTokensIn = (template: string | undefined): number => placesIn(template).softTokens;

/**
 * A template as a function of its fields, for prompts that are made one by one.
 * @throws UsageError for a template that cannot be read; the function throws a PromptuneError for a missing field
 */
export function promptTemplate(template: string): {
  readonly fields: ReadonlySet<string>;
  render(fields: Fields): PromptText;
} {
  const { fields, render } = compileTemplate(template, 'template');
  return { fields, render: (values) => render({ fields: values, place: 'the prompt' }) };
}
