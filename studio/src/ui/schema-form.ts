/**
 * @file JSON Schemas as fields of a form: what kind of control a key has, and its value from and to text. A value that
 *   is undefined means the default.
 */

export interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

export type Values = Readonly<Record<string, unknown>>;

export type FieldKind =
  | 'choice'
  | 'switch'
  /** Yes, no, or as it comes. */
  | 'decision'
  | 'number'
  | 'text'
  /** A number or a text, whichever it looks like. */
  | 'value'
  /** Several, separated by commas. */
  | 'list'
  /** An object without known keys, as JSON. */
  | 'json'
  /** An object with keys of its own; with `oneOf`, the key `name` says which. */
  | 'group';

export interface FormField {
  readonly key: string;
  readonly kind: FieldKind;
  readonly schema: JsonSchema;
}

export const fieldsOf = ({ properties = {} }: JsonSchema): FormField[] =>
  Object.entries(properties).map(([key, schema]) => ({ key, kind: kindOf(schema), schema }));

function kindOf(schema: JsonSchema): FieldKind {
  const { type, enum: choices, properties, anyOf = [], oneOf, default: byDefault } = schema;
  if (choices) return 'choice';
  if (properties || oneOf) return 'group';
  if (type === 'boolean') return byDefault === undefined ? 'decision' : 'switch';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string') return 'text';
  if (type === 'array') return 'list';
  const isNumber = ({ type }: JsonSchema) => type === 'integer' || type === 'number';
  if (anyOf.some(isNumber)) return 'value';
  if (anyOf.some(({ type }) => type === 'string')) return 'text';
  return 'json';
}

/** The branch of a group that has alternatives, and the names of all. */
export function branchOf(
  schema: JsonSchema,
  values: Values,
): { branch: JsonSchema; names: readonly string[] } {
  const { oneOf } = schema;
  if (!oneOf) return { branch: schema, names: [] };
  const nameOf = ({ properties }: JsonSchema) => String(properties?.name?.const);
  const chosen = values.name ?? (schema.default as Values | undefined)?.name;
  const branch = oneOf.find((one) => nameOf(one) === chosen) ?? oneOf[0]!;
  return { branch, names: oneOf.map(nameOf) };
}

/** How a value looks in its control. */
export function textOf(kind: FieldKind, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (kind === 'list' && Array.isArray(value)) return value.join(', ');
  if (kind === 'json') return JSON.stringify(value);
  return String(value);
}

/**
 * What a control's text means; undefined for the default. Text that is no such value stays as it is: whoever checks the
 * configuration says what is wrong with it.
 */
export function valueFrom({ kind, schema }: FormField, text: string): unknown {
  if (text.trim() === '') return undefined;
  switch (kind) {
    case 'number':
    case 'value':
      return Number.isNaN(Number(text)) ? text : Number(text);
    case 'list': {
      const isNumbers = schema.items?.type === 'integer' || schema.items?.type === 'number';
      const parts = text
        .split(/[,，]/)
        .map((part) => part.trim())
        .filter((part) => part !== '');
      return parts.map((part) => (isNumbers && !Number.isNaN(Number(part)) ? Number(part) : part));
    }
    case 'json':
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    default:
      return text;
  }
}

/** Values with one more or, for undefined, one less. */
export function withValue(values: Values, key: string, value: unknown): Values {
  const { [key]: _, ...others } = values;
  return value === undefined ? others : { ...others, [key]: value };
}

/** `numVirtualTokens` as `Num virtual tokens`. */
export function spacedOut(key: string): string {
  const words = key.replace(/([a-z\d])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
