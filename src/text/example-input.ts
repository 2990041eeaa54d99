/** @file What a user would give a learned prompt to get what a record has: an input, as `samplePrompts` takes one. */
import type { DataRecord } from '../records/records.js';
import { conversationOf } from './conversations.js';
import type { PromptForm } from './encode.js';
import type { ExampleToken } from './example-tokens.js';
import { scalarText } from './fields.js';
import { promptTemplate } from './template.js';

/**
 * What the user says, the value of the only field of the prompt's template, those of several as a JSON object, or the
 * prompt as it is. Undefined for a conversation with more before the answer, and where the record lacks a field.
 * @param prompts how new prompts are written; undefined for as they are
 * @param tokens of the record's example
 */
export function exampleInput(
  record: DataRecord,
  prompts: PromptForm | undefined,
  tokens: readonly ExampleToken[],
): string | undefined {
  if (prompts?.chat) {
    const { messages } = conversationOf(record);
    const [first, second] = messages;
    const isQuestion = first?.role === 'user' && second?.role === 'assistant';
    return isQuestion && typeof first.content === 'string' ? first.content : undefined;
  }
  if (prompts?.promptTemplate !== undefined) {
    const fields = [...promptTemplate(prompts.promptTemplate).fields];
    if (fields.length === 1) return scalarText(record.fields[fields[0]!]);
    const values = fields.map((field) => [field, record.fields[field]] as const);
    if (values.length === 0 || values.some(([, value]) => value == null)) return undefined;
    return JSON.stringify(Object.fromEntries(values));
  }
  const end = tokens.findIndex(({ isTarget }) => isTarget);
  const text = tokens
    .slice(0, Math.max(0, end))
    .map(({ text }) => text)
    .join('');
  return text === '' ? undefined : text;
}
