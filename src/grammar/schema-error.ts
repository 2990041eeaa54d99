/** @file Errors for JSON Schemas that are invalid or not supported. */

export class SchemaError extends Error {
  /** @param place a path as in a `$ref`, such as `#/properties/age` */
  constructor(
    readonly place: string,
    readonly problem: string,
  ) {
    super(`${place}: ${problem}`);
  }
}
