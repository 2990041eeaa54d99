/** @file Templates as functions of a record: `{field}` and `{soft:5}`, or Jinja if there is `{{` or `{%`. */
import { optionError, UsageError } from '../errors.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import { fieldText } from './fields.js';
import { compileJinja, isJinja } from './jinja-template.js';
import { joinText, type PromptText, type SoftTokens } from './prompt-text.js';

export interface CompiledTemplate {
  /** Throws an error that names the record if a field is missing or is not text. */
  readonly render: (record: DataRecord) => PromptText;
  /** The fields that it reads. */
  readonly fields: ReadonlySet<string>;
  readonly softTokens: number;
  readonly masks: number;
}

/**
 * @param option the name of the template's option, for errors
 * @throws UsageError with the place of the fault
 */
export function compileTemplate(template: string, option: string): CompiledTemplate {
  return isJinja(template) ? compileJinja(template, option) : compileBraces(template, option);
}

/** A template without places. */
export interface CompiledText {
  readonly render: (record: DataRecord) => string;
  readonly fields: ReadonlySet<string>;
}

/** The same for templates that cannot have soft tokens or masks. */
export function compileText(template: string, option: string): CompiledText {
  const compiled = compileTemplate(template, option);
  if (compiled.softTokens > 0)
    throw optionError(option, say`only a prompt can have soft tokens; remove {soft:…}`);
  if (compiled.masks > 0) throw optionError(option, say`only a prompt can have a mask; remove it`);
  return { render: (record) => compiled.render(record) as string, fields: compiled.fields };
}

/** The template preceded by a literal text: a text with braces makes it Jinja, with the template's braces converted. */
export function withTextBefore(text: string, template: string): string {
  if (!/[{}]/.test(text)) return text + template;
  const rest = isJinja(template)
    ? template
    : template.replace(
        /\{soft:(\d+)\}|\{([^{}]+)\}/g,
        (_, count, name) => `{{ ${name ?? `soft(${count})`} }}`,
      );
  return `{{ ${JSON.stringify(text)} }}${rest}`;
}

function compileBraces(template: string, option: string): CompiledTemplate {
  const parts: (((record: DataRecord) => string) | SoftTokens)[] = [];
  const fields = new Set<string>();
  let softTokens = 0;
  for (const match of template.matchAll(/\{([^{}]+)\}|[{}]|[^{}]+/g)) {
    const [part, name] = match;
    const place = () => `${option} ${JSON.stringify(template)}, character ${match.index + 1}`;
    if (name?.startsWith('soft:')) {
      const count = Number(name.slice('soft:'.length));
      if (!(Number.isInteger(count) && count > 0))
        throw new UsageError(say`${place()}: expected a number of soft tokens as in {soft:5}, got ${part}`);
      parts.push({ first: softTokens, count });
      softTokens += count;
    } else if (name !== undefined) {
      fields.add(name);
      parts.push((record) => fieldText(record, name));
    } else if (part === '{' || part === '}') {
      throw new UsageError(
        say`${place()}: a single "${part}"; write {field}, or use a Jinja template, {{ field }},
          where single braces are text`,
      );
    } else {
      parts.push(() => part);
    }
  }
  return {
    render: (record) => joinText(parts.map((part) => (typeof part === 'function' ? part(record) : part))),
    fields,
    softTokens,
    masks: 0,
  };
}
