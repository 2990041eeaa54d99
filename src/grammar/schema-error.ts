/** @file What is wrong with a JSON Schema, or more than is supported here. */

export class SchemaError extends Error {
  /** @param place a path as in a `$ref`, such as `#/properties/age` */
  constructor(
    readonly place: string,
    readonly problem: string,
  ) {
    super(`${place}: ${problem}`);
  }
}
