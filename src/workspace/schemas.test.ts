/** @file The schemas of all configurations as JSON Schema, for forms and for other languages. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import {
  dataSchema,
  generationOptionsSchema,
  methods,
  optimizerSchema,
  runSchema,
  scheduleSchema,
  searchSchemas,
  selectorSchema,
  trainingSchema,
} from '../index.js';
import { comparisonSchema, newModelSchema, trainRequestSchema } from './index.js';

const schemas: Readonly<Record<string, z.ZodType>> = {
  run: runSchema,
  request: trainRequestSchema,
  data: dataSchema,
  training: trainingSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  generation: generationOptionsSchema,
  selector: selectorSchema,
  comparison: comparisonSchema,
  newModel: newModelSchema,
  ...searchSchemas,
  ...Object.fromEntries(methods.map(({ name, schema }) => [`method ${name}`, schema])),
};

/** What a program alone can give, an adapter in memory, may be anything to others. */
const options = { io: 'input', unrepresentable: 'any' } as const;

it.each(Object.entries(schemas))('%s converts, and describes each key', (_, schema) => {
  const { properties, oneOf } = z.toJSONSchema(schema, options);
  const parts = oneOf ?? [{ properties }];
  for (const part of parts as { properties?: Record<string, { description?: string; const?: unknown }> }[])
    for (const [key, { description, const: only }] of Object.entries(part.properties ?? {}))
      if (only === undefined) expect(description, key).toMatch(/\w/);
});

it('has defaults, choices, limits and paths', () => {
  const { properties } = z.toJSONSchema(runSchema, options);
  expect(properties).toMatchObject({
    data: { format: 'path', description: expect.stringContaining('training data') },
    truncation: { enum: expect.arrayContaining(['prompt']), default: 'prompt' },
    epochs: { type: 'integer', exclusiveMinimum: 0 },
    batchSize: { type: 'integer', exclusiveMinimum: 0, default: 8 },
    method: { default: 'prompt-tuning' },
  });
});
