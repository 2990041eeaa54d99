/**
 * @file Jinja templates of prompts: `{{ field }}`, with `{{ soft(20) }}` for soft tokens and `{{ mask() }}` for a
 *   masked model's mask.
 *
 * Places are found in the syntax tree, so that their number is the same for every record. A rendered template contains
 * a mark for each of them that no data can contain, and is split there.
 */
import { PromptuneError, UsageError } from '../errors.js';
import { dataError } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import { requireField, scalarText, structured } from './fields.js';
import {
  type Arguments,
  bodiesOf,
  type Expression,
  expressionsOf,
  partsOf,
  type Statement,
} from './jinja/ast.js';
import { globalNames } from './jinja/globals.js';
import { type JinjaTemplate, parseJinja } from './jinja/jinja.js';
import { JinjaSyntaxError, JinjaUnclosedError } from './jinja/lexer.js';
import { methodOf } from './jinja/methods.js';
import { Callable, PythonError, Undefined, type Value } from './jinja/values.js';
import { joinText, mask, type PromptPart } from './prompt-text.js';
import type { CompiledTemplate } from './template-compiler.js';

export const isJinja = (template: string) => /\{\{|\{%/.test(template);

/** U+FDD0 and U+FDD1 are noncharacters, which Unicode reserves for internal use. */
const markId = crypto.randomUUID();
const markOf = (place: number) => `\uFDD0${markId}.${place}\uFDD1`;
const marks = new RegExp(`\uFDD0${markId}\\.(\\d+)\uFDD1`);

/**
 * @param option the name of the template's option, for errors
 * @throws UsageError with line and column if it is not valid Jinja; the renderer throws an error that names the record
 */
export function compileJinja(template: string, option: string): CompiledTemplate {
  const at = (offset: number) => `${option}, ${lineAndColumn(template, offset)}`;
  // Jinja removes a line break at the end, but in a prompt it is intended.
  const source = template.endsWith('\n') ? `${template}\n` : template;
  const jinja = parse(source, at);
  const names = namesIn(jinja.tree);
  const placeOfName = (name: string) => at(offsetOf(name, template));
  const places = findPlaces(jinja.tree, placeOfName);
  checkOutputs(jinja.tree);
  const printed = new Callable(output, ([value, name]) =>
    outputValue(value!, () => placeOfName(String(name))),
  );

  const render = (record: DataRecord) => {
    for (const name of names.required) requireField(record, name, placeOfName(name));
    const known = [...names.fields].filter((name) => Object.hasOwn(record.fields, name));
    const values = Object.fromEntries(
      known.map((name) => {
        const value = record.fields[name];
        return [name, names.parts.has(name) ? structured(value) : value];
      }),
    );
    try {
      const written = jinja.render(
        { ...values, [place]: markOf, [output]: printed },
        { keepsNumbers: true }, // numbers of the data are written as in their file
      );
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
  // Texts and indices of places alternate.
  const parts = written.split(marks).map((part, i) => (i % 2 === 0 ? part : places[Number(part)]!));
  return parts.filter((part) => part !== '');
}

// Names of our own functions, which no field can have, as they are not identifiers.
const place = 'place of';
const output = 'text of';

function* allExpressions(node: Expression): Generator<Expression> {
  yield node;
  for (const part of partsOf(node)) yield* allExpressions(part);
}

function* allStatements(tree: readonly Statement[]): Generator<Statement> {
  for (const statement of tree) {
    yield statement;
    for (const body of bodiesOf(statement)) yield* allStatements(body);
  }
}

/** Replaces every call of `soft` and `mask` by one that writes its place's mark, and returns the places. */
function findPlaces(
  tree: readonly Statement[],
  placeOfName: (name: string) => string,
): Exclude<PromptPart, string>[] {
  const places: Exclude<PromptPart, string>[] = [];
  let softTokens = 0;
  const placeIn = (name: 'soft' | 'mask', { positional, named }: Arguments): Exclude<PromptPart, string> => {
    const [count] = positional;
    if (name === 'mask') {
      if (positional.length + named.length === 0) return { place: mask };
      throw new UsageError(say`${placeOfName('mask')}: expected {{ mask() }} without arguments`);
    }
    const isCount = positional.length === 1 && named.length === 0 && count!.type === 'Const';
    if (isCount && typeof count.value === 'bigint' && count.value > 0n) {
      const first = softTokens;
      softTokens += Number(count.value);
      return { first, count: Number(count.value) };
    }
    throw new UsageError(say`${placeOfName('soft')}: expected a number of soft tokens as in {{ soft(5) }}`);
  };
  for (const statement of allStatements(tree))
    for (const node of expressionsOf(statement).flatMap((one) => [...allExpressions(one)])) {
      if (node.type !== 'Call' || node.callee.type !== 'Name') continue;
      const { name } = node.callee;
      if (name !== 'soft' && name !== 'mask') continue;
      places.push(placeIn(name, node.args));
      node.callee = { type: 'Name', name: place };
      node.args = { positional: [{ type: 'Const', value: BigInt(places.length - 1) }], named: [] };
    }
  return places;
}

/** A template's output must be text: every `{{ … }}` becomes a call that checks it. */
function checkOutputs(tree: readonly Statement[]): void {
  for (const statement of allStatements(tree)) {
    if (statement.type !== 'Output') continue;
    const { value } = statement;
    const named = [...allExpressions(value)].find(({ type }) => type === 'Name');
    const name = named?.type === 'Name' ? named.name : '';
    statement.value = {
      type: 'Call',
      callee: { type: 'Name', name: output },
      args: { positional: [value, { type: 'Const', value: name }], named: [] },
    };
  }
}

class OutputError extends PythonError {}

function outputValue(value: Value, placeOf: () => string): Value {
  if (typeof value === 'boolean' || scalarText(value) !== undefined) return value;
  const kind =
    value === null || value instanceof Undefined ? say`is null or missing` : say`is a list or an object`;
  throw new OutputError(say`${placeOf()}: this expression ${kind}, expected text, a number or a boolean`);
}

interface Names {
  /** All names that are fields. */
  readonly fields: ReadonlySet<string>;
  /** Fields that the template requires. */
  readonly required: ReadonlySet<string>;
  /** Fields whose parts the template reads: a text that contains JSON, as in a cell of CSV, is parsed for them. */
  readonly parts: ReadonlySet<string>;
}

/** The names that a template reads. */
function namesIn(tree: readonly Statement[]): Names {
  const own = new Set<string>(['soft', 'mask', 'loop', 'caller', 'varargs', 'kwargs', ...globalNames]);
  const read = new Set<string>();
  const optional = new Set<string>();
  const parts = new Set<string>();
  const bind = (target: Expression) => {
    if (target.type === 'Name') own.add(target.name);
    else if (target.type === 'Tuple') for (const item of target.items) bind(item);
  };
  for (const statement of allStatements(tree)) {
    if (statement.type === 'For' || statement.type === 'Set' || statement.type === 'SetBlock')
      bind(statement.target);
    if (statement.type === 'For') addName(parts, statement.iterable);
    if (statement.type === 'With') for (const [target] of statement.bindings) bind(target);
    if (statement.type === 'Macro') own.add(statement.name);
    if (statement.type === 'Macro' || statement.type === 'CallBlock')
      for (const { name } of statement.parameters) own.add(name);
    for (const node of expressionsOf(statement).flatMap((one) => [...allExpressions(one)])) {
      if (node.type === 'Name') read.add(node.name);
      if (node.type === 'Item' && node.index.type !== 'Slice') addName(parts, node.object);
      if (node.type === 'Attribute' && methodOf('', node.name) === undefined) addName(parts, node.object);
      if (node.type === 'Filter' && listFilters.has(node.name)) addName(parts, node.operand);
      const isDefault = node.type === 'Filter' && (node.name === 'default' || node.name === 'd');
      const isAsked = node.type === 'Test' && (node.name === 'defined' || node.name === 'undefined');
      if ((isDefault || isAsked) && node.operand?.type === 'Name') optional.add(node.operand.name);
    }
  }
  const fields = new Set([...read].filter((name) => !own.has(name)));
  return { fields, required: new Set([...fields].filter((name) => !optional.has(name))), parts };
}

/** Adds the name that an expression consists of, with or without filters. */
function addName(names: Set<string>, node: Expression | undefined): void {
  if (node?.type === 'Name') names.add(node.name);
  if (node?.type === 'Filter') addName(names, node.operand);
}

/** Filters that only apply to lists or dicts. */
const listFilters = new Set([
  'join',
  'map',
  'select',
  'selectattr',
  'reject',
  'rejectattr',
  'sum',
  'dictsort',
  'items',
]);

/** Parses the template, or throws an error with the place of the fault. */
function parse(source: string, at: (offset: number) => string): JinjaTemplate {
  try {
    return parseJinja(source);
  } catch (cause) {
    if (!(cause instanceof JinjaSyntaxError)) throw cause;
    const kind = cause instanceof JinjaUnclosedError ? '' : say`this is not Jinja: `;
    throw new UsageError(`${at(cause.offset)}: ${kind}${cause.message}`, { cause });
  }
}

/** The first place of a name within a tag. */
function offsetOf(name: string, template: string): number {
  for (const { 0: tag, index } of template.matchAll(/\{\{.*?\}\}|\{%.*?%\}/gs)) {
    const found = name === '' ? 0 : tag.search(new RegExp(`(?<![\\w.'"])${name}(?!\\w)`));
    if (found >= 0) return index + found;
  }
  return 0;
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return say`line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
