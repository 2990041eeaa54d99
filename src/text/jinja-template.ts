/**
 * @file Jinja templates of prompts: `{{ field }}`, with `{{ soft(20) }}` for soft tokens and `{{ mask() }}` for a masked model's mask.
 *
 * The places are found in the syntax tree, so that their number is the same for every record; when the template is rendered,
 * each leaves a mark in the text that no data can contain, and there the text is cut.
 */
import { PromptuneError, UsageError } from '../errors.js';
import { dataError } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import { requireField, scalarText } from './fields.js';
import { type JinjaNode, type JinjaTemplate, parseJinja } from './jinja.js';
import { joinText, mask, type PromptPart } from './prompt-text.js';
import type { CompiledTemplate } from './template-compiler.js';

export const isJinja = (template: string) => /\{\{|\{%/.test(template);

/** U+FDD0 and U+FDD1 are no characters: Unicode keeps them for marks like these. */
const markId = crypto.randomUUID();
const markOf = (place: number) => `\uFDD0${markId}.${place}\uFDD1`;
const marks = new RegExp(`\uFDD0${markId}\\.(\\d+)\uFDD1`);

/** What Jinja and its library define, so that it is no field. */
const globalNames = new Set(
  'true false none True False None range namespace raise_exception strftime_now loop caller strip lstrip rstrip'.split(
    ' ',
  ),
);

/**
 * @param option what the template is, for errors
 * @throws UsageError with line and column where it is no Jinja; the renderer throws an error that names the record
 */
export function compileJinja(template: string, option: string): CompiledTemplate {
  const at = (offset: number) => `${option}, ${lineAndColumn(template, offset)}`;
  // Jinja takes a line break at the end away; a prompt means it.
  const source = template.endsWith('\n') ? `${template}\n` : template;
  const jinja = parse(source, at);
  const names = namesIn(jinja.tree);
  const placeOfName = (name: string) => at(offsetOf(name, template));
  const places = findPlaces(jinja.tree, placeOfName);
  checkOutputs(jinja.tree);
  const text = (name: string) => (value: unknown) => outputText(value, () => placeOfName(name));

  const render = (record: DataRecord) => {
    for (const name of names.required) requireField(record, name, placeOfName(name));
    const known = [...names.fields].filter((name) => Object.hasOwn(record.fields, name));
    const values = Object.fromEntries(known.map((name) => [name, record.fields[name]]));
    try {
      const written = jinja.render({
        ...values,
        [place]: markOf,
        [output]: (value: unknown, name: string) => text(name)(value),
      });
      return joinText(cut(written, places));
    } catch (error) {
      if (error instanceof PromptuneError) throw error;
      const reason = (error as Error).message;
      throw dataError(record, error instanceof OutputError ? reason : `${option}: ${reason}`);
    }
  };
  const soft = places.filter((part) => 'count' in part);
  return {
    render,
    fields: names.fields,
    softTokens: soft.reduce((sum, { count }) => sum + count, 0),
    masks: places.length - soft.length,
  };
}

function cut(written: string, places: readonly Exclude<PromptPart, string>[]): PromptPart[] {
  // Texts and numbers of places take turns.
  const parts = written.split(marks).map((part, i) => (i % 2 === 0 ? part : places[Number(part)]!));
  return parts.filter((part) => part !== '');
}

// Names of our own functions, which no field can have: they are no identifiers.
const place = 'place of';
const output = 'text of';

const isNode = (value: unknown): value is JinjaNode =>
  value instanceof Object && typeof (value as Partial<JinjaNode>).type === 'string';
const identifier = (name: string): JinjaNode => ({ type: 'Identifier', value: name });

/** The nodes below one; not its operator, whose `and` looks like a name. */
function childrenOf(node: JinjaNode): JinjaNode[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'operator') return [];
    const values = value instanceof Map ? [...value].flat() : Array.isArray(value) ? value : [value];
    return values.filter(isNode);
  });
}

function* allNodes(node: JinjaNode): Generator<JinjaNode> {
  yield node;
  for (const child of childrenOf(node)) yield* allNodes(child);
}

/** Makes every call of `soft` and `mask` one that leaves its place's mark, and returns the places. */
function findPlaces(tree: JinjaNode, placeOfName: (name: string) => string): Exclude<PromptPart, string>[] {
  const places: Exclude<PromptPart, string>[] = [];
  let softTokens = 0;
  for (const node of allNodes(tree)) {
    const callee = node.type === 'CallExpression' ? (node.callee as JinjaNode).value : undefined;
    if (callee !== 'soft' && callee !== 'mask') continue;
    const args = node.args as JinjaNode[];
    if (callee === 'mask') {
      if (args.length > 0)
        throw new UsageError(`${placeOfName('mask')}: expected {{ mask() }}, with nothing in it`);
      places.push({ place: mask });
    } else {
      const [count] = args;
      const isCount = args.length === 1 && count!.type === 'IntegerLiteral' && Number(count!.value) > 0;
      if (!isCount)
        throw new UsageError(`${placeOfName('soft')}: expected a number of soft tokens as in {{ soft(5) }}`);
      places.push({ first: softTokens, count: Number(count!.value) });
      softTokens += Number(count!.value);
    }
    node.callee = identifier(place);
    node.args = [{ type: 'IntegerLiteral', value: places.length - 1 }];
  }
  return places;
}

/** What a template says must be text: every `{{ … }}` becomes a call that checks it. */
function checkOutputs(tree: JinjaNode): void {
  for (const node of [...allNodes(tree)]) {
    for (const key of ['body', 'alternate', 'defaultBlock']) {
      const list = node[key];
      if (Array.isArray(list))
        node[key] = list.map((child: JinjaNode) => (isOutput(child) ? checked(child) : child));
    }
  }
}

const statements = new Set([
  'If',
  'For',
  'Break',
  'Continue',
  'Set',
  'Macro',
  'Comment',
  'FilterStatement',
  'CallStatement',
  'StringLiteral',
]);
const isOutput = ({ type }: JinjaNode) => !statements.has(type);

function checked(node: JinjaNode): JinjaNode {
  const [name] = [...allNodes(node)].filter(({ type }) => type === 'Identifier');
  const args = [node, { type: 'StringLiteral', value: String(name?.value ?? '') }];
  return { type: 'CallExpression', callee: identifier(output), args };
}

class OutputError extends Error {}

function outputText(value: unknown, placeOf: () => string): unknown {
  const text = scalarText(value);
  if (text !== undefined) return text;
  const kind = value == null ? 'is null or not there' : 'is a list or an object';
  throw new OutputError(`${placeOf()}: what stands here ${kind}, expected text, a number or a boolean`);
}

/** The names that a template reads: all that are fields, and those of them without which it cannot do. */
function namesIn(tree: JinjaNode): { fields: ReadonlySet<string>; required: ReadonlySet<string> } {
  const own = new Set(['soft', 'mask', ...globalNames]);
  const read = new Set<string>();
  const optional = new Set<string>();
  const bind = (node: unknown) => {
    if (isNode(node))
      for (const { type, value } of allNodes(node)) if (type === 'Identifier') own.add(String(value));
  };
  const visit = (node: JinjaNode): void => {
    const { type } = node;
    const inner = (key: string) => isNode(node[key]) && visit(node[key]);
    if (type === 'Identifier') read.add(String(node.value));
    else if (type === 'MemberExpression') {
      inner('object');
      if (node.computed) inner('property');
    } else if (type === 'KeywordArgumentExpression') inner('value');
    else if (type === 'FilterExpression' || type === 'FilterStatement') {
      const filter = node.filter as JinjaNode;
      const name = filter.type === 'CallExpression' ? (filter.callee as JinjaNode).value : filter.value;
      const operand = node.operand as JinjaNode | undefined;
      if ((name === 'default' || name === 'd') && operand?.type === 'Identifier')
        optional.add(String(operand.value));
      inner('operand');
      for (const part of [...((filter.args ?? []) as JinjaNode[]), ...((node.body ?? []) as JinjaNode[])])
        visit(part);
    } else if (type === 'TestExpression') {
      const test = (node.test as JinjaNode).value;
      const operand = node.operand as JinjaNode;
      if ((test === 'defined' || test === 'undefined') && operand.type === 'Identifier')
        optional.add(String(operand.value));
      inner('operand');
    } else {
      if (type === 'For') bind(node.loopvar);
      if (type === 'Set' && isNode(node.assignee) && node.assignee.type !== 'MemberExpression')
        bind(node.assignee);
      if (type === 'Macro') for (const part of [node.name, ...(node.args as JinjaNode[])]) bind(part);
      for (const child of childrenOf(node)) visit(child);
    }
  };
  visit(tree);
  const fields = new Set([...read].filter((name) => !own.has(name)));
  return { fields, required: new Set([...fields].filter((name) => !optional.has(name))) };
}

/** The template, or an error with the place of the block at which it stops being one. */
function parse(source: string, at: (offset: number) => string): JinjaTemplate {
  try {
    return parseJinja(source);
  } catch (cause) {
    const reason = errorOf(source)!;
    const starts = [...source.matchAll(/\{\{|\{%/g)].map(({ index }) => index);
    // The parser goes from left to right: the first block after which the text so far has the same fault is the one.
    const faulty = starts.find((_, i) => errorOf(source.slice(0, starts[i + 1])) === reason);
    throw new UsageError(`${at(faulty ?? 0)}: ${explain(reason)}`, { cause });
  }
}

function errorOf(source: string): string | undefined {
  try {
    parseJinja(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The library's words for some faults are those of its inside. */
function explain(reason: string): string {
  if (/undefined \(reading|Expected .* undefined/.test(reason))
    return 'a block that begins here is never closed; {% if %} needs {% endif %}, and {% for %} needs {% endfor %}';
  if (reason === 'Unexpected end of input') return 'a tag or a quote that begins here is never closed';
  return `this is not Jinja: ${reason.replace(/^Parser Error: /, '')}`;
}

/** Where a name first stands within a tag. */
function offsetOf(name: string, template: string): number {
  for (const { 0: tag, index } of template.matchAll(/\{\{.*?\}\}|\{%.*?%\}/gs)) {
    const found = name === '' ? 0 : tag.search(new RegExp(`(?<![\\w.'"])${name}(?!\\w)`));
    if (found >= 0) return index + found;
  }
  return 0;
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
