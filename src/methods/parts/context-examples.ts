/** @file The examples of a context-aware prompt: a data file and a template as tokens, with the kind of each token. */

import type { TokenEncoder } from '../../attach/method.js';
import { UsageError } from '../../errors.js';
import { dataError } from '../../records/data-error.js';
import type { DataRecord } from '../../records/records.js';
import { say } from '../../say.js';
import { fieldText } from '../../text/fields.js';

/** Kinds of tokens. PEFT's `cpt_tokens_type_mask` has the kind plus 4 times the example's index. */
export const tokenKinds = { inputFormat: 1, input: 2, labelFormat: 3, label: 4 } as const;

export interface ContextExamples {
  readonly ids: readonly number[];
  /** PEFT's `cpt_tokens_type_mask`. */
  readonly types: readonly number[];
}

/**
 * A piece of the template: text, or a field with the space before it. Each is tokenized separately, being of one kind.
 */
interface Part {
  readonly text: string;
  readonly field?: string;
  readonly kind: number;
}

/**
 * Encodes `records` as examples.
 * @param template with fields in braces, of which the last is the label
 * @throws UsageError for a template with fewer than two fields, and an error that names the record for a missing field
 *   or a label without tokens
 */
export async function readContextExamples(
  records: Iterable<DataRecord> | AsyncIterable<DataRecord>,
  template: string,
  tokenizer: TokenEncoder,
): Promise<ContextExamples> {
  const parts = partsOf(template);
  const ids: number[] = [];
  const types: number[] = [];
  let example = 0;
  for await (const record of records) {
    for (const { text, field, kind } of parts) {
      const tokens = tokenizer.encode(field === undefined ? text : text + fieldText(record, field));
      if (kind === tokenKinds.label && tokens.length === 0)
        throw dataError(
          record,
          say`the label ${JSON.stringify(field)} is empty; fill it in or remove the record`,
        );
      ids.push(...tokens);
      types.push(...tokens.map(() => kind + 4 * example));
    }
    example++;
  }
  return { ids, types };
}

function partsOf(template: string): Part[] {
  const fields = [...template.matchAll(/( ?)\{([^{}]+)\}/g)];
  if (fields.length < 2)
    throw new UsageError(
      say`examplesTemplate ${JSON.stringify(template)} has
        ${fields.length === 1 ? say`one field` : say`no field`}; expected two or more, the last
        being the label, as in "{text} -> {label}"`,
    );
  const parts: Part[] = [];
  let end = 0;
  for (const [i, match] of fields.entries()) {
    const [whole, space, field] = match as unknown as [string, string, string];
    const leadsToLabel = i === fields.length - 1;
    const format = leadsToLabel ? tokenKinds.labelFormat : tokenKinds.inputFormat;
    parts.push({ text: template.slice(end, match.index), kind: format });
    parts.push({ text: space, field, kind: leadsToLabel ? tokenKinds.label : tokenKinds.input });
    end = match.index + whole.length;
  }
  parts.push({ text: template.slice(end), kind: tokenKinds.labelFormat });
  return parts.filter(({ text, field }) => field !== undefined || text !== '');
}
