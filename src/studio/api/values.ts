/** @file What requests and answers of several kinds have. */
import * as z from 'zod';

export const jsonValues = z.record(z.string(), z.unknown());
/** A JSON Schema, for a form. */
export const jsonSchema = z.record(z.string(), z.unknown());
/** A time as ISO 8601. */
export const time = z.string();
export const count = z.int().nonnegative();
