/**
 * @file Converts a record's fields to the text of an example: a prompt and its completion, by the data's shape or by
 *   templates.
 */
import { PromptuneError } from '../errors.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord, Records } from '../records/records.js';
import { say } from '../say.js';
import { conversationForm } from './conversations.js';
import { fieldNamed, fieldText, valuesOf } from './fields.js';
import { type LayoutLanguage, languageOf } from './layout-words.js';
import type { PromptText } from './prompt-text.js';
import { completionFieldOf, labeledShape, labeledTexts, promptOf, type Shape, shapeOf } from './shapes.js';
import {
  type CompiledTemplate,
  type CompiledText,
  compileTemplate,
  compileText,
} from './template-compiler.js';
import { labelTemplate, type Verbalizer, type VerbalizerOption, verbalizerOf } from './verbalizer.js';

/** The text of an example. Without a prompt, `completion` is a text that is learned as a whole. */
export interface ExampleText {
  readonly prompt?: PromptText;
  readonly completion: string;
}

export interface TemplateOptions {
  /**
   * The prompt, with a record's fields in braces: `{mr} ->`, and `{soft:5}` for five soft tokens, any number of times.
   * With `{{` or `{%` it is a Jinja template: `{{ mr }}`, `{{ soft(5) }}`, and `{{ mask() }}` for masked language
   * models. Default: by the layout of the data (see shapes.ts).
   */
  template?: string;
  /**
   * The completion, in the same way: ` {ref}`. Default: by the layout of the data, unless `template` uses the field it
   * comes from; with a verbalizer ` {label}`, or `{label}` in Chinese. Without any of these, `template` is a whole text
   * to train on instead of a prompt.
   */
  completionTemplate?: string;
  /** The words of each label. In templates, the field of the label becomes its first word. */
  verbalizer?: VerbalizerOption;
  /** The field of the label, for a verbalizer. Default: `label`. */
  labelField?: string;
  /**
   * The language of the words that a layout of the data puts around fields: `Label:` and a space, or `标签：`. Default:
   * that of the words of labels, or else of the record's completion or, if that has no letters, of its texts.
   */
  layoutLanguage?: LayoutLanguage;
}

/** How records become text, and their shape if it was recognized by the names of the fields alone. */
export interface Reading {
  /** Throws a FileError (a PromptuneError for records in memory) that names the record and the field. */
  readonly textOf: (record: DataRecord) => ExampleText;
  readonly shape?: string;
  /** The fields that become text. */
  readonly fields: ReadonlySet<string>;
  /** The template of the prompt; undefined for texts without a prompt, and where a prompt is a field as it is. */
  readonly promptTemplate?: string;
  /** The language of the words around fields; undefined if the layout has none. */
  readonly layoutLanguage?: LayoutLanguage;
  /** The field that the completion is, if it is a label of the texts. */
  readonly labelField?: string;
}

/**
 * How records like `first` become text. A template replaces its side, and the fields' names decide the other. Both
 * sides are used exactly as they are: no space is added between them, so for GPT-2 a completion usually starts with
 * one.
 *
 * @throws UsageError for an invalid template, and an error that names `first` if no field fits
 */
export function readingOf(first: DataRecord, options: TemplateOptions = {}): Reading {
  const { verbalizer } = options;
  if (verbalizer === undefined) return plainReading(first, options);
  const { textWith, words, ...reading } = labelReadingOf(first, { ...options, verbalizer });
  return { ...reading, textOf: (record) => textWith(record, words.wordsOf(words.labelOf(record))[0]!) };
}

/** How labeled records like `first` become text, with any word in place of their label. */
export interface LabelReading extends Omit<Reading, 'textOf'> {
  readonly textWith: (record: DataRecord, word: string) => ExampleText;
  readonly words: Verbalizer;
}

/** Throws as `readingOf`; `first` needs no label. */
export function labelReadingOf(
  first: DataRecord,
  options: TemplateOptions & { verbalizer: VerbalizerOption },
): LabelReading {
  const { labelField = 'label' } = options;
  const words = verbalizerOf(options.verbalizer, labelField);
  const texts = labeledTexts(first.fields);
  const { layoutLanguage = languageOf(words.words, valuesOf(first.fields, texts ?? [])) } = options;
  const known = texts && labeledShape(texts, labelField, layoutLanguage);
  const completionTemplate = labelTemplate(words, { ...options, labelField, layoutLanguage });
  const { textOf, ...reading } = plainReading(first, { ...options, completionTemplate }, known);
  const usesWords = options.completionTemplate === undefined || reading.layoutLanguage !== undefined;
  return {
    ...reading,
    ...(usesWords && { layoutLanguage }),
    textWith: (record, word) => textOf(words.withWord(record, word)),
    words,
  };
}

/** Rows in which a language is looked for: a single one may mislead, such as one whose answer is a foreign name. */
const rowsForLanguage = 20;

/** The language of the words that the layout of data puts around fields, if it has any: that of most rows. */
export async function layoutLanguageOf(
  records: Pick<Records, 'length' | 'get'>,
  options: TemplateOptions,
): Promise<LayoutLanguage | undefined> {
  if (options.layoutLanguage !== undefined) return options.layoutLanguage;
  const found: LayoutLanguage[] = [];
  for (let row = 0; row < Math.min(rowsForLanguage, records.length); row++) {
    const language = languageLike(await records.get(row), options);
    if (language !== undefined) found.push(language);
  }
  const chinese = found.filter((language) => language === 'zh').length;
  return found.length === 0 ? undefined : 2 * chinese >= found.length ? 'zh' : 'en';
}

/** Of data like this row; undefined if it is read by no layout, or cannot be read. */
function languageLike(row: DataRecord, options: TemplateOptions): LayoutLanguage | undefined {
  try {
    return readingOf(row, options).layoutLanguage;
  } catch (error) {
    if (error instanceof PromptuneError) return undefined; // whoever reads all rows says what is wrong
    throw error;
  }
}

/** `readingOf`, if only the text matters. */
export function templateFor(
  first: DataRecord,
  options: TemplateOptions = {},
): (record: DataRecord) => ExampleText {
  return readingOf(first, options).textOf;
}

function plainReading(
  first: DataRecord,
  options: TemplateOptions,
  shape: Shape | undefined = shapeOf(first.fields, options.layoutLanguage),
): Reading {
  const template = options.template === undefined ? undefined : compileTemplate(options.template, 'template');
  const completionTemplate =
    options.completionTemplate === undefined
      ? undefined
      : compileText(options.completionTemplate, 'completionTemplate');
  const said = shape && !shape.isPlain && !template ? { shape: shape.description } : {};

  const prompt =
    template ??
    (shape?.prompt ? { render: shape.prompt, fields: shape.promptFields } : promptOf(first.fields));
  const completion = completionTemplate ?? completionOf(first.fields, shape, template?.fields);
  const promptTemplate = options.template ?? (shape?.prompt && shape.promptTemplate);
  const usesWords =
    shape?.language && (!template || (!completionTemplate && completion?.fields.has(shape.completionField)));
  const isLabel = shape?.isLabel && !completionTemplate && completion?.fields.has(shape.completionField);
  if (prompt && completion)
    return {
      ...(promptTemplate !== undefined && { promptTemplate }),
      ...(usesWords && { layoutLanguage: shape.language }),
      ...(isLabel && { labelField: shape.completionField }),
      textOf: (record) => ({ prompt: prompt.render(record), completion: completion.render(record) }),
      fields: new Set([...prompt.fields, ...completion.fields]),
      ...said,
    };

  const wholeText =
    options.template === undefined
      ? undefined
      : compileText(options.template, 'template, which is a whole text to train on');
  const ofShape = shape && { render: shape.completion, fields: new Set([shape.completionField]) };
  const text = wholeText ?? (completionTemplate || shape?.prompt ? undefined : ofShape);
  if (text)
    return { textOf: (record) => ({ completion: text.render(record) }), fields: text.fields, ...said };
  throw noReading(first, completionTemplate !== undefined);
}

/** The completion if no template defines it: that of the shape, unless the prompt's template uses its field. */
function completionOf(
  fields: Fields,
  shape: Shape | undefined,
  usedByTemplate?: ReadonlySet<string>,
): CompiledText | undefined {
  if (shape?.prompt && !usedByTemplate?.has(shape.completionField))
    return { render: shape.completion, fields: new Set([shape.completionField]) };
  const name = completionFieldOf(fields);
  if (name === undefined || usedByTemplate?.has(name)) return undefined;
  return { render: (record) => fieldText(record, name), fields: new Set([name]) };
}

/** Whether a field's name reads as a text: the first row of a table without a header became its names. */
const looksLikeText = (name: string): boolean =>
  name.length > 50 || /[.!。！？]$/.test(name.trim()) || name.trim().split(/\s+/).length > 5;

/** Names that what is to be learned often has. */
const targetName =
  /^(label|class|category|target|answer|response|reference|ref|output|summary|translation)$/i;

/** The options that would read records like `first`, written for its own fields. */
function templateHint({ fields }: DataRecord, isPromptAlone: boolean): string {
  const names = Object.keys(fields).filter((name) => /^\w+$/.test(name));
  const target = names.find((name) => targetName.test(name)) ?? names.at(-1);
  const source = names.find((name) => name !== target);
  if (isPromptAlone || source === undefined || target === undefined)
    return say`Set a template, such as ${`"{${source ?? target ?? 'question'}}"`}`;
  // No space stands before Chinese.
  const space = /^\p{Script=Han}/u.test(String(fields[target])) ? '' : ' ';
  return say`Set a template and a completion template, such as ${`"{${source}}"`} and ${`"${space}{${target}}"`}`;
}

function noReading(first: DataRecord, hasCompletion: boolean): Error {
  const fields = Object.keys(first.fields).join(', ') || 'none';
  if (conversationForm(first.fields) && !hasCompletion)
    return dataError(
      first,
      say`the fields are ${fields}: these are conversations, but this model has no chat template for
        them. Use a model that has one, or your own template, such as "{% for m in messages %}{{
        m.content }}\\n{% endfor %}"`,
    );
  const known = hasCompletion
    ? say`expected a prompt in prompt, instruction or input`
    : say`expected prompt and completion, input and output, instruction and output, or text`;
  const hint = Object.keys(first.fields).some(looksLikeText)
    ? say`These look like a row of a table without a header: name its columns (--columns), such as label,text`
    : templateHint(first, hasCompletion);
  return dataError(first, say`the fields are ${fields}; ${known}. ${hint}`);
}

/** How records like `first` become a prompt only, for data with its answers elsewhere. Throws as `readingOf`. */
export function promptFor(
  first: DataRecord,
  { template, layoutLanguage }: Pick<TemplateOptions, 'template' | 'layoutLanguage'>,
): Pick<CompiledTemplate, 'render' | 'fields'> {
  if (template !== undefined) return compileTemplate(template, 'template');
  const shape = shapeOf(first.fields, layoutLanguage);
  if (shape?.prompt) return { render: shape.prompt, fields: new Set(shape.promptFields) };
  const prompt = promptOf(first.fields);
  if (prompt) return { render: prompt.render, fields: new Set(prompt.fields) };
  throw noReading(first, true);
}

/**
 * How records like `first` become one text: by a template, which may have masks, or by the first of `names` that they
 * have. Throws as `readingOf`.
 */
export function textFor(
  first: DataRecord,
  template: string | undefined,
  names: readonly string[],
): Pick<CompiledTemplate, 'render' | 'fields'> {
  if (template !== undefined) {
    const compiled = compileTemplate(template, 'template');
    const hasMasksAlone = compiled.masks > 0 && compiled.softTokens === 0;
    return hasMasksAlone ? compiled : compileText(template, 'template, whose texts have labels');
  }
  const name = names
    .map((candidate) => fieldNamed(first.fields, candidate))
    .find((found) => found !== undefined);
  if (name !== undefined) return { render: (record) => fieldText(record, name), fields: new Set([name]) };
  const fields = Object.keys(first.fields).join(', ') || 'none';
  throw dataError(
    first,
    say`the fields are ${fields}; expected a text in ${names.join(', ')}. ${templateHint(first, true)}`,
  );
}

/** The numbers of places in a template. Throws a UsageError for an invalid template. */
export function placesIn(template: string | undefined): { softTokens: number; masks: number } {
  return template === undefined ? { softTokens: 0, masks: 0 } : compileTemplate(template, 'template');
}

/** The number of soft tokens in a template. Throws as `placesIn`. */
export const softTokensIn = (template: string | undefined): number => placesIn(template).softTokens;

/**
 * A template as a function of its fields, for prompts that are written one by one.
 * @throws UsageError for an invalid template; the function throws a PromptuneError for a missing field
 */
export function promptTemplate(template: string): {
  readonly fields: ReadonlySet<string>;
  render(fields: Fields): PromptText;
} {
  const { fields, render } = compileTemplate(template, 'template');
  return { fields, render: (values) => render({ fields: values, place: say`the prompt` }) };
}
