/**
 * @file Compiles a JSON Schema (draft 2020-12) to a network that reads JSON texts valid under it. It may accept fewer
 *   texts than the schema, but never others: properties are in the schema's order, further ones are accepted only if
 *   `additionalProperties` asks for them, and spaces and digits are limited. What a network cannot decide is refused.
 */
import { say } from '../say.js';
import { formats } from './formats.js';
import { JsonText, type JsonValue, type Property } from './json-text.js';
import {
  GrammarTooLarge,
  isLeftRecursive,
  Network,
  type Piece,
  type Rule,
  removeDeadEnds,
  shorten,
} from './network.js';
import { anyInteger, anyNumber, numberBetween } from './numbers.js';
import { patternPiece } from './pattern.js';
import { SchemaError } from './schema-error.js';
import {
  constraintsOf,
  isObject,
  isSchema,
  type JsonSchema,
  merged,
  type SchemaObject,
} from './schema-keywords.js';

/**
 * @param around what the text has around the JSON. Default: nothing
 * @throws SchemaError for a schema that is invalid, not supported, or that no value satisfies
 */
export function networkOf(schema: JsonSchema, around: Around = (_, json) => json): Rule {
  return new SchemaReader(schema, around).root();
}

type Around = (net: Network, json: Piece) => Piece;

const maxDepth = 200;

/** Far more parts than any schema written by people has, with what is combined in it counted each time. */
const maxParts = 50_000;

/** Of options of a `oneOf`, and values in them, that have to be told apart. */
const maxPairs = 500_000;

const allTypes = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
type Type = (typeof allTypes)[number];

/** The type that a keyword applies to; values of other types are valid under it, but are not generated. */
const typeOfKeyword: Readonly<Record<string, Type>> = {
  ...Object.fromEntries(['properties', 'required', 'additionalProperties'].map((name) => [name, 'object'])),
  ...Object.fromEntries(['items', 'prefixItems', 'minItems', 'maxItems'].map((name) => [name, 'array'])),
  ...Object.fromEntries(['minLength', 'maxLength', 'pattern', 'format'].map((name) => [name, 'string'])),
  ...Object.fromEntries(
    ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((name) => [name, 'number']),
  ),
};

class SchemaReader {
  readonly #schema: JsonSchema;
  readonly #around: Around;
  readonly #net = new Network();
  readonly #json = new JsonText(this.#net);
  /** Compiled targets of references, by place. */
  readonly #rules = new Map<string, Rule>();
  #depth = 0;
  #parts = 0;

  constructor(schema: JsonSchema, around: Around) {
    this.#schema = schema;
    this.#around = around;
  }

  root(): Rule {
    const root = this.#net.rule();
    try {
      this.#draw(root);
    } catch (error) {
      if (error instanceof GrammarTooLarge) throw new SchemaError('#', error.message);
      // References may be nested as deeply as a body has room for.
      if (error instanceof RangeError) throw new SchemaError('#', say`it is nested too deeply`);
      throw error;
    }
    return root;
  }

  #draw(root: Rule): void {
    const json = this.#net.sequence(this.#json.space, this.#value(this.#schema, '#'));
    this.#net.define(root, this.#around(this.#net, json));
    if (!removeDeadEnds(this.#net.states, root)) throw new SchemaError('#', say`no value fulfils it`);
    if (isLeftRecursive(this.#net.states, root))
      throw new SchemaError('#', say`a $ref leads back to itself with nothing between`);
    shorten(this.#net.states);
  }

  #value(schema: unknown, place: string): Piece {
    if (!isSchema(schema)) throw new SchemaError(place, say`expected a schema`);
    if (schema === true) return this.#json.any();
    if (schema === false) return this.#net.choice();
    if (++this.#depth > maxDepth) throw new SchemaError(place, say`it is nested more than ${maxDepth} deep`);
    this.#count(schema);
    const piece = this.#constrained(constraintsOf(schema, place), place);
    this.#depth--;
    return piece;
  }

  /** References and combinations can make a short schema grow without end. */
  #count(...schemas: readonly SchemaObject[]): void {
    for (const { properties, required, enum: values } of schemas)
      this.#parts += 1 + sizeOf(properties) + sizeOf(required) + sizeOf(values);
    if (this.#parts > maxParts) throw new GrammarTooLarge();
  }

  #constrained(schema: SchemaObject, place: string): Piece {
    const { $ref, allOf, anyOf, oneOf, ...rest } = schema;
    const isAlone =
      Object.keys(rest).length === 0 && [$ref, allOf, anyOf, oneOf].filter(Boolean).length === 1;
    if ($ref !== undefined) {
      if (isAlone) return this.#net.call(this.#ruleAt($ref, place));
      const referred = this.#schemaAt($ref, place);
      return this.#both(without(schema, '$ref'), referred, place);
    }
    if (allOf !== undefined) {
      const parts = schemasIn(allOf, `${place}/allOf`);
      const [first, ...others] = parts;
      const left = others.length === 0 ? without(schema, 'allOf') : { ...schema, allOf: others };
      return isAlone && others.length === 0
        ? this.#value(first, `${place}/allOf/0`)
        : this.#both(left, first!, place);
    }
    for (const [keyword, options] of [
      ['anyOf', anyOf],
      ['oneOf', oneOf],
    ] as const) {
      if (options === undefined) continue;
      const own = schemasIn(options, `${place}/${keyword}`);
      if (keyword === 'oneOf') this.#checkApart(own, `${place}/oneOf`);
      const pieces = own.map((option, i) =>
        isAlone
          ? this.#value(option, `${place}/${keyword}/${i}`)
          : this.#both(without(schema, keyword), option, place),
      );
      return this.#net.choice(...pieces);
    }
    if ('const' in rest || 'enum' in rest) return this.#constants(rest, place);
    const types = typesOf(rest, place);
    return this.#net.choice(...types.map((type) => this.#ofType(type, rest, place)));
  }

  #combined(schema: SchemaObject, place: string): Piece {
    const isOfNoType = Array.isArray(schema.type) && schema.type.length === 0;
    return isOfNoType ? this.#net.choice() : this.#constrained(schema, place);
  }

  #both(a: SchemaObject, b: JsonSchema, place: string): Piece {
    if (typeof b === 'boolean') return b ? this.#value(a, place) : this.#net.choice();
    if (++this.#depth > maxDepth)
      throw new SchemaError(
        place,
        say`a $ref leads back to itself, or more than ${maxDepth} schemas are combined`,
      );
    this.#count(a, b);
    const inner = resolvesFirst(b) ? this.#schemaAt(b.$ref, place) : undefined;
    const piece = inner
      ? this.#both(merged(a, without(b, '$ref'), place), inner, place)
      : this.#combined(merged(a, b, place), place);
    this.#depth--;
    return piece;
  }

  /** The values of `const` or `enum`; other keywords beside them are refused. */
  #constants(schema: SchemaObject, place: string): Piece {
    const { const: constant, enum: values = [constant], type, ...rest } = schema;
    const others = Object.keys(rest).filter((keyword) => keyword !== 'const');
    if (others.length > 0)
      throw new SchemaError(place, say`${others[0]} is not supported beside enum or const`);
    if (!Array.isArray(values) || values.length === 0)
      throw new SchemaError(`${place}/enum`, say`expected a list of values`);
    const types = type === undefined ? undefined : typesOf({ type }, place);
    const isConstant = (value: unknown) =>
      !('const' in schema) || JSON.stringify(value) === JSON.stringify(constant);
    const allowed = values.filter(
      (value) => isConstant(value) && (!types || types.some((each) => isOfType(value, each))),
    );
    return this.#net.choice(...allowed.map((value) => this.#json.constant(value as JsonValue)));
  }

  #ofType(type: Type, schema: SchemaObject, place: string): Piece {
    switch (type) {
      case 'object':
        return this.#object(schema, place);
      case 'array':
        return this.#array(schema, place);
      case 'string':
        return this.#string(schema, place);
      case 'number':
      case 'integer':
        return this.#number(schema, type === 'integer', place);
      case 'boolean':
        return this.#net.choice(this.#net.literal('true'), this.#net.literal('false'));
      case 'null':
        return this.#net.literal('null');
    }
  }

  #object(schema: SchemaObject, place: string): Piece {
    const { properties = {}, required = [], additionalProperties: others } = schema;
    if (!isObject(properties)) throw new SchemaError(`${place}/properties`, say`expected schemas by name`);
    if (!isTexts(required)) throw new SchemaError(`${place}/required`, say`expected a list of names`);
    const names = Object.keys(properties);
    const isOpen = names.length === 0 && required.length === 0 && others === undefined;
    if (isOpen) return this.#json.anyObject();
    const unnamed = required.find((name) => !names.includes(name));
    if (unnamed !== undefined) {
      if (others === false) return this.#net.choice();
      throw new SchemaError(`${place}/required`, say`${JSON.stringify(unnamed)} is not among the properties`);
    }
    const drawn = names.map(
      (name): Property => ({
        name,
        value: this.#value(properties[name], `${place}/properties/${pointerPart(name)}`),
        isRequired: required.includes(name),
      }),
    );
    if (others === undefined || others === false) return this.#json.object(drawn);
    return this.#json.object(drawn, this.#value(others, `${place}/additionalProperties`));
  }

  #array({ items, prefixItems = [], minItems, maxItems }: SchemaObject, place: string): Piece {
    const first = prefixItems === undefined ? [] : prefixItems;
    if (!Array.isArray(first)) throw new SchemaError(`${place}/prefixItems`, say`expected a list of schemas`);
    if (Array.isArray(items))
      throw new SchemaError(`${place}/items`, say`expected one schema; a list is for prefixItems`);
    const least = countOf(minItems, `${place}/minItems`) ?? 0;
    const most = countOf(maxItems, `${place}/maxItems`) ?? Infinity;
    if (least > most) return this.#net.choice();
    const drawn = first.map((schema, i) => this.#value(schema, `${place}/prefixItems/${i}`));
    // As with properties, items beyond prefixItems are accepted only if the schema asks for them.
    const isRest = items !== false && (items !== undefined || first.length === 0);
    // A rule, so that a list of many has each item drawn once.
    const item = this.#net.rule();
    if (isRest) this.#net.define(item, this.#value(items ?? true, `${place}/items`));
    const rest = isRest ? this.#net.call(item) : undefined;
    if (!rest && least > first.length) return this.#net.choice();
    return this.#json.list(drawn, rest, least, rest ? most : Math.min(most, first.length));
  }

  #string({ minLength, maxLength, pattern, format }: SchemaObject, place: string): Piece {
    const least = countOf(minLength, `${place}/minLength`) ?? 0;
    const most = countOf(maxLength, `${place}/maxLength`) ?? Infinity;
    if (least > most) return this.#net.choice();
    const isLimited = least > 0 || most < Infinity;
    // A format together with a pattern only names what the pattern says.
    const [keyword, source] =
      pattern === undefined ? ['format', formatPattern(format, place)] : ['pattern', pattern];
    if (source === undefined) return this.#json.string(least, most);
    if (typeof source !== 'string')
      throw new SchemaError(`${place}/pattern`, say`expected a regular expression`);
    if (isLimited)
      throw new SchemaError(place, say`minLength and maxLength are not supported beside ${keyword}`);
    try {
      return this.#json.between(patternPiece(this.#net, source));
    } catch (error) {
      if (error instanceof GrammarTooLarge) throw error;
      throw new SchemaError(`${place}/pattern`, `${JSON.stringify(source)} ${(error as Error).message}`);
    }
  }

  #number(schema: SchemaObject, isInteger: boolean, place: string): Piece {
    const bound = (keyword: string) => {
      const value = schema[keyword];
      if (value === undefined) return undefined;
      if (typeof value !== 'number') throw new SchemaError(`${place}/${keyword}`, say`expected a number`);
      return value;
    };
    const [least, above] = [bound('minimum') ?? -Infinity, bound('exclusiveMinimum') ?? -Infinity];
    const [most, below] = [bound('maximum') ?? Infinity, bound('exclusiveMaximum') ?? Infinity];
    const [minimum, maximum] = [Math.max(least, above), Math.min(most, below)];
    if (minimum > maximum) return this.#net.choice();
    if (minimum === -Infinity && maximum === Infinity)
      return isInteger ? anyInteger(this.#net) : anyNumber(this.#net);
    const [isAbove, isBelow] = [above >= least && above > -Infinity, below <= most && below < Infinity];
    if (!isInteger) return numberBetween(this.#net, { minimum, maximum, isAbove, isBelow }, false);
    const from = isAbove ? Math.floor(minimum) + 1 : Math.ceil(minimum);
    const to = isBelow ? Math.ceil(maximum) - 1 : Math.floor(maximum);
    return from > to ? this.#net.choice() : numberBetween(this.#net, { minimum: from, maximum: to }, true);
  }

  /**
   * Requires that no value satisfies two of the options: their types differ, or a property distinguishes the objects.
   */
  #checkApart(options: readonly JsonSchema[], place: string): void {
    const shapes = options.map((option) => this.#shapeOf(option, place));
    const size = shapes.reduce((sum, { enum: values }) => sum + 1 + sizeOf(values), 0);
    if (size * shapes.length > maxPairs) throw new GrammarTooLarge();
    for (const [i, a] of shapes.entries())
      for (const [j, b] of shapes.slice(0, i).entries())
        if (!areApart(a, b))
          throw new SchemaError(
            place,
            say`options ${j} and ${i} may both hold, which is not supported; use anyOf`,
          );
  }

  #shapeOf(option: JsonSchema, place: string): SchemaObject {
    let shape = option;
    for (let hops = 0; isObject(shape) && '$ref' in shape && hops < maxDepth; hops++)
      shape = this.#schemaAt(shape.$ref, place);
    return isObject(shape) ? shape : {};
  }

  #ruleAt(ref: unknown, place: string): Rule {
    const schema = this.#schemaAt(ref, place);
    const known = this.#rules.get(ref as string);
    if (known) return known;
    const rule = this.#net.rule();
    this.#rules.set(ref as string, rule);
    const depth = this.#depth;
    this.#depth = 0; // the target of a reference is a text of its own
    this.#net.define(rule, this.#value(schema, ref as string));
    this.#depth = depth;
    return rule;
  }

  #schemaAt(ref: unknown, place: string): JsonSchema {
    const refuse = (problem: string) => new SchemaError(`${place}/$ref`, problem);
    if (typeof ref !== 'string' || !/^#(\/|$)/.test(ref))
      throw refuse(
        say`expected a path in the schema itself, such as #/$defs/name, got ${JSON.stringify(ref)}`,
      );
    let found: unknown = this.#schema;
    for (const part of ref.split('/').slice(1)) {
      const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
      const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, name);
      if (!isThere) throw refuse(say`there is nothing at ${ref}`);
      found = (found as SchemaObject)[name];
    }
    if (!isSchema(found)) throw refuse(say`there is no schema at ${ref}`);
    return found;
  }
}

/** Without percent signs for characters, where there are any. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const sizeOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.keys(value).length : 0;

const resolvesFirst = (schema: SchemaObject) => schema.$ref !== undefined;

function without(schema: SchemaObject, keyword: string): SchemaObject {
  const { [keyword]: _, ...rest } = schema;
  return rest;
}

function schemasIn(value: unknown, place: string): readonly JsonSchema[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isSchema))
    throw new SchemaError(place, say`expected a list of schemas`);
  return value;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

/** The types to generate: those that are named, or that the keywords apply to, or all. */
function typesOf({ type, ...rest }: SchemaObject, place: string): readonly Type[] {
  const named = [type ?? []].flat();
  const unknown = named.find((each) => !allTypes.includes(each as Type));
  if (unknown !== undefined || (Array.isArray(type) && type.length === 0))
    throw new SchemaError(
      `${place}/type`,
      say`expected one of ${allTypes.join(', ')}, got ${JSON.stringify(unknown ?? type)}`,
    );
  if (named.length > 0) return named as Type[];
  const implied = [...new Set(Object.keys(rest).map((keyword) => typeOfKeyword[keyword]!))];
  return implied.length > 0 ? implied : allTypes.filter((each) => each !== 'integer');
}

function isOfType(value: unknown, type: Type): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function areApart(a: SchemaObject, b: SchemaObject): boolean {
  const [first, second] = [constantsOf(a), constantsOf(b)];
  if (first && second) return !first.some((value) => second.includes(value));
  const [types, others] = [kindsOf(a), kindsOf(b)];
  if (types && others && !types.some((type) => others.includes(type))) return true;
  return isObjectOnly(a) && isObjectOnly(b) && propertiesTellApart(a, b);
}

function propertiesTellApart(a: SchemaObject, b: SchemaObject): boolean {
  return [a.required ?? []].flat().some((name) => {
    if (typeof name !== 'string' || ![b.required ?? []].flat().includes(name)) return false;
    const [first, second] = [a, b].map(({ properties }) => (properties as SchemaObject | undefined)?.[name]);
    return isObject(first) && isObject(second) && areApart(first, second);
  });
}

const isObjectOnly = (schema: SchemaObject) => schema.type === 'object';

/** As JSON texts. */
function constantsOf(schema: SchemaObject): readonly string[] | undefined {
  if ('const' in schema) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : undefined;
}

/** Types; integers are also numbers. */
function kindsOf(schema: SchemaObject): readonly string[] | undefined {
  const constants = constantsOf(schema);
  const types = constants
    ? constants.map((text) => allTypes.find((type) => isOfType(JSON.parse(text), type)))
    : schema.type;
  return types === undefined
    ? undefined
    : [types].flat().map((type) => (type === 'integer' ? 'number' : String(type)));
}

function countOf(value: unknown, place: string): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || (value as number) < 0)
    throw new SchemaError(place, say`expected an integer from 0`);
  return value as number;
}

function formatPattern(format: unknown, place: string): string | undefined {
  if (format === undefined) return undefined;
  const pattern = Object.hasOwn(formats, String(format)) ? formats[String(format)] : undefined;
  if (pattern === undefined)
    throw new SchemaError(
      `${place}/format`,
      say`${JSON.stringify(format)} is not supported; expected one of
        ${Object.keys(formats).join(', ')}`,
    );
  return pattern;
}

const pointerPart = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
