/** @file Methods and keys of a configuration have Chinese words, also the newest ones. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { methods, runSchema } from '../../../src/index.js';
import { type FormField, fieldsOf, type JsonSchema } from '../ui/schema-form.js';
import { options as en } from './en/options.js';
import { options as zh } from './zh/options.js';

const jsonSchemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

it.each(methods.map((method) => [method.name, method] as const))('%s', (name, { schema }) => {
  for (const words of [en.methods, en.costs, zh.methods, zh.costs, zh.summaries])
    expect(words).toHaveProperty(name);
  for (const field of fieldsOf(jsonSchemaOf(schema))) expectWords(field);
});

it('a run', () => {
  const settings = runSchema.omit({ data: true, method: true, methodOptions: true });
  for (const field of fieldsOf(jsonSchemaOf(settings))) {
    const { kind, schema } = field;
    expectWords(field);
    const groups = kind === 'group' ? (schema.oneOf ?? [schema]) : [];
    for (const inner of groups.flatMap(fieldsOf)) expectWords(inner);
  }
});

function expectWords({ key, schema: { description } }: FormField) {
  expect(zh.labels, `label of ${key}`).toHaveProperty([key]);
  if (description === undefined) return;
  expect(zh.hint(key, description), `hint of ${key}: ${description}`).toMatch(/\p{Script=Han}/u);
}
