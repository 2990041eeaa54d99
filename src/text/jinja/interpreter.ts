/**
 * @file Renders a syntax tree as transformers' Jinja does: in its sandbox, with loop controls and the generation tag.
 */
import { say } from '../../say.js';
import type { Arguments, Expression, Parameter, Statement } from './ast.js';
import { attributeOf, itemOf, listOf } from './attributes.js';
import { applyFilter } from './filters.js';
import { globals } from './globals.js';
import { tests } from './tests.js';
import {
  Callable,
  calculate,
  checkSize,
  contains,
  Dict,
  fromJs,
  integerOf,
  isEqual,
  isTrue,
  iterate,
  Namespace,
  numberOrUndefined,
  order,
  orElse,
  PythonError,
  sizeOf,
  sliceIndices,
  str,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.js';

export interface RenderOptions {
  /** Whether Numerals print as their source text rather than as Python would print the number. Default false. */
  readonly keepsNumbers?: boolean;
  /** The maximum number of steps of one rendering. Default 5 million. */
  readonly maxSteps?: number;
}

/** Names and their values, including those of enclosing scopes. */
class Scope {
  readonly values = new Map<string, Value>();
  constructor(readonly parent?: Scope) {}
  get(name: string): Value | undefined {
    return this.values.has(name) ? this.values.get(name) : this.parent?.get(name);
  }
}

/** The maximum output of a template, in characters. Text inside blocks and calls counts once per level of nesting. */
const maxPrinted = 2 ** 26;

/** Characters (or items) per step, as a power of two. */
const sizeShift = 8;

/** Expressions whose value can be larger than its operands. */
const makesValues: ReadonlySet<Expression['type']> = new Set(['Binary', 'Call', 'Filter', 'Item']);

/** How a list of statements ended: normally, or by a loop control. */
type Ending = 'end' | 'break' | 'continue';

/** @throws PythonError where Python would raise an exception */
export function render(
  tree: readonly Statement[],
  values: Readonly<Record<string, unknown>>,
  { keepsNumbers = false, maxSteps = 5_000_000 }: RenderOptions = {},
): string {
  const top = new Scope();
  for (const [name, value] of Object.entries(globals)) top.values.set(name, value);
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) top.values.set(name, fromJs(value, keepsNumbers));
  return new Interpreter(maxSteps).text(tree, new Scope(top));
}

class Interpreter {
  #steps = 0;
  #printed = 0;
  #depth = 0;
  constructor(readonly maxSteps: number) {}

  /** The text that the statements print. */
  text(body: readonly Statement[], scope: Scope): string {
    const out: string[] = [];
    this.#run(body, scope, out);
    return out.join('');
  }

  #print(text: string, out: string[]): void {
    this.#printed += text.length;
    if (this.#printed > maxPrinted)
      throw new PythonError(say`the template prints more than ${maxPrinted} characters`);
    out.push(text);
  }

  #step(): void {
    if (++this.#steps > this.maxSteps)
      throw new PythonError(
        say`the template takes more than ${this.maxSteps} steps; does it repeat something without end?`,
      );
  }

  #run(body: readonly Statement[], scope: Scope, out: string[]): Ending {
    for (const statement of body) {
      const ending = this.#statement(statement, scope, out);
      if (ending !== 'end') return ending;
    }
    return 'end';
  }

  #statement(node: Statement, scope: Scope, out: string[]): Ending {
    this.#step();
    switch (node.type) {
      case 'Text':
        this.#print(node.text, out);
        return 'end';
      case 'Output':
        this.#print(str(this.#value(node.value, scope)), out);
        return 'end';
      case 'If': {
        const branch = node.branches.find(({ test }) => isTrue(this.#value(test, scope)));
        return this.#run(branch ? branch.body : node.otherwise, scope, out);
      }
      case 'For':
        this.#loop(node, this.#value(node.iterable, scope), scope, out, 0);
        return 'end';
      case 'Set':
        this.#assign(node.target, this.#value(node.value, scope), scope);
        return 'end';
      case 'SetBlock': {
        const text = this.text(node.body, new Scope(scope));
        this.#assign(node.target, node.filter ? this.#filtered(node.filter, text, scope) : text, scope);
        return 'end';
      }
      case 'Macro':
        scope.values.set(node.name, this.#macro(node.name, node.parameters, node.body, scope));
        return 'end';
      case 'CallBlock': {
        const { call } = node;
        if (call.type !== 'Call') throw new PythonError(say`expected a call`);
        const caller = this.#macro('caller', node.parameters, node.body, scope);
        this.#print(str(this.#call(call, scope, new Map([['caller', caller]]))), out);
        return 'end';
      }
      case 'FilterBlock':
        this.#print(str(this.#filtered(node.filter, this.text(node.body, new Scope(scope)), scope)), out);
        return 'end';
      case 'With': {
        const inner = new Scope(scope);
        const given = node.bindings.map(([target, value]) => [target, this.#value(value, scope)] as const);
        for (const [target, value] of given) this.#assign(target, value, inner);
        return this.#run(node.body, inner, out);
      }
      case 'Generation':
        this.#print(this.text(node.body, new Scope(scope)), out);
        return 'end';
      case 'Break':
        return 'break';
      case 'Continue':
        return 'continue';
    }
  }

  #loop(
    node: Extract<Statement, { type: 'For' }>,
    over: Value,
    scope: Scope,
    out: string[],
    depth: number,
  ): void {
    let items = iterate(over);
    const { test } = node;
    if (test)
      items = items.filter((item) => {
        const inner = new Scope(scope);
        this.#assign(node.target, item, inner);
        return isTrue(this.#value(test, inner));
      });
    if (items.length === 0) {
      this.#run(node.otherwise, new Scope(scope), out);
      return;
    }
    let at = 0;
    let changed: Value | undefined;
    const { length } = items;
    const around = (index: number, what: string): Value =>
      orElse(items[index], () => new Undefined(say`there is no ${what} item`));
    const cycle = new Callable('cycle', (args) => args[at % args.length]!);
    const isChanged = new Callable('changed', (args) => {
      const given = new Tuple(args);
      const differs = changed === undefined || !isEqual(changed, given);
      changed = given;
      return differs;
    });
    const again = new Callable('loop', ([inner]) => {
      if (!node.isRecursive)
        throw new PythonError(say`The loop must have the 'recursive' marker to be called recursively.`);
      const said: string[] = [];
      this.#nested(() => this.#loop(node, inner!, scope, said, depth + 1));
      return said.join('');
    });
    const loop = new Callable('loop', again.call, {
      index: () => BigInt(at + 1),
      index0: () => BigInt(at),
      revindex: () => BigInt(length - at),
      revindex0: () => BigInt(length - at - 1),
      first: () => at === 0,
      last: () => at === length - 1,
      length: () => BigInt(length),
      depth: () => BigInt(depth + 1),
      depth0: () => BigInt(depth),
      previtem: () => around(at - 1, 'previous'),
      nextitem: () => around(at + 1, 'next'),
      cycle: () => cycle,
      changed: () => isChanged,
    });
    for (; at < length; at++) {
      this.#step();
      const inner = new Scope(scope);
      inner.values.set('loop', loop);
      this.#assign(node.target, items[at]!, inner);
      if (this.#run(node.body, inner, out) === 'break') return;
    }
  }

  #assign(target: Expression, value: Value, scope: Scope): void {
    if (target.type === 'Name') scope.values.set(target.name, value);
    else if (target.type === 'Attribute') {
      const object = this.#value(target.object, scope);
      if (!(object instanceof Namespace))
        throw new PythonError(say`cannot assign attribute on non-namespace object`);
      object.values.set(target.name, value);
    } else if (target.type === 'Tuple') {
      const items = iterate(value);
      if (items.length !== target.items.length) {
        const few = items.length < target.items.length;
        throw new PythonError(
          few
            ? say`not enough values to unpack (expected ${target.items.length}, got ${items.length})`
            : say`too many values to unpack (expected ${target.items.length})`,
        );
      }
      for (const [i, part] of target.items.entries()) this.#assign(part, items[i]!, scope);
    }
  }

  #nested<T>(work: () => T): T {
    if (++this.#depth > 200) throw new PythonError(say`maximum recursion depth exceeded`);
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  #macro(name: string, parameters: readonly Parameter[], body: readonly Statement[], scope: Scope): Callable {
    const known = new Set(parameters.map((parameter) => parameter.name));
    return new Callable(name, (args, named) =>
      this.#nested(() => {
        const inner = new Scope(scope);
        for (const [i, parameter] of parameters.entries()) {
          const given = i < args.length ? args[i] : named.get(parameter.name);
          const missing = () =>
            parameter.byDefault
              ? this.#value(parameter.byDefault, inner)
              : new Undefined(say`parameter '${parameter.name}' was not provided`);
          const value = orElse(given, missing);
          inner.values.set(parameter.name, value);
        }
        if (args.length > parameters.length && !uses(body, 'varargs'))
          throw new PythonError(say`macro '${name}' takes not more than ${parameters.length} argument(s)`);
        inner.values.set('varargs', new Tuple(args.slice(parameters.length)));
        const others = [...named].filter(([key]) => !known.has(key) && key !== 'caller');
        if (others.length > 0 && !uses(body, 'kwargs'))
          throw new PythonError(say`macro '${name}' takes no keyword argument '${others[0]![0]}'`);
        inner.values.set('kwargs', new Dict(others));
        const caller = named.get('caller');
        if (caller !== undefined) inner.values.set('caller', caller);
        return this.text(body, inner);
      }),
    );
  }

  #arguments({ positional, named }: Arguments, scope: Scope): [Value[], Map<string, Value>] {
    const args = positional.map((arg) => this.#value(arg, scope));
    return [args, new Map(named.map(([name, value]) => [name, this.#value(value, scope)]))];
  }

  #call(node: Extract<Expression, { type: 'Call' }>, scope: Scope, more?: ReadonlyMap<string, Value>): Value {
    const callee = this.#value(node.callee, scope);
    if (callee instanceof Undefined) throw new PythonError(callee.message);
    if (!(callee instanceof Callable))
      throw new PythonError(say`'${typeName(callee)}' object is not callable`);
    const [args, named] = this.#arguments(node.args, scope);
    return callee.call(args, new Map([...named, ...(more ?? [])]));
  }

  /** Applies a chain of filters to a block's text. */
  #filtered(node: Expression, text: string, scope: Scope): Value {
    if (node.type !== 'Filter') return text;
    const operand = node.operand ? this.#filtered(node.operand, text, scope) : text;
    return applyFilter(node.name, operand, ...this.#arguments(node.args, scope));
  }

  #value(node: Expression, scope: Scope): Value {
    this.#step();
    const value = this.#computed(node, scope);
    if (!makesValues.has(node.type)) return value;
    this.#steps += sizeOf(value) >> sizeShift; // a large value takes as much time as many small ones
    return checkSize(value);
  }

  #computed(node: Expression, scope: Scope): Value {
    switch (node.type) {
      case 'Const':
        return node.value;
      case 'Name':
        return orElse(scope.get(node.name), () => new Undefined(say`'${node.name}' is undefined`));
      case 'List':
        return node.items.map((item) => this.#value(item, scope));
      case 'Tuple':
        return new Tuple(node.items.map((item) => this.#value(item, scope)));
      case 'Dict':
        return new Dict(
          node.entries.map(([key, value]) => [this.#value(key, scope), this.#value(value, scope)]),
        );
      case 'Unary':
        return this.#unary(node.operator, this.#value(node.operand, scope));
      case 'Binary':
        return this.#binary(node, scope);
      case 'Compare': {
        let left = this.#value(node.left, scope);
        for (const [operator, right] of node.rest) {
          const value = this.#value(right, scope);
          if (!compare(operator, left, value)) return false;
          left = value;
        }
        return true;
      }
      case 'Conditional': {
        if (isTrue(this.#value(node.test, scope))) return this.#value(node.value, scope);
        if (node.otherwise) return this.#value(node.otherwise, scope);
        return new Undefined(
          say`the inline if-expression evaluated to false and no else section was defined.`,
        );
      }
      case 'Attribute':
        return attributeOf(this.#value(node.object, scope), node.name);
      case 'Item':
        return this.#item(node, scope);
      case 'Slice':
        throw new PythonError(say`a slice stands only in brackets of its own`);
      case 'Call':
        return this.#call(node, scope);
      case 'Filter':
        return applyFilter(
          node.name,
          this.#value(node.operand!, scope),
          ...this.#arguments(node.args, scope),
        );
      case 'Test': {
        const [args] = this.#arguments(node.args, scope);
        return tests[node.name]!(this.#value(node.operand, scope), ...args) !== node.isNot;
      }
    }
  }

  #unary(operator: 'not' | '-' | '+', value: Value): Value {
    if (operator === 'not') return !isTrue(value);
    if (value instanceof Undefined) throw new PythonError(value.message);
    const number = numberOrUndefined(value);
    if (number === undefined)
      throw new PythonError(say`bad operand type for unary ${operator}: '${typeName(value)}'`);
    return operator === '-' ? -number : number;
  }

  #binary(node: Extract<Expression, { type: 'Binary' }>, scope: Scope): Value {
    const left = this.#value(node.left, scope);
    if (node.operator === 'and') return isTrue(left) ? this.#value(node.right, scope) : left;
    if (node.operator === 'or') return isTrue(left) ? left : this.#value(node.right, scope);
    const right = this.#value(node.right, scope);
    if (node.operator === '~') return str(left) + str(right);
    if (node.operator === '%' && typeof left === 'string')
      return applyFilter(
        'format',
        left,
        right instanceof Tuple ? right.items : [right],
        right instanceof Dict ? new Map(right.entries() as [string, Value][]) : new Map(),
      );
    return calculate(node.operator, left, right);
  }

  #item(node: Extract<Expression, { type: 'Item' }>, scope: Scope): Value {
    const object = this.#value(node.object, scope);
    if (node.index.type !== 'Slice') return itemOf(object, this.#value(node.index, scope));
    if (object instanceof Undefined) throw new PythonError(object.message);
    const list = listOf(object);
    if (!list) return new Undefined(say`'${typeName(object)} object' cannot be sliced`);
    const { start, stop, step } = node.index;
    const bounds = [start, stop, step].map((part) => {
      const value = part && this.#value(part, scope);
      return value === undefined || value === null ? undefined : integerOf(value, 'slice indices');
    });
    const items = sliceIndices(list.length, bounds).map((i) => list[i]!);
    if (typeof object === 'string') return items.join('');
    return object instanceof Tuple ? new Tuple(items) : items;
  }
}

function compare(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return isEqual(a, b);
    case '!=':
      return !isEqual(a, b);
    case 'in':
      return contains(b, a);
    case 'not in':
      return !contains(b, a);
    case '<':
      return order(a, b, operator) < 0;
    case '<=':
      return order(a, b, operator) <= 0;
    case '>':
      return order(a, b, operator) > 0;
    default:
      return order(a, b, operator) >= 0;
  }
}

/** Whether a macro uses the extra arguments, `varargs` or `kwargs`. */
function uses(body: readonly Statement[], name: 'varargs' | 'kwargs'): boolean {
  return JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? 0 : value)).includes(
    `"name":"${name}"`,
  );
}
