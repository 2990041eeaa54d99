/** @file Inspects a data set before training: counts, lengths, faults and example prompts. */
import { sha256 } from '#platform';
import { PromptuneError } from '../errors.js';
import { type Data, openData } from '../records/data.js';
import { giveTurn } from '../turns.js';
import { type DatasetOptions, recordEncoder, unusedFields } from './dataset.js';
import { countTargets, type EncodedExample } from './encode.js';
import { exampleInput } from './example-input.js';
import { type ExampleToken, exampleTokens } from './example-tokens.js';
import { scalarText } from './fields.js';
import { layoutLanguageOf } from './template.js';
import { type Tokenizer, textAfter } from './tokenizer.js';

export interface CheckOptions extends DatasetOptions {
  /** Rows, a path, or several of these. */
  data: Data;
  /** Another split, to count rows of `data` that it has too. */
  against?: Data;
  /** Number of examples to render. Default 5. */
  examples?: number;
}

export interface DataReport {
  readonly rows: number;
  /** See TextDataset. */
  readonly shape?: string;
  readonly notes: readonly string[];
  /** Token counts of examples before truncation; undefined without examples. */
  readonly tokens?: Lengths;
  /** Total number of label tokens. */
  readonly labelTokens: number;
  readonly maxLength?: number;
  readonly truncated: number;
  readonly dropped: number;
  /** Rows that repeat an earlier example. */
  readonly duplicates: number;
  /** Rows that are also in the other split: the whole example, and at least its prompt. */
  readonly leakage?: { readonly examples: number; readonly prompts: number };
  /** How often each label occurs, most frequent first; undefined without labels. */
  readonly labels?: Readonly<Record<string, number>>;
  /** Fields that are empty or null in some rows, with the number of those rows. */
  readonly emptyFields: Readonly<Record<string, number>>;
  /** Rows that training would refuse, and the first few messages. */
  readonly faults: number;
  readonly messages: readonly string[];
  readonly examples: readonly (readonly Segment[])[];
  /** The same examples token by token. */
  readonly tokenized: readonly TokenizedExample[];
}

export interface TokenizedExample {
  /** Its place among the rows, from 1. */
  readonly row: number;
  readonly tokens: readonly ExampleToken[];
  /** Its number of tokens before truncation. */
  readonly length: number;
  readonly isTruncated: boolean;
  /** What a user would give the adapter to get what the example has, as `samplePrompts` takes it. */
  readonly input?: string;
}

export interface Lengths {
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Examples by their number of tokens: each bar up to and including `upTo`. */
  readonly histogram: readonly { readonly upTo: number; readonly count: number }[];
}

/** A part of an example. */
export interface Segment {
  readonly text: string;
  /** Whether it is trained on. */
  readonly isTarget: boolean;
}

/** Reads all data as training would. Faults of rows are counted; faults of a file or option are thrown. */
export async function checkData(options: CheckOptions): Promise<DataReport> {
  const {
    data,
    against,
    tokenizer,
    maxLength,
    examples: exampleCount = 5,
    labelField = 'label',
    signal,
  } = options;
  const whole = recordEncoder({ ...options, maxLength: undefined });
  const cut = recordEncoder(options);
  const source = await openData(data, options);
  try {
    const first = await source.get(0);
    const layoutLanguage = await layoutLanguageOf(source, options);
    const other =
      against === undefined ? undefined : await digestsOf(against, { ...options, layoutLanguage });
    const encoder = whole(first, layoutLanguage);
    const { encode, shape } = encoder;
    const unread = unusedFields(encoder.fields);
    const { encode: encodeCut } = cut(first, layoutLanguage);
    const shown = new Set(
      Array.from({ length: exampleCount }, (_, i) => Math.floor((i * source.length) / exampleCount)),
    );
    const lengths: number[] = [];
    const seen = new Set<string>();
    const labels = new Map<string, number>();
    const empty = new Map<string, number>();
    const messages: string[] = [];
    const examples: Segment[][] = [];
    const tokenized: TokenizedExample[] = [];
    const labelNames = options.labeling?.labeled === 'answers' ? [] : options.labeling?.labels;
    const count = {
      labelTokens: 0,
      truncated: 0,
      dropped: 0,
      duplicates: 0,
      examples: 0,
      prompts: 0,
      faults: 0,
    };
    let row = 0;
    for await (const record of source) {
      await giveTurn(signal);
      unread.see(record.fields);
      for (const [name, value] of Object.entries(record.fields)) if (isEmpty(value)) add(empty, name);
      const label = scalarText(record.fields[labelField]);
      if (label !== undefined) add(labels, label);
      try {
        const encoded = encode(record)!; // without a limit, none is dropped
        const fitting =
          maxLength === undefined || encoded.inputIds.length <= maxLength ? encoded : encodeCut(record);
        lengths.push(encoded.inputIds.length);
        if (!fitting) count.dropped++;
        else if (fitting !== encoded) count.truncated++;
        if (fitting) count.labelTokens += countTargets(fitting);
        const { example, prompt } = digests(encoded);
        if (seen.has(example)) count.duplicates++;
        seen.add(example);
        if (other?.examples.has(example)) count.examples++;
        if (other?.prompts.has(prompt)) count.prompts++;
        if (shown.has(row)) {
          const example = fitting ?? encoded;
          const { vocabSize } = options;
          examples.push(segmentsOf(example, tokenizer, vocabSize));
          const tokens = exampleTokens(example, tokenizer, { vocabSize, labelNames });
          const input = options.labeling ? undefined : exampleInput(record, encoder.prompts, tokens);
          tokenized.push({
            row: row + 1,
            tokens,
            length: encoded.inputIds.length,
            isTruncated: fitting !== encoded,
            ...(input !== undefined && { input }),
          });
        }
      } catch (error) {
        if (!(error instanceof PromptuneError)) throw error;
        count.faults++;
        if (messages.length < 5) messages.push(error.message);
      }
      row++;
    }
    const { examples: sameExamples, prompts, ...counts } = count;
    return {
      rows: source.length,
      shape,
      notes: [...unread.notes(), ...(encoder.notes?.() ?? [])],
      tokens: lengths.length > 0 ? describeLengths(lengths) : undefined,
      maxLength,
      ...counts,
      ...(against !== undefined && { leakage: { examples: sameExamples, prompts } }),
      ...(labels.size > 0 && { labels: byCount(labels) }),
      emptyFields: byCount(empty),
      messages,
      examples,
      tokenized,
    };
  } finally {
    await source.close();
  }
}

const add = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
const byCount = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** Digests of an example and of its prompt, which are equal if these are. */
function digests({ inputIds, lossMask, labels }: EncodedExample): { example: string; prompt: string } {
  const given = labels ? inputIds : inputIds.subarray(0, lossMask.indexOf(1));
  const digest = (numbers: ArrayLike<number>) =>
    sha256().update(Array.from(numbers).join(' ')).hex().slice(0, 32);
  return {
    example: digest([...inputIds, -1, ...(labels ?? [])]),
    prompt: digest(given.length > 0 ? given : inputIds),
  };
}

async function digestsOf(data: Data, options: DatasetOptions) {
  const source = await openData(data, options);
  const found = { examples: new Set<string>(), prompts: new Set<string>() };
  try {
    const { encode } = recordEncoder({ ...options, maxLength: undefined })(
      await source.get(0),
      options.layoutLanguage,
    );
    for await (const record of source) {
      const { example, prompt } = digests(encode(record)!);
      found.examples.add(example);
      found.prompts.add(prompt);
    }
  } finally {
    await source.close();
  }
  return found;
}

function describeLengths(lengths: number[]): Lengths {
  const sorted = Int32Array.from(lengths).sort();
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const width = Math.max(1, Math.ceil((max - min + 1) / 8));
  const bars = Math.ceil((max - min + 1) / width);
  const histogram = Array.from({ length: bars }, (_, i) => ({ upTo: min + (i + 1) * width - 1, count: 0 }));
  for (const length of sorted) histogram[Math.floor((length - min) / width)]!.count++;
  return { min, median: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max, histogram };
}

/** The example's text, split where training targets begin and end. Soft tokens are written as in a template. */
function segmentsOf(
  { inputIds, lossMask, labels }: EncodedExample,
  tokenizer: Tokenizer,
  vocabSize = Number.POSITIVE_INFINITY,
): Segment[] {
  const segments: Segment[] = [];
  const isSoft = (at: number) => inputIds[at]! >= vocabSize;
  for (let from = 0; from < inputIds.length; ) {
    const isAlike = (at: number) => lossMask[at] === lossMask[from] && isSoft(at) === isSoft(from);
    let to = from + 1;
    while (to < inputIds.length && isAlike(to)) to++;
    const isTarget = lossMask[from] === 1;
    const label = labels?.[from];
    const text = isSoft(from)
      ? `{soft:${to - from}}`
      : textAfter(tokenizer, inputIds.slice(0, from), inputIds.slice(from, to));
    // The label of a mask is another token than the mask itself.
    const said = isTarget && label !== undefined ? `${text}=${tokenizer.decode([label])}` : text;
    segments.push({ text: said, isTarget });
    from = to;
  }
  return segments;
}
