/** @file Parses a Jinja template into its syntax tree, with Jinja's operator precedence. */
import { say } from '../../say.js';
import type { Arguments, BinaryOperator, CompareOperator, Expression, Parameter, Statement } from './ast.js';
import { filters } from './filters.js';
import { JinjaSyntaxError, JinjaUnclosedError, type Token, tokenize } from './lexer.js';
import { tests } from './tests.js';

/** @throws JinjaSyntaxError with the place, for invalid and for unsupported syntax */
export function parse(template: string): Statement[] {
  return new Parser(tokenize(template)).template();
}

/** Jinja's tags that read other files, or need an extension that transformers does not load. */
const unsupported = new Set([
  'extends',
  'block',
  'include',
  'import',
  'from',
  'autoescape',
  'trans',
  'do',
  'debug',
]);

/** Globals of Jinja that no template of models or data needs. */
const unsupportedNames = new Set(['lipsum', 'self', 'super']);

class Parser {
  #at = 0;
  /** Open tags, for error messages. */
  readonly #open: { name: string; at: number }[] = [];

  constructor(readonly tokens: readonly Token[]) {}

  template(): Statement[] {
    return this.#statements([]);
  }

  get #token(): Token {
    return this.tokens[this.#at]!;
  }

  #is(type: Token['type'], ...values: string[]): boolean {
    const { type: found, value } = this.#token;
    return found === type && (values.length === 0 || values.includes(String(value)));
  }

  #skip(type: Token['type'], value: string): boolean {
    if (!this.#is(type, value)) return false;
    this.#at++;
    return true;
  }

  #next(): Token {
    return this.tokens[this.#at++]!;
  }

  #fail(message: string, at = this.#token.at): never {
    throw new JinjaSyntaxError(message, at);
  }

  #expect(type: Token['type'], value?: string): Token {
    if (this.#is(type, ...(value === undefined ? [] : [value]))) return this.#next();
    const { type: found, value: text } = this.#token;
    const ends: Partial<Record<Token['type'], string>> = { 'output end': '}}', 'block end': '%}' };
    return this.#fail(say`expected ${value ?? ends[type] ?? type}, found ${ends[found] ?? text}`);
  }

  /** Parses statements up to a tag in `ends`, and consumes that tag's name. */
  #statements(ends: readonly string[]): Statement[] {
    const body: Statement[] = [];
    for (;;) {
      const token = this.#next();
      if (token.type === 'text') body.push({ type: 'Text', text: token.value });
      else if (token.type === 'output begin') {
        const value = this.#tuple();
        this.#expect('output end');
        body.push({ type: 'Output', value });
      } else if (token.type === 'block begin') {
        if (this.#is('name', ...ends) && ends.length > 0) return body;
        const { value, at } = this.#expect('name') as { value: string; at: number };
        body.push(...this.#block(value, at));
      } else if (ends.length === 0) return body;
      else {
        const open = this.#open.at(-1)!;
        throw new JinjaUnclosedError(
          say`a block that begins here is never closed; {% ${open.name} %} needs {% end${open.name} %}`,
          open.at,
        );
      }
    }
  }

  /** Parses the body of a block up to its end tag, with the tags that divide it. */
  #body(name: string, at: number, ends: readonly string[]): Statement[] {
    this.#open.push({ name, at });
    if (!this.#is('block end')) this.#expect('block end');
    this.#next();
    const body = this.#statements(ends);
    this.#open.pop();
    return body;
  }

  #block(name: string, nameAt: number): Statement[] {
    const at = this.tokens.slice(0, this.#at).findLast(({ type }) => type === 'block begin')!.at;
    const done = <S extends Statement>(statement: S): Statement[] => {
      this.#expect('block end');
      return [statement];
    };
    const closed = (end: string) => {
      const body = this.#body(name, at, [end]);
      this.#next();
      if (this.#is('name')) this.#next(); // as in endmacro name
      return body;
    };
    switch (name) {
      case 'if': {
        const branches: { test: Expression; body: Statement[] }[] = [];
        let otherwise: Statement[] = [];
        for (;;) {
          const test = this.#tuple(false);
          const body = this.#body('if', at, ['elif', 'else', 'endif']);
          branches.push({ test, body });
          const { value } = this.#next();
          if (value === 'elif') continue;
          if (value === 'else') {
            otherwise = this.#body('if', at, ['endif']);
            this.#next();
          }
          return done({ type: 'If', branches, otherwise });
        }
      }
      case 'for': {
        const target = this.#target();
        this.#expect('name', 'in');
        const iterable = this.#tuple(false);
        const test = this.#skip('name', 'if') ? this.#expression() : undefined;
        const isRecursive = this.#skip('name', 'recursive');
        const body = this.#body('for', at, ['endfor', 'else']);
        let otherwise: Statement[] = [];
        if (this.#next().value === 'else') {
          otherwise = this.#body('for', at, ['endfor']);
          this.#next();
        }
        return done({ type: 'For', target, iterable, test, isRecursive, body, otherwise });
      }
      case 'set': {
        const target = this.#target(true);
        if (this.#skip('operator', '=')) return done({ type: 'Set', target, value: this.#tuple() });
        const filter = this.#is('operator', '|') ? this.#filters(undefined) : undefined;
        return done({ type: 'SetBlock', target, filter, body: closed('endset') });
      }
      case 'macro': {
        const macro = String(this.#expect('name').value);
        const parameters = this.#parameters();
        return done({ type: 'Macro', name: macro, parameters, body: closed('endmacro') });
      }
      case 'call': {
        const parameters = this.#is('operator', '(') ? this.#parameters() : [];
        const call = this.#expression();
        if (call.type !== 'Call') this.#fail(say`expected a call`, nameAt);
        return done({ type: 'CallBlock', parameters, call, body: closed('endcall') });
      }
      case 'filter': {
        const filter = this.#filters(undefined, true);
        return done({ type: 'FilterBlock', filter, body: closed('endfilter') });
      }
      case 'with': {
        const bindings: [Expression, Expression][] = [];
        while (!this.#is('block end')) {
          if (bindings.length > 0) this.#expect('operator', ',');
          const target = this.#target();
          this.#expect('operator', '=');
          bindings.push([target, this.#expression()]);
        }
        return done({ type: 'With', bindings, body: closed('endwith') });
      }
      case 'generation':
        return done({ type: 'Generation', body: closed('endgeneration') });
      case 'break':
        return done({ type: 'Break' });
      case 'continue':
        return done({ type: 'Continue' });
      case 'print': {
        const outputs: Statement[] = [];
        while (!this.#is('block end')) {
          if (outputs.length > 0) this.#expect('operator', ',');
          outputs.push({ type: 'Output', value: this.#expression() });
        }
        this.#next();
        return outputs;
      }
      default:
        if (unsupported.has(name)) this.#fail(say`the tag {% ${name} %} is not supported`, nameAt);
        this.#fail(say`there is no tag {% ${name} %}`, nameAt);
    }
  }

  #parameters(): Parameter[] {
    this.#expect('operator', '(');
    const parameters: Parameter[] = [];
    while (!this.#skip('operator', ')')) {
      if (parameters.length > 0) this.#expect('operator', ',');
      const name = String(this.#expect('name').value);
      const byDefault = this.#skip('operator', '=') ? this.#expression() : undefined;
      if (!byDefault && parameters.at(-1)?.byDefault)
        this.#fail(say`a parameter without a default after one with a default`);
      parameters.push({ name, byDefault });
    }
    return parameters;
  }

  /** The target of an assignment: a name, several names, or an attribute of a namespace. */
  #target(mayBeAttribute = false): Expression {
    const one = (): Expression => {
      if (this.#skip('operator', '(')) {
        const inner = this.#target();
        this.#expect('operator', ')');
        return inner;
      }
      const name = String(this.#expect('name').value);
      const target: Expression = { type: 'Name', name };
      if (!mayBeAttribute || !this.#skip('operator', '.')) return target;
      return { type: 'Attribute', object: target, name: String(this.#expect('name').value) };
    };
    const first = one();
    if (!this.#is('operator', ',')) return first;
    const items = [first];
    while (this.#skip('operator', ',')) {
      if (!this.#is('name') || this.#is('name', 'in')) break;
      items.push(one());
    }
    return { type: 'Tuple', items };
  }

  /** An expression, or several separated by commas. */
  #tuple(withCondition = true): Expression {
    const one = () => (withCondition ? this.#expression() : this.#or());
    const first = one();
    if (!this.#is('operator', ',')) return first;
    const items = [first];
    while (this.#skip('operator', ',')) {
      if (this.#is('block end') || this.#is('output end') || this.#is('operator', ')')) break;
      items.push(one());
    }
    return { type: 'Tuple', items };
  }

  #expression(): Expression {
    let value = this.#or();
    while (this.#skip('name', 'if')) {
      const test = this.#or();
      const otherwise = this.#skip('name', 'else') ? this.#expression() : undefined;
      value = { type: 'Conditional', test, value, otherwise };
    }
    return value;
  }

  #binary(
    operators: readonly BinaryOperator[],
    type: 'name' | 'operator',
    operand: () => Expression,
  ): Expression {
    let left = operand();
    while (this.#is(type, ...operators)) {
      const operator = this.#next().value as BinaryOperator;
      left = { type: 'Binary', operator, left, right: operand() };
    }
    return left;
  }

  #or = (): Expression => this.#binary(['or'], 'name', this.#and);
  #and = (): Expression => this.#binary(['and'], 'name', this.#not);
  #not = (): Expression =>
    this.#skip('name', 'not') ? { type: 'Unary', operator: 'not', operand: this.#not() } : this.#compare();
  #sum = (): Expression => this.#binary(['+', '-'], 'operator', this.#concat);
  #concat = (): Expression => this.#binary(['~'], 'operator', this.#product);
  #product = (): Expression => this.#binary(['*', '/', '//', '%'], 'operator', this.#power);
  #power = (): Expression => this.#binary(['**'], 'operator', this.#unary);

  #compare(): Expression {
    const left = this.#sum();
    const rest: [CompareOperator, Expression][] = [];
    for (;;) {
      if (this.#is('operator', '==', '!=', '<', '<=', '>', '>='))
        rest.push([this.#next().value as CompareOperator, this.#sum()]);
      else if (this.#skip('name', 'in')) rest.push(['in', this.#sum()]);
      else if (this.#is('name', 'not') && this.tokens[this.#at + 1]?.value === 'in') {
        this.#at += 2;
        rest.push(['not in', this.#sum()]);
      } else return rest.length > 0 ? { type: 'Compare', left, rest } : left;
    }
  }

  #unary = (withFilter: unknown = true): Expression => {
    let node: Expression;
    if (this.#is('operator', '-', '+'))
      node = { type: 'Unary', operator: this.#next().value as '-' | '+', operand: this.#unary(false) };
    else node = this.#postfix(this.#primary());
    return withFilter ? this.#filterExpression(node) : node;
  };

  #primary(): Expression {
    const token = this.#next();
    if (token.type === 'name') {
      const constants: Record<string, boolean | null> = {
        true: true,
        True: true,
        false: false,
        False: false,
        none: null,
        None: null,
      };
      if (unsupportedNames.has(token.value)) this.#fail(say`${token.value} is not supported`, token.at);
      return Object.hasOwn(constants, token.value)
        ? { type: 'Const', value: constants[token.value]! }
        : { type: 'Name', name: token.value };
    }
    if (token.type === 'string') {
      let { value } = token;
      while (this.#is('string')) value += String(this.#next().value);
      return { type: 'Const', value };
    }
    if (token.type === 'integer' || token.type === 'float') return { type: 'Const', value: token.value };
    if (token.type === 'operator' && token.value === '(') {
      if (this.#skip('operator', ')')) return { type: 'Tuple', items: [] };
      const inner = this.#tuple();
      this.#expect('operator', ')');
      return inner;
    }
    if (token.type === 'operator' && token.value === '[')
      return { type: 'List', items: this.#items(']', () => this.#expression()) };
    if (token.type === 'operator' && token.value === '{') {
      const entry = (): [Expression, Expression] => {
        const key = this.#expression();
        this.#expect('operator', ':');
        return [key, this.#expression()];
      };
      return { type: 'Dict', entries: this.#items('}', entry) };
    }
    const found = token.type.endsWith('end') ? say`the end of the tag` : JSON.stringify(token.value);
    return this.#fail(say`expected an expression, found ${found}`, token.at);
  }

  #items<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.#skip('operator', end)) {
      if (items.length > 0) this.#expect('operator', ',');
      if (this.#skip('operator', end)) break;
      items.push(item());
    }
    return items;
  }

  #postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#skip('operator', '.')) {
        if (this.#is('integer')) {
          node = {
            type: 'Item',
            object: node,
            index: { type: 'Const', value: this.#next().value as bigint },
          };
          continue;
        }
        node = { type: 'Attribute', object: node, name: String(this.#expect('name').value) };
      } else if (this.#skip('operator', '[')) {
        const index = this.#subscript();
        node = { type: 'Item', object: node, index };
      } else if (this.#is('operator', '(')) node = { type: 'Call', callee: node, args: this.#arguments() };
      else return node;
    }
  }

  #subscript(): Expression {
    const parts: Expression[] = [];
    do parts.push(this.#sliceOrValue());
    while (this.#skip('operator', ','));
    this.#expect('operator', ']');
    return parts.length === 1 ? parts[0]! : { type: 'Tuple', items: parts };
  }

  #sliceOrValue(): Expression {
    const bound = () => (this.#is('operator', ':', ']', ',') ? undefined : this.#expression());
    const start = bound();
    if (!this.#skip('operator', ':')) return start ?? this.#fail(say`expected an index`);
    const stop = bound();
    const step = this.#skip('operator', ':') ? bound() : undefined;
    return { type: 'Slice', start, stop, step };
  }

  #filterExpression(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#is('operator', '|')) node = this.#filters(node);
      else if (this.#is('name', 'is')) node = this.#test(node);
      else if (this.#is('operator', '(')) node = { type: 'Call', callee: node, args: this.#arguments() };
      else return node;
    }
  }

  #filters(operand: Expression | undefined, isFirst = false): Expression {
    let node = operand;
    for (let first = isFirst; first || this.#skip('operator', '|'); first = false) {
      const { at } = this.#token;
      const name = this.#dotted();
      if (!Object.hasOwn(filters, name))
        this.#fail(say`there is no filter named ${JSON.stringify(name)} here`, at);
      node = {
        type: 'Filter',
        operand: node,
        name,
        args: this.#is('operator', '(') ? this.#arguments() : none(),
      };
    }
    return node!;
  }

  #dotted(): string {
    let name = String(this.#expect('name').value);
    while (this.#skip('operator', '.')) name += `.${this.#expect('name').value}`;
    return name;
  }

  #test(operand: Expression): Expression {
    this.#next();
    const isNot = this.#skip('name', 'not');
    const { at } = this.#token;
    const name = this.#dotted();
    if (!Object.hasOwn(tests, name)) this.#fail(say`there is no test named ${JSON.stringify(name)} here`, at);
    let args = none();
    const hasArgument =
      this.#is('string') ||
      this.#is('integer') ||
      this.#is('float') ||
      this.#is('operator', '[', '{') ||
      (this.#is('name') && !this.#is('name', 'else', 'or', 'and', 'is', 'if', 'not', 'in', 'recursive'));
    if (this.#is('operator', '(')) args = this.#arguments();
    else if (hasArgument) args = { positional: [this.#postfix(this.#primary())], named: [] };
    return { type: 'Test', operand, name, args, isNot };
  }

  #arguments(): Arguments {
    this.#expect('operator', '(');
    const args = none();
    while (!this.#skip('operator', ')')) {
      if (args.positional.length + args.named.length > 0) this.#expect('operator', ',');
      if (this.#skip('operator', ')')) break;
      if (this.#is('operator', '*', '**')) this.#fail(say`arguments with * and ** are not supported`);
      if (
        this.#is('name') &&
        this.tokens[this.#at + 1]?.type === 'operator' &&
        this.tokens[this.#at + 1]?.value === '='
      ) {
        const name = String(this.#next().value);
        this.#next();
        args.named.push([name, this.#expression()]);
      } else {
        if (args.named.length > 0) this.#fail(say`an argument without a name after one with a name`);
        args.positional.push(this.#expression());
      }
    }
    return args;
  }
}

const none = (): Arguments => ({ positional: [], named: [] });
