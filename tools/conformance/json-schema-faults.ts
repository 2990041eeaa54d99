/**
 * @file What is wrong with a value by a JSON Schema, for schemas of other people's documents, such as OpenAPI's. It
 *   knows the keywords that describe shapes; limits, formats and patterns are not looked at.
 */

type Schema = Readonly<Record<string, unknown>>;

/** The faults of a value; none if it is valid. @param document what references in the schema are looked up in */
export function faultsOf(value: unknown, schema: unknown, document: object, place = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return schema === false ? [`${place}: not allowed`] : [];
  const { $ref, anyOf, oneOf, allOf, ...rest } = schema as Schema;
  const faults: string[] = [];
  if (typeof $ref === 'string') faults.push(...faultsOf(value, referred(document, $ref), document, place));
  for (const part of (allOf as unknown[]) ?? []) faults.push(...faultsOf(value, part, document, place));
  for (const options of [anyOf, oneOf] as (unknown[] | undefined)[]) {
    if (!options) continue;
    const each = options.map((option) => faultsOf(value, option, document, place));
    const least = each.reduce((best, faults) => (faults.length < best.length ? faults : best));
    faults.push(...least);
  }
  return [...faults, ...ownFaults(value, rest, document, place)];
}

function ownFaults(value: unknown, schema: Schema, document: object, place: string): string[] {
  if (value === null && schema.nullable === true) return [];
  const { type, enum: values, const: constant } = schema;
  const types = [type ?? []].flat() as string[];
  if (types.length > 0 && !types.some((each) => isOfType(value, each)))
    return [`${place}: expected ${types.join(' or ')}, got ${JSON.stringify(value)?.slice(0, 60)}`];
  if (Array.isArray(values) && !values.includes(value))
    return [`${place}: ${JSON.stringify(value)} is none of ${JSON.stringify(values)}`];
  if (constant !== undefined && value !== constant)
    return [`${place}: expected ${JSON.stringify(constant)}, got ${JSON.stringify(value)}`];
  if (Array.isArray(value))
    return value.flatMap((item, i) => faultsOf(item, schema.items, document, `${place}/${i}`));
  if (typeof value !== 'object' || value === null) return [];
  const properties = (schema.properties ?? {}) as Schema;
  const missing = ((schema.required ?? []) as string[]).filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => `${place}/${name}: is missing`),
    ...Object.entries(value).flatMap(([name, own]) => {
      const inner = Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
      return faultsOf(own, inner, document, `${place}/${name}`);
    }),
  ];
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

/** What a reference such as `#/components/schemas/Model` names. */
function referred(document: object, reference: string): unknown {
  const path = reference.replace(/^#\//, '').split('/');
  return path.reduce<unknown>((at, name) => {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at === 'object' && at !== null && Object.hasOwn(at, key)) return (at as Schema)[key];
    throw new Error(`the document has no ${reference}`);
  }, document);
}
