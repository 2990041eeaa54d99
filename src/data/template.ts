/** @file From a record's fields to the text of an example: a prompt and its completion, by field names or by templates. */
import { UsageError } from '../errors.js';
import { kindOf } from '../formats/json.js';
import { dataError } from './data-error.js';
import { nearestName } from './nearest.js';
import type { PromptText, SoftTokens } from './prompt-text.js';
import type { Fields } from './record-formats.js';
import type { DataRecord } from './records.js';

/** What an example says. Without a prompt, `completion` is a text to learn as a whole. */
export interface ExampleText {
  readonly prompt?: PromptText;
  readonly completion: string;
}

export interface TemplateOptions {
  /**
   * The prompt, with a record's fields in braces: `{mr} ->`. `{{` and `}}` stand for braces, and `{soft:5}` for five soft
   * tokens, as often as wanted.
   * Default: the field `prompt`; or `instruction`, and below it `input` where that is not empty; or `input`.
   */
  template?: string;
  /**
   * The completion, in the same way: ` {ref}`. Default: the field `completion` or `output`, if `template` does not use it.
   * Where there is none of these, `template` is not a prompt but a whole text to learn.
   */
  completionTemplate?: string;
}

type Render = (record: DataRecord) => string;
type RenderPrompt = (record: DataRecord) => PromptText;

/**
 * How records like `first` become text. A template stands for its side, and the fields' names decide the rest;
 * the field `text` is a text to learn as a whole. Both sides are taken exactly as they are: no space is put
 * between them, so that for GPT-2 a completion usually begins with one.
 *
 * The function returned throws a FileError (a PromptuneError for records in memory) that names the record and the field.
 * Throws a UsageError for a template that cannot be read, and an error that names `first` where no field fits.
 */
export function templateFor(
  first: DataRecord,
  options: TemplateOptions = {},
): (record: DataRecord) => ExampleText {
  const template = options.template === undefined ? undefined : compile(options.template, 'template');
  const completionTemplate =
    options.completionTemplate === undefined
      ? undefined
      : compile(options.completionTemplate, 'completionTemplate');

  const prompt = template ? template.render : promptByName(first.fields);
  const completion = completionTemplate
    ? textOnly(completionTemplate, 'completionTemplate')
    : completionByName(first.fields, template?.fields);
  if (prompt && completion) return (record) => ({ prompt: prompt(record), completion: completion(record) });

  const wholeText = template && textOnly(template, 'template, which is a whole text to learn here');
  const text = wholeText ?? (completionTemplate ? undefined : textByName(first.fields));
  if (text) return (record) => ({ completion: text(record) });

  const fields = Object.keys(first.fields).join(', ') || 'none';
  const known = completionTemplate
    ? 'expected a prompt in prompt, instruction or input'
    : 'expected prompt and completion, input and output, instruction and output, or text';
  throw dataError(
    first,
    `the fields are ${fields}; ${known}. Name them with a template, such as "{question}"`,
  );
}

/**
 * How records like `first` become a prompt alone, for data whose right answers are elsewhere. Throws as `templateFor`.
 */
export function promptFor(first: DataRecord, template: string | undefined): RenderPrompt {
  const prompt = template === undefined ? promptByName(first.fields) : compile(template, 'template').render;
  if (prompt) return prompt;
  const fields = Object.keys(first.fields).join(', ') || 'none';
  throw dataError(
    first,
    `the fields are ${fields}; expected a prompt in prompt, instruction or input. Name it with a template, such as "{question}"`,
  );
}

/**
 * How records like `first` become one text, by a template or by the first of `names` that they have. Throws as `templateFor`.
 */
export function textFor(
  first: DataRecord,
  template: string | undefined,
  names: readonly string[],
): (record: DataRecord) => string {
  if (template !== undefined)
    return textOnly(compile(template, 'template'), 'template, whose texts have labels');
  const name = names.find((candidate) => candidate in first.fields);
  if (name !== undefined) return field(name);
  const fields = Object.keys(first.fields).join(', ') || 'none';
  throw dataError(
    first,
    `the fields are ${fields}; expected a text in ${names.join(', ')}. Name it with a template, such as "{review}"`,
  );
}

function promptByName(fields: Fields): Render | undefined {
  if ('prompt' in fields) return field('prompt');
  if ('instruction' in fields) return instructionAndInput;
  return 'input' in fields ? field('input') : undefined;
}

function instructionAndInput(record: DataRecord): string {
  const instruction = fieldText(record, 'instruction');
  const input = record.fields.input == null ? '' : fieldText(record, 'input');
  return input === '' ? instruction : `${instruction}\n${input}`;
}

function completionByName(fields: Fields, usedByTemplate?: ReadonlySet<string>): Render | undefined {
  const name = ['completion', 'output'].find((name) => name in fields && !usedByTemplate?.has(name));
  return name === undefined ? undefined : field(name);
}

function textByName(fields: Fields): Render | undefined {
  return 'text' in fields ? field('text') : undefined;
}

function field(name: string): Render {
  return (record) => fieldText(record, name);
}

/** A field as text. Throws an error that names the record where it is missing, or no text. */
export function fieldText(record: DataRecord, name: string): string {
  if (!Object.hasOwn(record.fields, name)) {
    const names = Object.keys(record.fields);
    const nearest = nearestName(name, names);
    const hint = nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
    throw dataError(
      record,
      `there is no field ${JSON.stringify(name)}; the fields are ${names.join(', ')}.${hint}`,
    );
  }
  const value = record.fields[name];
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw dataError(
    record,
    `the field ${JSON.stringify(name)} is ${kindOf(value)}, expected text, a number or a boolean`,
  );
}

/** How many soft tokens a template has. Throws a UsageError for a template that cannot be read. */
export function softTokensIn(template: string | undefined): number {
  return template === undefined ? 0 : compile(template, 'template').softTokens;
}

/**
 * A template as a function of its fields, for prompts that are made one by one.
 * @throws UsageError for a template that cannot be read; the function throws a PromptuneError for a missing field
 */
export function promptTemplate(template: string): {
  readonly fields: ReadonlySet<string>;
  render(fields: Fields): PromptText;
} {
  const { fields, render } = compile(template, 'template');
  return { fields, render: (values) => render({ fields: values, place: 'the prompt' }) };
}

interface CompiledTemplate {
  readonly render: RenderPrompt;
  readonly fields: ReadonlySet<string>;
  readonly softTokens: number;
}

/** @param option what the template is, for errors */
function compile(template: string, option: string): CompiledTemplate {
  const parts: (Render | SoftTokens)[] = [];
  const fields = new Set<string>();
  let softTokens = 0;
  for (const match of template.matchAll(/\{\{|\}\}|\{([^{}]+)\}|[{}]|[^{}]+/g)) {
    const [part, name] = match;
    const place = () => `${option} ${JSON.stringify(template)}, character ${match.index + 1}`;
    if (name?.startsWith('soft:')) {
      const count = Number(name.slice('soft:'.length));
      if (!(Number.isInteger(count) && count > 0))
        throw new UsageError(`${place()}: expected a number of soft tokens as in {soft:5}, got ${part}`);
      parts.push({ first: softTokens, count });
      softTokens += count;
    } else if (name !== undefined) {
      fields.add(name);
      parts.push(field(name));
    } else if (part === '{' || part === '}') {
      throw new UsageError(
        `${place()}: a single "${part}"; write {field}, or "${part}${part}" for the brace itself`,
      );
    } else {
      const text = part === '{{' || part === '}}' ? part.slice(1) : part;
      parts.push(() => text);
    }
  }
  return {
    render: (record) => joinText(parts.map((p) => (typeof p === 'function' ? p(record) : p))),
    fields,
    softTokens,
  };
}

/** Texts that stand side by side are one text, which is tokenised as a whole. */
function joinText(parts: readonly (string | SoftTokens)[]): PromptText {
  const joined: (string | SoftTokens)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  const [only = ''] = joined;
  return joined.length < 2 && typeof only === 'string' ? only : joined;
}

function textOnly({ render, softTokens }: CompiledTemplate, option: string): Render {
  if (softTokens > 0)
    throw new UsageError(`${option}: only a prompt has soft tokens; take {soft:…} out of it`);
  return (record) => render(record) as string;
}
