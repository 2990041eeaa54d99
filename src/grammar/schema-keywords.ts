/** @file The meaning of JSON Schema's keywords here, and merging schemas that must hold together. */
import { say } from '../say.js';
import { SchemaError } from './schema-error.js';

export type JsonSchema = boolean | Readonly<Record<string, unknown>>;
export type SchemaObject = Readonly<Record<string, unknown>>;

/** Keywords that do not affect validity. */
const annotations = new Set([
  ...['title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$schema', '$id', '$comment', '$anchor', '$defs', 'definitions', 'contentEncoding', 'contentMediaType'],
]);

const supported = new Set([
  ...['$ref', 'allOf', 'anyOf', 'oneOf', 'type', 'enum', 'const'],
  ...['properties', 'required', 'additionalProperties'],
  ...['items', 'prefixItems', 'minItems', 'maxItems'],
  ...['minLength', 'maxLength', 'pattern', 'format'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
]);

/** Values of other keywords with which they have no effect. */
const neutral: Readonly<Record<string, (value: unknown) => boolean>> = {
  uniqueItems: (value) => value === false,
  minProperties: (value) => value === 0,
  patternProperties: (value) => typeof value === 'object' && Object.keys(value ?? {}).length === 0,
};

/**
 * The keywords that affect validity.
 * @throws SchemaError for one that is not supported
 */
export function constraintsOf(schema: SchemaObject, place: string): SchemaObject {
  const constraints: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (annotations.has(keyword) || neutral[keyword]?.(value)) continue;
    if (!supported.has(keyword)) throw new SchemaError(place, say`${keyword} is not supported`);
    constraints[keyword] = value;
  }
  return constraints;
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value);
}

export const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Merges two schemas into one.
 * @throws SchemaError if one schema cannot express both
 */
export function merged(a: SchemaObject, b: SchemaObject, place: string): SchemaObject {
  const [first, second] = [constraintsOf(a, place), constraintsOf(b, place)];
  for (const [own, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const isClosed = own.additionalProperties !== undefined && own.additionalProperties !== true;
    if (isClosed && namesOf(other).some((name) => !namesOf(own).includes(name)))
      throw new SchemaError(place, say`additionalProperties is not supported where schemas are combined`);
    if (own.items !== undefined && own.prefixItems === undefined && other.prefixItems !== undefined)
      throw new SchemaError(place, say`items is not supported where it is combined with prefixItems`);
  }
  const whole: Record<string, unknown> = { ...first };
  for (const [keyword, value] of Object.entries(second)) {
    const other = first[keyword];
    if (other === undefined || JSON.stringify(other) === JSON.stringify(value)) whole[keyword] = value;
    else whole[keyword] = combined(keyword, other, value, place);
  }
  return whole;
}

const namesOf = ({ properties }: SchemaObject): string[] =>
  Object.keys((properties as object | undefined) ?? {});

function combined(keyword: string, a: unknown, b: unknown, place: string): unknown {
  switch (keyword) {
    case 'required':
      return [...new Set([...(a as unknown[]), ...(b as unknown[])])];
    case 'properties':
      return combinedProperties(a as SchemaObject, b as SchemaObject);
    case 'type':
      return commonTypes([a].flat(), [b].flat());
    case 'enum':
      return (a as unknown[]).filter((value) =>
        (b as unknown[]).some((other) => JSON.stringify(other) === JSON.stringify(value)),
      );
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
      return Math.max(Number(a), Number(b));
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
      return Math.min(Number(a), Number(b));
    default:
      throw new SchemaError(place, say`two values of ${keyword} cannot be combined`);
  }
}

/** An integer is a number. */
function commonTypes(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const isIn = (type: unknown, types: readonly unknown[]) =>
    types.includes(type) || (type === 'integer' && types.includes('number'));
  return [...new Set([...a.filter((type) => isIn(type, b)), ...b.filter((type) => isIn(type, a))])];
}

function combinedProperties(a: SchemaObject, b: SchemaObject): SchemaObject {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(
    names.map((name) => [
      name,
      name in a && name in b ? { allOf: [a[name], b[name]] } : (a[name] ?? b[name]),
    ]),
  );
}
