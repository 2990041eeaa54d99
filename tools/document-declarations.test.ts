import { expect, it } from 'vitest';
import * as z from 'zod';
import { withComments } from './document-declarations.js';

const schema = z.strictObject({
  rank: z.int().default(8).describe('rank of the update'),
  layers: z.array(z.int()).optional().describe('indices (default: all)'),
  plain: z.string(),
  optimizer: z
    .union([z.strictObject({ name: z.literal('adamw'), beta1: z.number().default(0.9).describe('of m') })])
    .default({ name: 'adamw', beta1: 0.9 })
    .describe('the optimizer'),
});

it("puts descriptions and defaults before the types of a schema's keys, at any depth, in their lines", () => {
  const declarations = `/** A page. */
export declare const config: z.ZodObject<{
    rank: z.ZodDefault<z.ZodInt>;
    layers: z.ZodOptional<z.ZodArray<z.ZodInt>>;
    plain: z.ZodString;
    optimizer: z.ZodDefault<z.ZodUnion<readonly [z.ZodObject<{
        name: z.ZodLiteral<"adamw">;
        beta1: z.ZodDefault<z.ZodNumber>;
    }, z.core.$strict>]>>;
}, z.core.$strict>;
export declare const methods: readonly [import("./method.js").Method<"lora", z.ZodObject<{
    rank: z.ZodDefault<z.ZodInt>;
}, z.core.$strict>>];
declare const other: z.ZodObject<{
    rank: z.ZodInt;
}, z.core.$strict>;
`;
  expect(withComments(declarations, { config: schema, methods: [{ name: 'lora', schema }] })).toBe(
    declarations
      .replaceAll('rank: z.ZodDefault', '/** Rank of the update (default: 8). */ rank: z.ZodDefault')
      .replace('layers:', '/** Indices (default: all). */ layers:')
      .replace('optimizer:', '/** The optimizer. */ optimizer:')
      .replace('beta1:', '/** Of m (default: 0.9). */ beta1:'),
  );
});
